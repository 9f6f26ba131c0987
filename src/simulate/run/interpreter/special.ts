import { NotSimulated } from '../command';
import { arrayOfCalls, lineText } from './call-stack';
import { listOptions } from './options';
import type { Option, ShellState } from './shell-state';

/** The letters of `$-` as each shell lists them. */
const FLAG_ORDER = {
  dash: 'ubaCEVxvisnmIfe',
  ash: 'ubaCvxcsnmiIfe',
  bash: 'abefhikmnptuvxBCEHPTcs',
} as const;

/** The value of a special parameter that is one text (POSIX XCU 2.5.2), a positional one, or one that the shell computes. */
export function specialText(shell: ShellState, name: string): string | undefined {
  if (/^\d+$/.test(name)) return name === '0' ? shell.name : shell.positional[Number(name) - 1];
  switch (name) {
    case '?':
      if (shell.statusDoubt !== undefined) return shell.session.unknownText(shell.statusDoubt);
      return shell.status.toString();
    case '#':
      return shell.positional.length.toString();
    case '$':
      // The shell of a RUN is the first process of its container; numbers of others depend on what ran before.
      if (shell.processId !== 1) shell.session.model('process numbers are not simulated');
      return shell.processId.toString();
    case '!':
      return shell.lastJob?.toString();
    case '-':
      return [...FLAG_ORDER[shell.dialect]].filter((letter) => shell.options.has(letter as Option)).join('');
    case 'LINENO':
      // Debian builds dash without it.
      return shell.dialect === 'dash' ? undefined : lineText(shell);
    default:
      if (name === 'RANDOM' && shell.dialect === 'ash') return bashText(shell, name);
      return shell.isBash ? bashText(shell, name) : undefined;
  }
}

function bashText(shell: ShellState, name: string): string | undefined {
  switch (name) {
    case 'RANDOM':
    case 'SRANDOM':
      shell.session.model('`$RANDOM` is another number in every build');
      return '4711';
    case 'SECONDS':
      shell.session.model('`$SECONDS` is how long the build took so far');
      return '0';
    case '_':
      return shell.lastWord;
    case 'PIPESTATUS':
      return shell.pipeStatus[0]?.toString();
    case 'GROUPS':
      return shell.fileSystem.credentials.gid.toString();
    case 'BASHOPTS':
    case 'BASH_ARGC':
    case 'BASH_ARGV':
    case 'BASH_COMMAND':
    case 'DIRSTACK':
      throw new NotSimulated(`\`$${name}\` is not simulated`);
    case 'BASH_ARGV0':
      return shell.name;
    case 'EPOCHSECONDS':
      shell.session.model('`$EPOCHSECONDS` is the time of the build');
      return shell.fileSystem.now().toFixed(0);
    case 'EPOCHREALTIME':
      throw new NotSimulated('`$EPOCHREALTIME` is the time of the build');
    case 'BASHPID':
      return specialText(shell, '$');
    case 'UID':
    case 'EUID':
      return shell.fileSystem.credentials.uid.toString();
    case 'BASH_SUBSHELL':
      // Some of ours are none of bash's.
      if (shell.depth > 1)
        throw new NotSimulated('`$BASH_SUBSHELL` in a subshell of another is not simulated');
      return shell.isSubshell ? '1' : '0';
    case 'SHELLOPTS':
      return listOptions(shell)
        .filter(({ on }) => on)
        .map(({ name }) => name)
        .join(':');
    case 'FUNCNAME':
    case 'BASH_SOURCE':
    case 'BASH_LINENO':
      return arrayOfCalls(shell, name)?.[0];
    default:
      return undefined;
  }
}
