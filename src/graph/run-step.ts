import type { Heredoc, Instruction } from '../dockerfile/instruction';
import { expandWord } from '../dockerfile/words';
import { PROXY_ARGUMENTS } from './build-options';
import type { Scope } from './config-instructions';
import {
  type Environment,
  environmentVariables,
  expansionAt,
  shellOf,
  workingDirectory,
} from './environment';
import { problem } from './stages';
import type { Mount, RunAction } from './step';
import type { Plan } from './steps';

/** The shell form goes to the shell unexpanded; the exec form runs as it is. */
export function planRun(instruction: Instruction, environment: Environment, scope: Scope): Plan {
  const shell = shellOf(environment.config);
  const { argv, words, script } = commandOf(instruction, shell);
  const variables = environmentVariables(environment.config);
  // An ENV of the same name wins, in the history's words too.
  const args = [...environment.args].flatMap(([name, value]) => {
    const winner = variables.get(name) ?? value;
    return winner === undefined ? [] : [[name, winner] as const];
  });
  const declared =
    args.length === 0 ? '' : `|${args.length} ${args.map(([name, value]) => `${name}=${value}`).join(' ')} `;
  const proxies = PROXY_ARGUMENTS.flatMap((name) => {
    const value = scope.options.buildArgs[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const { mounts, problems } = mountsOf(instruction, environment, scope);
  const action: RunAction = {
    kind: 'run',
    argv,
    variables: new Map([...proxies, ...args, ...variables]),
    mounts,
    ...(script && { script }),
  };
  return { action, createdBy: `RUN ${declared}${words} # buildkit`, environment, problems };
}

interface CommandForm {
  readonly argv: readonly string[];
  /** The command as history shows it. */
  readonly words: string;
  readonly script?: RunAction['script'];
}

function commandOf(instruction: Instruction, shell: readonly string[]): CommandForm {
  const { json, heredocs, rest } = instruction;
  if (json && heredocs.length === 0) return { argv: json, words: json.join(' ') };
  const [first] = heredocs;
  if (!first) return throughShell(shell, rest);
  if (rest !== first.word) {
    // A command beside the here-document: the shell reads it as its own, so it gets the whole text back.
    return throughShell(
      shell,
      [rest, ...heredocs.map((heredoc) => `${heredoc.raw}${heredoc.name}`)].join('\n'),
    );
  }
  return first.content.startsWith('#!') ? asProgram(shell, first) : throughShell(shell, first.content);
}

function throughShell(shell: readonly string[], text: string): CommandForm {
  return { argv: [...shell, text], words: [...shell, text].join(' ') };
}

/** A text that names its interpreter is put where the shell finds it as a program. */
function asProgram(shell: readonly string[], { name, content }: Heredoc): CommandForm {
  const path = `/dev/pipes/${name}`;
  return { ...throughShell(shell, path), script: { path, text: content } };
}

const MOUNT_TYPES = new Set(['bind', 'cache', 'tmpfs', 'secret', 'ssh']);

function mountsOf(instruction: Instruction, environment: Environment, { escape }: Scope) {
  const mounts: Mount[] = [];
  const problems = [];
  for (const flag of instruction.flags) {
    if (flag.name === 'network' || flag.name === 'security' || flag.name === 'device') continue;
    if (flag.name !== 'mount') {
      problems.push(problem(instruction, `unknown flag: --${flag.name}`));
      continue;
    }
    const options = new Map<string, string>();
    for (const part of (flag.value ?? '').split(',')) {
      const equals = part.indexOf('=');
      const name = (equals < 0 ? part : part.slice(0, equals)).toLowerCase();
      options.set(
        name,
        equals < 0 ? 'true' : expandWord(part.slice(equals + 1), expansionAt(environment, escape)),
      );
    }
    const type = options.get('type') ?? 'bind';
    if (!MOUNT_TYPES.has(type)) {
      problems.push(problem(instruction, `unsupported mount type "${type}"`));
      continue;
    }
    mounts.push({ type: type as Mount['type'], target: targetOf(type, options, environment), options });
  }
  return { mounts, problems };
}

function targetOf(type: string, options: ReadonlyMap<string, string>, environment: Environment): string {
  const target = options.get('target') ?? options.get('dst') ?? options.get('destination');
  if (target !== undefined)
    return target.startsWith('/') ? target : `${workingDirectory(environment.config)}/${target}`;
  if (type === 'secret') return `/run/secrets/${options.get('id') ?? 'default'}`;
  return type === 'ssh' ? '/run/buildkit/ssh_agent.0' : workingDirectory(environment.config);
}
