import { NotSimulated, RestsOnGuess } from '../command';
import { ShellFault } from '../interpreter/control';
import type { ShellState } from '../interpreter/shell-state';
import { dispatch } from '../interpreter/simple-command';
import { findProgram } from '../lookup';
import type { Builtin } from './builtin';
import { findBuiltin, isSpecial } from './index';

const KEYWORDS = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'case',
  'esac',
  'while',
  'until',
  'for',
  '{',
  '}',
  '!',
  'in',
]);
const BASH_KEYWORDS = new Set(['[[', ']]', 'function', 'select', 'time', 'coproc']);

type Meaning =
  | { readonly kind: 'keyword' | 'function' | 'special' | 'builtin' }
  | { readonly kind: 'file'; readonly path: string };

function meaningOf(shell: ShellState, name: string): Meaning | undefined {
  if (KEYWORDS.has(name) || (shell.isBash && BASH_KEYWORDS.has(name))) return { kind: 'keyword' };
  if (shell.functions.has(name)) return { kind: 'function' };
  if (findBuiltin(shell, name)) return { kind: isSpecial(shell, name) ? 'special' : 'builtin' };
  const found = findProgram(shell.session.fileSystem, name, {
    path: shell.variables.text('PATH'),
    cwd: shell.cwd,
  });
  if (found.kind === 'unknown')
    throw new RestsOnGuess(`whether \`${name}\` is in the image is not known: ${found.reason}`, found.reason);
  if (found.kind !== 'present') return undefined;
  return { kind: 'file', path: name.includes('/') ? name : found.path };
}

/** `command`: runs a name without looking at functions; `-v` and `-V` tell what it means. */
export const commandBuiltin: Builtin = async ({ shell, args, arrays }) => {
  let index = 0;
  let mode = '';
  for (; index < args.length && /^-[^-]/.test(args[index]!); index++) {
    const wrong = /[^pvV]/.exec(args[index]!.slice(1))?.[0];
    if (wrong) return shell.misuse('command', `-${wrong}`);
    if (args[index]!.includes('v')) mode = 'v';
    if (args[index]!.includes('V')) mode = 'V';
  }
  if (args[index] === '--') index++;
  const words = args.slice(index);
  if (words.length === 0) return 0;
  if (mode === 'v') return tellShortly(shell, words);
  if (mode === 'V') return tell(shell, words, 'command');
  const shifted = new Map([...arrays].map(([place, array]) => [place - index - 1, array]));
  try {
    return await dispatch(shell, { words, arrays: shifted }, { functions: true });
  } catch (error) {
    // With `command` before it a special built-in is like any other (POSIX XCU command).
    if (!(error instanceof ShellFault) || !isOwnFault(words[0]!, error)) throw error;
    shell.complain(error.message);
    return error.status;
  }
};

/** Not one of text that it runs. */
function isOwnFault(name: string, { message }: ShellFault): boolean {
  return name === '.' ? message.startsWith('.: ') : name !== 'eval' && name !== 'source';
}

function tellShortly(shell: ShellState, names: readonly string[]): number {
  let found = false;
  // bash looks at all names and is content with one, the others look at the first only.
  for (const name of shell.isBash ? names : names.slice(0, 1)) {
    const meaning = meaningOf(shell, name);
    if (meaning) shell.descriptors.output(1).write(`${meaning.kind === 'file' ? meaning.path : name}\n`);
    if (meaning?.kind === 'file' && shell.dialect === 'dash') shell.remember(name);
    found ||= meaning !== undefined;
  }
  return found ? 0 : shell.isBash ? 1 : 127;
}

/** `type`, and `command -V`, in the words of each shell. */
export const typeBuiltin: Builtin = ({ shell, args }) => {
  const [flag] = args;
  // busybox takes `-p` and `-t` for the wish to be short.
  if (shell.dialect === 'ash' && /^-[tp]$/.test(flag ?? '')) {
    return tellShortly(shell, args.slice(1));
  }
  if (!shell.isBash || !flag || !/^-[tpPa]+$/.test(flag)) return tell(shell, args, 'type');
  let status = 0;
  for (const name of args.slice(1)) {
    const meaning = meaningOf(shell, name);
    if (!meaning) status = 1;
    else if (flag.includes('t'))
      shell.descriptors.output(1).write(`${meaning.kind === 'special' ? 'builtin' : meaning.kind}\n`);
    else if (flag.includes('a') && meaning.kind === 'file' && isRemembered(shell, name))
      throw new NotSimulated('`type -a` of a program that was run is not simulated');
    else if (flag.includes('a')) tell(shell, [name], 'type');
    else if (meaning.kind === 'file') shell.descriptors.output(1).write(`${meaning.path}\n`);
  }
  return status;
};

function tell(shell: ShellState, names: readonly string[], asked: string): number {
  let status = 0;
  for (const name of names) {
    const meaning = meaningOf(shell, name);
    if (meaning) {
      shell.descriptors.output(1).write(`${name} is ${words(shell, name, meaning)}\n`);
      if (meaning.kind === 'file' && shell.dialect === 'dash') shell.remember(name);
    } else {
      status = shell.isBash ? 1 : 127;
      if (shell.isBash) shell.complain(`${asked}: ${name}: not found`);
      else shell.descriptors.output(1).write(`${name}: not found\n`);
    }
  }
  return status;
}

function words(shell: ShellState, name: string, meaning: Meaning): string {
  switch (meaning.kind) {
    case 'file':
      if (shell.dialect === 'ash' || !isRemembered(shell, name)) return meaning.path;
      return shell.isBash ? `hashed (${meaning.path})` : `a tracked alias for ${meaning.path}`;
    case 'keyword':
      return `a shell keyword`;
    case 'function':
      return shell.isBash || shell.dialect === 'ash' ? 'a function' : 'a shell function';
    case 'special':
      return shell.isBash ? 'a shell builtin' : 'a special shell builtin';
    default:
      return 'a shell builtin';
  }
}

export const builtinBuiltin: Builtin = ({ shell, args, arrays }) => {
  if (args.length === 0) return 0;
  const shifted = new Map([...arrays].map(([place, array]) => [place - 1, array]));
  return dispatch(shell, { words: args, arrays: shifted }, { functions: true, programs: true });
};

function isRemembered(shell: ShellState, name: string): boolean {
  return shell.hashed.has(name) && shell.hashed.get(name) === shell.variables.text('PATH');
}

/** What is remembered shows in `type` only; a name must be there all the same. */
export const hashBuiltin: Builtin = ({ shell, args }) => {
  const names = args.filter((arg) => !arg.startsWith('-'));
  const output = shell.descriptors.output(1);
  if (args.length === 0 && shell.hashed.size > 0 && !output.isLog)
    throw new NotSimulated('the list of `hash` is not simulated');
  if (args.length === 0 && shell.hashed.size === 0 && shell.isBash && !shell.options.has('posix'))
    output.write('hash: hash table empty\n');
  if (args.includes('-r')) shell.hashed.clear();
  let status = 0;
  for (const name of names) {
    const meaning = meaningOf(shell, name);
    if (meaning?.kind === 'file') shell.remember(name);
    if (meaning) continue;
    shell.complain(`hash: ${name}: not found`);
    status = 1;
  }
  return status;
};
