import { evaluateText } from '../interpreter/arithmetic-words';
import { setOption } from '../interpreter/options';
import type { Builtin } from './builtin';

/** bash's `shopt`: names are kept; those that matter to a build are looked at where they act. */
export const shoptBuiltin: Builtin = ({ shell, args }) => {
  const flags = args.filter((arg) => arg.startsWith('-')).join('');
  const names = args.filter((arg) => !arg.startsWith('-'));
  if (flags.includes('o')) {
    for (const name of names) setOption(shell, name, flags.includes('s'));
    return 0;
  }
  if (!/[su]/.test(flags)) {
    const off = names.filter((name) => !shell.shopt.has(name));
    if (!flags.includes('q')) {
      for (const name of names)
        shell.descriptors.output(1).write(`${name.padEnd(15)}\t${shell.shopt.has(name) ? 'on' : 'off'}\n`);
    }
    return off.length > 0 ? 1 : 0;
  }
  for (const name of names) {
    if (flags.includes('s')) shell.shopt.add(name);
    else shell.shopt.delete(name);
  }
  return 0;
};

export const letBuiltin: Builtin = async ({ shell, args }) => {
  let value = 0n;
  for (const arg of args) value = await evaluateText(shell, arg);
  return value === 0n ? 1 : 0;
};
