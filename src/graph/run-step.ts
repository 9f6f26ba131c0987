import { heredocWord } from '../dockerfile/heredoc';
import type { Heredoc, Instruction } from '../dockerfile/instruction';
import { expandWord } from '../dockerfile/words';
import { PROXY_ARGUMENTS } from './build-options';
import { type Environment, expansionAt, shellOf, workingDirectory } from './environment';
import { PlanFault } from './fault';
import { mountsOf } from './mounts';
import { findStageByName } from './stages';
import type { Mount, RunAction } from './step';
import type { Plan, Scope } from './steps';

/** The shell form goes to the shell unexpanded; the exec form runs as it is. */
export function planRun(instruction: Instruction, environment: Environment, scope: Scope): Plan {
  const { argv, script } = commandOf(instruction, shellOf(environment.config));
  const expansion = expansionAt(environment, scope);
  const mounts = mountsOf(
    instruction,
    (word) => expandWord(word, expansion),
    workingDirectory(environment.config),
  );
  for (const mount of mounts) checkSource(mount, scope);
  if (argv.length === 0) throw new PlanFault('arguments are required');
  const proxies = PROXY_ARGUMENTS.flatMap((name) => {
    const value = scope.options.buildArgs[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const action: RunAction = {
    kind: 'run',
    argv,
    variables: new Map([...proxies, ...environment.variables, ...agentVariables(mounts)]),
    mounts,
    ...(script && { script }),
  };
  return {
    action,
    createdBy: `RUN ${[...argumentWords(environment), ...argv].join(' ')} # buildkit`,
    environment,
  };
}

/** History tells the ARGs in scope, with the values in force. */
function argumentWords({ args, variables }: Environment): string[] {
  const words = [...args].map(([name, value]) => `${name}=${variables.get(name) ?? value ?? ''}`);
  return words.length === 0 ? [] : [`|${words.length}`, ...words];
}

function checkSource({ from, target }: Mount, { stage, stages }: Scope): void {
  const source = from === undefined ? undefined : findStageByName(from, stages);
  if (!source || source.index < stage.index) return;
  const words = 'stage needs to be defined before current command';
  throw new PlanFault(`cannot mount from stage "${from}" to "${target}", ${words}`);
}

/** Where a program finds the agent of `--mount=type=ssh`. */
function agentVariables(mounts: readonly Mount[]): [string, string][] {
  return mounts.flatMap(({ type, target }) => (type === 'ssh' ? [['SSH_AUTH_SOCK', target]] : []));
}

interface CommandForm {
  readonly argv: readonly string[];
  readonly script?: RunAction['script'];
}

function commandOf({ json, heredocs, rest }: Instruction, shell: readonly string[]): CommandForm {
  const [first] = heredocs;
  if (!first) return { argv: json ?? [...shell, rest] };
  if (!heredocWord(rest)) {
    // A command beside the here-document: the shell reads it as its own, so it gets the whole text back.
    const texts = heredocs.map(({ raw, name }) => `\n${raw}${name}`);
    return { argv: [...shell, rest + texts.join('')] };
  }
  return first.raw.startsWith('#!') ? asProgram(shell, first) : { argv: [...shell, first.content] };
}

/** A text that names its interpreter is put where the shell finds it as a program. */
function asProgram(shell: readonly string[], { name, content }: Heredoc): CommandForm {
  const path = `/dev/pipes/${name}`;
  return { argv: [...shell, path], script: { path, text: content } };
}
