import { argumentsOf, assignmentsOf, listOf } from '../dockerfile/arguments';
import type { Range } from '../dockerfile/instruction';
import { keywordRange, variableRanges } from '../dockerfile/parts';
import { goQuoted } from '../dockerfile/quoted';
import { suggestion } from '../dockerfile/suggestion';
import { expandWord, expandWords } from '../dockerfile/words';
import { expansionAt } from '../graph/environment';
import type { Step } from '../graph/step';
import { type Finding, finding } from './finding';

/**
 * Checks of the steps of a stage. `workdirIsSet` tells that a stage it stands on has a WORKDIR; `isIgnored` is asked
 * for what COPY and ADD take from the build context.
 */
export function checkSteps(
  steps: readonly Step[],
  escape: string,
  { workdirIsSet, isIgnored }: { workdirIsSet: boolean; isIgnored: (path: string) => boolean },
): Finding[] {
  return [
    ...steps.flatMap((step) => (step.fault === undefined ? checkStep(step, escape, isIgnored) : [])),
    ...checkWorkdir(steps, workdirIsSet),
    ...checkOverridden(steps),
  ];
}

export function setsWorkdir(steps: readonly Step[]): boolean {
  return steps.some(({ instruction }) => instruction.keyword === 'WORKDIR');
}

function checkStep(step: Step, escape: string, isIgnored: (path: string) => boolean): Finding[] {
  return [
    ...checkVariables(step, escape),
    ...checkNames(step, escape),
    ...checkForm(step, escape),
    ...checkPorts(step, escape),
    ...checkSources(step, isIgnored),
  ];
}

function checkVariables({ instruction, environment, unset }: Step, escape: string): Finding[] {
  const { args, variables } = environment;
  return [...unset]
    .filter((name) => !args.has(name) && !name.startsWith('BUILDKIT_SBOM_SCAN_'))
    .map((name) => {
      const near = suggestion(name, variables.keys()).replace('mean ', 'mean $');
      const [range = keywordRange(instruction)] = variableRanges(instruction, name, escape);
      return finding('UndefinedVar', range, `Usage of undefined variable '$${name}'${near}`);
    });
}

const SECRET = /(?:_|^)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)/i;
const PUBLIC = /(?:_|^)public(?:_|$)/i;

function checkNames({ instruction, environment }: Step, escape: string): Finding[] {
  const { keyword } = instruction;
  const expansion = expansionAt(environment, { escape });
  const names =
    keyword === 'ENV'
      ? assignmentsOf(instruction, escape).map(({ name }) => expandWord(name, expansion))
      : keyword === 'ARG'
        ? argumentsOf(instruction, escape).map(({ name }) => name)
        : [];
  return names
    .filter((name) => SECRET.test(name) && !PUBLIC.test(name))
    .map((name) => {
      const message = `Do not use ARG or ENV instructions for sensitive data (${keyword} ${goQuoted(name)})`;
      return finding('SecretsUsedInArgOrEnv', keywordRange(instruction), message);
    });
}

function checkForm({ instruction, environment }: Step, escape: string): Finding[] {
  const { keyword, typed, json } = instruction;
  const range = keywordRange(instruction);
  switch (keyword) {
    case 'CMD':
    case 'ENTRYPOINT': {
      if (json || environment.config.Shell?.length) return [];
      const why = 'to prevent unintended behavior related to OS signals';
      return [finding('JSONArgsRecommended', range, `JSON arguments recommended for ${typed} ${why}`)];
    }
    case 'ENV':
    case 'LABEL': {
      if (!assignmentsOf(instruction, escape).some(({ isLegacy }) => isLegacy)) return [];
      const message = `"${typed} key=value" should be used instead of legacy "${typed} key value" format`;
      return [finding('LegacyKeyValueFormat', range, message)];
    }
    default:
      return [];
  }
}

function checkPorts({ instruction, environment }: Step, escape: string): Finding[] {
  if (instruction.keyword !== 'EXPOSE') return [];
  const expansion = expansionAt(environment, { escape });
  const range = keywordRange(instruction);
  return listOf(instruction)
    .flatMap((word) => expandWords(word, expansion))
    .flatMap((port) => [...checkProtocol(port, range), ...checkAddress(port, range)]);
}

function checkProtocol(port: string, range: Range): Finding[] {
  const protocol = port.split('/')[1] ?? '';
  if (protocol === protocol.toLowerCase()) return [];
  const message = `Defined protocol '${port}' in EXPOSE instruction should be lowercase`;
  return [finding('ExposeProtoCasing', range, message)];
}

function checkAddress(port: string, range: Range): Finding[] {
  if (!/[^:]:/.test(port)) return [];
  const message = `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`;
  return [finding('ExposeInvalidFormat', range, message)];
}

function checkSources({ instruction, action }: Step, isIgnored: (path: string) => boolean): Finding[] {
  if ((action.kind !== 'copy' && action.kind !== 'add') || action.from !== undefined) return [];
  const word = action.kind === 'add' ? 'Add' : 'Copy';
  return action.sources.flatMap((source) => {
    if (source.kind !== 'path' || !isIgnored(source.path)) return [];
    const message = `Attempting to ${word} file ${goQuoted(source.path)} that is excluded by .dockerignore`;
    return [finding('CopyIgnoredFile', keywordRange(instruction), message)];
  });
}

/** Only the first WORKDIR counts: all after it stand on it. */
function checkWorkdir(steps: readonly Step[], isSet: boolean): Finding[] {
  const first = isSet ? undefined : steps.find(({ instruction }) => instruction.keyword === 'WORKDIR');
  if (!first || first.fault !== undefined) return [];
  const { instruction, environment } = first;
  const path = expandWord(instruction.rest, { variables: environment.variables, escape: '\\' });
  if (path.startsWith('/')) return [];
  const message = `Relative workdir ${goQuoted(path)} can have unexpected results if the base image changes`;
  return [finding('WorkdirRelativePath', keywordRange(instruction), message)];
}

/** Of these only the last one of a stage counts; the ones before it are told. */
function checkOverridden(steps: readonly Step[]): Finding[] {
  const last = new Map<string, Step>();
  return steps.flatMap((step) => {
    const { keyword, typed } = step.instruction;
    if (keyword !== 'CMD' && keyword !== 'ENTRYPOINT' && keyword !== 'HEALTHCHECK') return [];
    const before = last.get(keyword);
    last.set(keyword, step);
    if (!before) return [];
    const why = 'should not be used in the same stage because only the last one will be used';
    const range = keywordRange(before.instruction);
    return [finding('MultipleInstructionsDisallowed', range, `Multiple ${typed} instructions ${why}`)];
  });
}
