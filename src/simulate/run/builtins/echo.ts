import type { Command } from '../command';
import type { Builtin } from './builtin';
import { type EscapeStyle, interpretEscapes } from './escapes';

/** The program: GNU and busybox agree on `-n`, `-e` and `-E`. */
export const echoProgram: Command = ({ args, stdout, flavour }) => {
  stdout.write(echoText(args, flavour === 'busybox' ? 'ash' : 'gnu'));
  return 0;
};

/** In dash echo takes `-n` only and always interprets backslashes (dash manual); bash and ash want `-e` for that. */
export const echoBuiltin: Builtin = ({ shell, args }) => {
  const isAlways = shell.dialect === 'dash' || shell.shopt.has('xpg_echo');
  const style = isAlways ? 'dash' : shell.isBash ? 'bash-echo' : 'ash';
  shell.descriptors.output(1).write(echoText(args, style));
  return shell.descriptors.get(1) ? 0 : 1;
};

/** `-n`, `-e`, `-E` in any mix; in dash `-n` is the only option, and escapes are always interpreted. */
export function echoText(args: readonly string[], style: EscapeStyle): string {
  const isAlways = style === 'dash';
  const flag = isAlways ? /^-n$/ : /^-[neE]+$/;
  let index = 0;
  let newline = true;
  let escapes = isAlways;
  while (index < args.length && flag.test(args[index]!)) {
    for (const letter of args[index++]!.slice(1)) {
      if (letter === 'n') newline = false;
      else escapes = letter === 'e';
    }
    if (isAlways) break;
  }
  const text = args.slice(index).join(' ');
  if (!escapes) return newline ? `${text}\n` : text;
  const { text: interpreted, stops } = interpretEscapes(text, style);
  return newline && !stops ? `${interpreted}\n` : interpreted;
}
