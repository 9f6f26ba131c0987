import type { FileSystem } from '../filesystem/tree';
import type { Step } from '../graph/step';
import type { Inputs } from './inputs';

/** All that a step's outcome depends on besides the file system it starts from. */
export function stepKey(step: Step, inputs: Inputs): string {
  const { architecture, context, source, remoteSizes, traits, limits } = inputs;
  const { action, environment, createdBy } = step;
  const { User, WorkingDir, Volumes } = environment.config;
  const from = sourcesOf(step).map((name) => {
    const found = source(name, action.kind === 'run' ? 'mount' : 'copy');
    return found.kind === 'found' ? identityOf(found.fileSystem) : found.reason;
  });
  const variables = action.kind === 'run' ? [...action.variables] : [];
  const mounts = action.kind === 'run' ? action.mounts : [];
  // A script that was stopped may come to its end under another limit.
  const allowed = action.kind === 'run' ? [limits.milliseconds, limits.bytes] : [];
  const machine = [architecture, traits.builder, allowed, ...remoteSizes];
  const here = [User, WorkingDir, Object.keys(Volumes ?? {}), machine];
  return JSON.stringify([action, variables, mounts, here, from, identityOf(context?.fileSystem), createdBy]);
}

/** The same for every thread, where a key counts the file systems of its own: all of a RUN but what it starts from. */
export function stepName({ action, environment, createdBy }: Step): string {
  const { User, WorkingDir } = environment.config;
  const variables = action.kind === 'run' ? [...action.variables] : [];
  return JSON.stringify([action, variables, User, WorkingDir, createdBy]);
}

/** Whether a step looks at the build context, so that only such a step makes it be listed. */
export function usesContext({ action }: Step): boolean {
  if (action.kind === 'run')
    return action.mounts.some(({ type, from }) => type === 'bind' && from === undefined);
  if (action.kind !== 'copy' && action.kind !== 'add') return false;
  return action.from === undefined && action.sources.some(({ kind }) => kind === 'path');
}

function sourcesOf({ action }: Step): string[] {
  if (action.kind === 'run') return action.mounts.flatMap(({ from }) => from ?? []);
  return action.kind === 'copy' && action.from !== undefined ? [action.from] : [];
}

const identities = new WeakMap<FileSystem, number>();
let nextIdentity = 1;

/** A number for a file system object, so that keys can name it. */
function identityOf(fileSystem: FileSystem | undefined): number {
  if (!fileSystem) return 0;
  const known = identities.get(fileSystem) ?? nextIdentity++;
  identities.set(fileSystem, known);
  return known;
}
