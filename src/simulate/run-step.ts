import type { FileSystem } from '../filesystem/tree';
import { WritableLayer } from '../filesystem/writable';
import { workingDirectory } from '../graph/environment';
import type { RunAction, Step } from '../graph/step';
import { leastCertain, modelledFor } from '../layers/certainty';
import { comparePaths, containerPath } from '../layers/path';
import { readAccounts, runUser } from './accounts';
import { mountVolumes } from './commit-container';
import { restingOnGuess, withUnreadWhiteouts } from './guesses';
import type { Inputs } from './inputs';
import { changesIn } from './layer-changes';
import { namingOrigin } from './origins';
import { BuildError, comparing, type Outcome, outcome } from './outcome';
import { lateDoubts } from './run/commands/late-doubts';
import { HOST_NAME, hostNameDoubts } from './run/host-name';
import { holdsUnknown } from './run/unknown-text';
import { mountForRun } from './run-mounts';
import { mountSystemFolders, SYSTEM_FOLDERS } from './system-mounts';
import { withoutUnknownNames } from './unknown-names';

/** RUN, through the shell engine. Throws `BuildError` where the build would fail for certain. */
export async function simulateRun(
  step: Step,
  action: RunAction,
  fileSystem: FileSystem,
  inputs: Inputs,
): Promise<Outcome> {
  const { config } = step.environment;
  const layer = new WritableLayer(fileSystem, inputs.clock, inputs.limits.bytes);
  const accounts = await readAccounts(fileSystem, inputs.reader);
  const user = runUser(config.User ?? '', accounts);
  if (typeof user === 'string' && !accounts.doubt) throw new BuildError(user);
  const who = typeof user === 'string' ? { uid: 0, gid: 0, groups: [], home: '/root' } : user;
  const cwd = containerPath(workingDirectory(config));
  const system = mountSystemFolders(layer, inputs.traits, action.script);
  for (const folder of foldersTo(workingDirectory(config))) layer.makeFolders(folder, FOLDER);
  const volumes = inputs.traits.commitsContainers ? mountVolumes(layer, config) : [];
  const mounts = mountForRun(action.mounts, layer, inputs);
  const setUpDoubts = [...layer.takeDoubts().values()].map(({ reason }) => reason);
  layer.credentials = who;
  const env = new Map(action.variables);
  // An empty HOME counts as none.
  if (!env.get('HOME')) env.set('HOME', who.home);
  if (inputs.traits.hostNameVaries && !env.has('HOSTNAME')) env.set('HOSTNAME', HOST_NAME);
  const report = await inputs.engine.run({
    argv: action.argv,
    env,
    cwd,
    fileSystem: layer,
    reader: inputs.reader,
    architecture: inputs.architecture,
    limits: inputs.limits,
    ...(inputs.signal && { signal: inputs.signal }),
    ...(inputs.listen && { listen: inputs.listen }),
  });
  const doubts = new Set([...setUpDoubts, ...mounts.reasons]);
  if (accounts.doubt && config.User) doubts.add(accounts.doubt);
  const certainty = leastCertain(
    doubts.size === 0 ? [report.certainty] : [report.certainty, modelledFor(doubts)],
  );
  if (report.exitCode !== 0 && report.certainty.level === 'exact' && doubts.size === 0) {
    throw new BuildError(failure(action.argv, report.exitCode, report.stderr), report.commands);
  }
  const found = await changesIn(layer, inputs.traits, {
    without: [...mounts.leftOut(), ...system.leftOut],
    withoutContents: [...SYSTEM_FOLDERS, ...volumes],
    compare: comparing(inputs.reader),
  });
  const removed = mounts.removed().map((path) => ({ kind: 'remove', path }) as const);
  const all =
    removed.length === 0
      ? found
      : [...found, ...removed].sort((one, other) => comparePaths(one.path, other.path));
  const { changes, openRegions } = withoutUnknownNames({ changes: all, openRegions: report.openRegions });
  const late = [...lateDoubts(layer, changes)].map(([path, reason]) => `${path}: ${reason}`);
  if (inputs.traits.hostNameVaries) for (const doubt of hostNameDoubts(changes)) late.push(doubt);
  const known = late.length === 0 ? certainty : leastCertain([certainty, modelledFor(late)]);
  const done = outcome(step.createdBy, changes, known, {
    openRegions,
    closes: layer.cleared.filter((place) => !holdsUnknown(place) && fileSystem.doubtAt(place) !== undefined),
    commands: report.commands,
  });
  const guess = report.guess ?? [...doubts][0];
  const told = namingOrigin(withUnreadWhiteouts(done, layer), step.createdBy);
  return guess === undefined ? told : restingOnGuess(told, fileSystem, guess);
}

function failure(argv: readonly string[], exitCode: number, stderr: string): string {
  const last = stderr.trimEnd().split('\n').slice(-3).join('\n');
  const words = `process "${argv.join(' ')}" did not complete successfully: exit code: ${exitCode}`;
  return last === '' ? words : `${words}\n${last}`;
}

const FOLDER = { mode: 0o755, uid: 0, gid: 0 } as const;

/** The working directory, and before it every folder that its spelling leaves again: `/a/b` of `/a/b/../c`. */
function foldersTo(spelled: string): string[] {
  const names = spelled.split('/');
  const left = names.flatMap((name, index) => (name === '..' ? [names.slice(0, index).join('/')] : []));
  return [...left, spelled].map((folder) => containerPath(folder));
}
