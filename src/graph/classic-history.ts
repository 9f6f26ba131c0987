import { argumentsOf, listOf } from '../dockerfile/arguments';
import { formatDuration } from '../dockerfile/durations';
import type { Instruction } from '../dockerfile/instruction';
import { type Expansion, expandWord, expandWords } from '../dockerfile/words';
import type { Healthcheck } from '../layers/image';
import { type Environment, environmentVariables, expansionAt, givenArguments, shellOf } from './environment';
import type { CopyAction } from './step';
import type { Plan } from './steps';

/** Stands for the digest of what a COPY copies: it takes all the bytes to know. */
export const COPIED_DIGEST = '…';

/**
 * History's words as the classic builder writes them: the command that a container was committed after, a comment
 * for the shell where there is none.
 */
export function classicHistory(
  instruction: Instruction,
  plan: Plan,
  environment: Environment,
  scope: Omit<Expansion, 'variables'>,
): string {
  const { action } = plan;
  const shell = shellOf(plan.environment.config).join(' ');
  // To go to the root changes no file, and is a WORKDIR all the same.
  if (instruction.keyword === 'WORKDIR') return `${shell} #(nop) ${plan.createdBy}`;
  switch (action.kind) {
    case 'run':
      return [...declaredArguments(environment), ...action.argv].join(' ');
    case 'copy':
    case 'add':
      return `${shell} #(nop) ${instruction.keyword} ${copyWords(action)} `;
    default:
      return `${shell} #(nop)  ${configWords(instruction, plan, environment, scope)}`;
  }
}

/** `|2 A=1 B=2`: the ARGs that no ENV hides, sorted. */
function declaredArguments(environment: Environment): string[] {
  const hidden = environmentVariables(environment.config);
  const given = givenArguments(environment.args)
    .filter(([name]) => !hidden.has(name))
    .map(([name, value]) => `${name}=${value}`);
  return given.length === 0 ? [] : [`|${given.length}`, ...given.sort()];
}

function copyWords({ chown, destination }: CopyAction): string {
  const owner = chown === undefined ? '' : `--chown=${chown} `;
  return `${owner}file:${COPIED_DIGEST} in ${destination}`;
}

function configWords(
  instruction: Instruction,
  plan: Plan,
  environment: Environment,
  scope: Omit<Expansion, 'variables'>,
): string {
  const expansion = { ...expansionAt(environment, scope), onAsked: undefined };
  switch (instruction.keyword) {
    case 'ARG':
      return `ARG ${argumentsOf(instruction, scope.escape)
        .map(({ name, value }) => (value === undefined ? name : `${name}=${expandWord(value, expansion)}`))
        .join(' ')}`;
    case 'EXPOSE':
      return `EXPOSE ${[...listOf(instruction)]
        .sort()
        .flatMap((word) => expandWords(word, expansion))
        .join(' ')}`;
    case 'HEALTHCHECK':
      return healthcheckWords(plan.environment.config.Healthcheck);
    default:
      return plan.createdBy;
  }
}

function healthcheckWords(check: Healthcheck = { Test: [] }): string {
  const times = [check.Interval, check.Timeout, check.StartPeriod, check.StartInterval];
  const words = times.map((time) => formatDuration(time ?? 0)).join(' ');
  return `HEALTHCHECK &{[${check.Test.join(' ')}] ${words} ${check.Retries ?? 0}}`;
}
