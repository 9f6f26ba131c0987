import { ShellFault } from '../interpreter/control';
import { listOptions, setOption } from '../interpreter/options';
import { quotePlainly, quoteValue } from '../interpreter/reusable';
import type { ShellState } from '../interpreter/shell-state';
import type { Builtin } from './builtin';

export const shiftBuiltin: Builtin = ({ shell, args }) => {
  const count = args[0] === undefined ? 1 : Number(args[0]);
  if (shell.isBash && args.length > 1) throw new ShellFault('shift: too many arguments', 1, true);
  if (!Number.isInteger(count) || count < 0) {
    if (!shell.isBash) throw new ShellFault(`shift: Illegal number: ${args[0]}`, 2, true);
    const words = Number.isInteger(count) ? 'shift count out of range' : 'numeric argument required';
    throw new ShellFault(`shift: ${args[0]}: ${words}`, 1, false);
  }
  if (count > shell.positional.length) {
    if (shell.dialect !== 'dash') return 1;
    throw new ShellFault("shift: can't shift that many", 2, true);
  }
  shell.positional = shell.positional.slice(count);
  return 0;
};

/** `set`: options by letter or by `-o name`, then the positional parameters (POSIX XCU 2.14 set). */
export const setBuiltin: Builtin = ({ shell, args }) => {
  if (args.length === 0) {
    listVariables(shell);
    return 0;
  }
  let index = 0;
  let parametersFollow = false;
  for (; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === '--' || arg === '-') {
      parametersFollow = arg === '--' || index + 1 < args.length;
      index++;
      break;
    }
    if (!/^[-+]./.test(arg)) break;
    for (const letter of arg.slice(1)) {
      if (letter !== 'o') apply(shell, arg[0]! + letter, letter, arg[0] === '-');
      else if (args[index + 1] === undefined) showOptions(shell, arg[0] === '-');
      else apply(shell, `-o ${args[++index]}`, args[index]!, arg[0] === '-');
    }
  }
  if (index < args.length || parametersFollow) shell.positional = args.slice(index);
  return 0;
};

function apply(shell: ShellState, shown: string, name: string, on: boolean): void {
  if (setOption(shell, name, on)) return;
  // busybox minds a wrong letter, but not a wrong name.
  if (shell.dialect === 'ash' && shown.startsWith('-o '))
    throw new ShellFault(`set: line 0: illegal option ${shown}`, 1, false);
  throw new ShellFault(`set: Illegal option ${shown}`, 2, shell.isPosix);
}

function listVariables(shell: ShellState): void {
  for (const name of shell.variables.names()) {
    const value = shell.variables.text(name);
    if (value === undefined) continue;
    shell.descriptors
      .output(1)
      .write(`${name}=${shell.isBash ? quoteValue(value, shell.characters.utf8) : quotePlainly(value)}\n`);
  }
}

function showOptions(shell: ShellState, readable: boolean): void {
  const output = shell.descriptors.output(1);
  if (readable && !shell.isBash && shell.dialect === 'dash') output.write('Current option settings\n');
  for (const { name, on } of listOptions(shell)) {
    const shown = shell.isBash ? `${name.padEnd(15)}\t` : name.padEnd(16);
    output.write(readable ? `${shown}${on ? 'on' : 'off'}\n` : `set ${on ? '-' : '+'}o ${name}\n`);
  }
}

/** `getopts` (POSIX XCU): one option per call, the place kept in OPTIND. */
export const getoptsBuiltin: Builtin = ({ shell, args }) => {
  const [letters = '', variable = '', ...given] = args;
  if (args.length < 2) return usage(shell);
  const words = args.length > 2 ? given : shell.positional;
  let index = Number(shell.variables.text('OPTIND') ?? 1);
  if (index < 1 || shell.optionIndex !== index) shell.optionOffset = 0;
  const word = words[index - 1];
  if (shell.optionOffset === 0 && (word === undefined || word === '--' || !/^-./.test(word))) {
    return finish(shell, variable, word === '--' ? index + 1 : index);
  }
  const silent = letters.startsWith(':');
  const offset = shell.optionOffset || 1;
  const letter = word![offset]!;
  const place = letter === ':' ? -1 : letters.indexOf(letter, silent ? 1 : 0);
  const isLast = offset + 1 >= word!.length;
  shell.optionOffset = isLast ? 0 : offset + 1;
  shell.variables.unset('OPTARG');
  let result = letter;
  if (place < 0) {
    result = '?';
    if (silent) shell.variables.set('OPTARG', letter);
    else shell.descriptors.output(2).write(`Illegal option -${letter}\n`);
  } else if (letters[place + 1] === ':') {
    const value = isLast ? words[index] : word!.slice(offset + 1);
    shell.optionOffset = 0;
    if (isLast && value !== undefined) index++;
    if (value !== undefined) shell.variables.set('OPTARG', value);
    else if (silent) shell.variables.set('OPTARG', letter);
    else shell.descriptors.output(2).write(`No arg for -${letter} option\n`);
    if (value === undefined) result = silent ? ':' : '?';
  }
  if (shell.optionOffset === 0) index++;
  return keep(shell, variable, result, index, 0);
};

function usage(shell: ShellState): number {
  if (shell.isBash) shell.say('getopts: usage: getopts optstring name [arg ...]', true);
  else shell.complain('getopts: Usage: getopts optstring var [arg...]');
  return 2;
}

function finish(shell: ShellState, variable: string, index: number): number {
  shell.variables.unset('OPTARG');
  shell.optionOffset = 0;
  return keep(shell, variable, '?', index, 1);
}

function keep(shell: ShellState, variable: string, value: string, index: number, status: number): number {
  shell.variables.set(variable, value);
  shell.variables.set('OPTIND', index.toString());
  shell.optionIndex = index;
  return status;
}
