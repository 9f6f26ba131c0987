import { NotSimulated } from '../command';
import { evaluateText } from '../interpreter/arithmetic-words';
import { ShellFault } from '../interpreter/control';
import { isOn, setOption } from '../interpreter/options';
import type { ShellState } from '../interpreter/shell-state';
import type { Builtin } from './builtin';

/** What bash 5.2 has on from the start when it runs no dialogue. */
export const SHOPT_DEFAULTS =
  'checkwinsize cmdhist complete_fullquote extquote force_fignore globasciiranges globskipdots hostcomplete interactive_comments patsub_replacement progcomp promptvars sourcepath';
/** Kept and without any effect on a script, or looked at where they act. */
const HARMLESS = new Set(
  `${SHOPT_DEFAULTS} autocd checkhash checkjobs direxpand dirspell dotglob expand_aliases extglob globstar gnu_errfmt histappend histreedit histverify huponexit inherit_errexit lithist mailwarn no_empty_cmd_completion nocaseglob nocasematch nullglob progcomp_alias shift_verbose xpg_echo`.split(
    ' ',
  ),
);
const OTHERS = new Set(
  'assoc_expand_once cdable_vars cdspell compat31 compat32 compat40 compat41 compat42 compat43 compat44 execfail extdebug failglob lastpipe localvar_inherit localvar_unset login_shell noexpand_translation restricted_shell varredir_close'.split(
    ' ',
  ),
);
/** Those whose lack is simulated no more than what they do. */
const KEPT_ON = new Set(['globskipdots', 'globasciiranges', 'patsub_replacement', 'sourcepath']);

/** bash's `shopt` (bash manual 4.3.2). */
export const shoptBuiltin: Builtin = ({ shell, args }) => {
  const flags = args.filter((arg) => arg.startsWith('-')).join('');
  const names = args.filter((arg) => !arg.startsWith('-'));
  if (names.length === 0) {
    if (shell.descriptors.output(1).isLog) return 0;
    throw new NotSimulated('the list of `shopt` is not simulated');
  }
  const isChange = /[su]/.test(flags);
  let status = 0;
  for (const name of names) {
    const done = isChange ? change(shell, name, flags) : show(shell, name, flags);
    if (!done) status = 1;
  }
  return status;
};

function refuse(shell: ShellState, name: string, kind: 'shell option' | 'option'): false {
  shell.complain(`shopt: ${name}: invalid ${kind} name`);
  return false;
}

function change(shell: ShellState, name: string, flags: string): boolean {
  const on = flags.includes('s');
  if (flags.includes('o')) return setOption(shell, name, on) || refuse(shell, name, 'option');
  if (!HARMLESS.has(name) && !OTHERS.has(name)) return refuse(shell, name, 'shell option');
  if (OTHERS.has(name) ? on : !on && KEPT_ON.has(name))
    throw new NotSimulated(`\`shopt ${on ? '-s' : '-u'} ${name}\` is not simulated`);
  if (on) shell.shopt.add(name);
  else shell.shopt.delete(name);
  return true;
}

function show(shell: ShellState, name: string, flags: string): boolean {
  const ofSet = flags.includes('o');
  const on = ofSet ? isOn(shell, name) : shell.shopt.has(name);
  if (on === undefined || (!ofSet && !HARMLESS.has(name) && !OTHERS.has(name)))
    return refuse(shell, name, ofSet ? 'option' : 'shell option');
  if (flags.includes('q')) return on;
  const command = ofSet ? `set ${on ? '-' : '+'}o` : `shopt ${on ? '-s' : '-u'}`;
  const line = flags.includes('p') ? `${command} ${name}` : `${name.padEnd(15)}\t${on ? 'on' : 'off'}`;
  shell.descriptors.output(1).write(`${line}\n`);
  return on;
}

export const letBuiltin: Builtin = async ({ shell, args }) => {
  try {
    let value = 0n;
    for (const arg of args) value = await evaluateText(shell, arg);
    return value === 0n ? 1 : 0;
  } catch (error) {
    // In bash a wrong expression only fails the command.
    if (!(error instanceof ShellFault) || !shell.isBash) throw error;
    shell.complain(`let: ${error.message}`);
    return 1;
  }
};
