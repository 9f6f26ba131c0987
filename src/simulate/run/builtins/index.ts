import { NotSimulated } from '../command';
import type { ShellState } from '../interpreter/shell-state';
import type { Builtin } from './builtin';
import { builtinBuiltin, commandBuiltin, hashBuiltin, typeBuiltin } from './describe';
import { echoBuiltin } from './echo';
import { breakBuiltin, continueBuiltin, exitBuiltin, returnBuiltin } from './flow';
import { cdBuiltin, dirsBuiltin, popdBuiltin, pushdBuiltin, pwdBuiltin } from './folders';
import { mapfileBuiltin, readBuiltin } from './input';
import { foregroundBuiltin, jobsBuiltin, killBuiltin, waitBuiltin } from './jobs';
import { getoptsBuiltin, setBuiltin, shiftBuiltin } from './positional';
import { printfBuiltin } from './printf';
import {
  aliasBuiltin,
  dotBuiltin,
  evalBuiltin,
  execBuiltin,
  timesBuiltin,
  ulimitBuiltin,
  umaskBuiltin,
  unaliasBuiltin,
} from './processes';
import { letBuiltin, shoptBuiltin } from './shopt';
import { testBuiltin } from './test';
import { trapBuiltin } from './trap';
import { declareBuiltin, exportBuiltin, localBuiltin, readonlyBuiltin, unsetBuiltin } from './variables';

export type { Builtin, BuiltinCall } from './builtin';

type Table = Readonly<Record<string, Builtin>>;

interface Tables {
  /** POSIX XCU 2.14: in all shells but bash outside POSIX mode their failure ends the shell. */
  readonly special: Table;
  readonly common: Table;
  readonly bash: Table;
  readonly ash: Table;
  readonly dash: Table;
}

const notSimulated: Builtin = ({ name }) => {
  throw new NotSimulated(`\`${name}\` is not simulated`);
};

/** The list of all names of a kind, which is never empty. */
const lists: Builtin = (call) => {
  const isWhole = call.args.length === 1 && /^-[bcekv]$/.test(call.args[0]!);
  return isWhole && call.shell.descriptors.output(1).isLog ? 0 : notSimulated(call);
};

/** Outside of functions there is no call to tell of. */
const tellsWhere: Builtin = (call) => (call.shell.callDepth === 0 ? 1 : notSimulated(call));

let tables: Tables | undefined;

/** Made at the first use: the built-ins and the interpreter that calls them import each other. */
function builtinTables(): Tables {
  tables ??= {
    special: {
      ':': () => 0,
      '.': dotBuiltin,
      break: breakBuiltin,
      continue: continueBuiltin,
      eval: evalBuiltin,
      exec: execBuiltin,
      exit: exitBuiltin,
      export: exportBuiltin,
      readonly: readonlyBuiltin,
      return: returnBuiltin,
      set: setBuiltin,
      shift: shiftBuiltin,
      times: timesBuiltin,
      trap: trapBuiltin,
      unset: unsetBuiltin,
    },
    common: {
      '[': testBuiltin,
      alias: aliasBuiltin,
      bg: foregroundBuiltin,
      cd: cdBuiltin,
      command: commandBuiltin,
      echo: echoBuiltin,
      false: () => 1,
      fg: foregroundBuiltin,
      getopts: getoptsBuiltin,
      hash: hashBuiltin,
      jobs: jobsBuiltin,
      kill: killBuiltin,
      local: localBuiltin,
      printf: printfBuiltin,
      pwd: pwdBuiltin,
      read: readBuiltin,
      test: testBuiltin,
      true: () => 0,
      type: typeBuiltin,
      ulimit: ulimitBuiltin,
      umask: umaskBuiltin,
      unalias: unaliasBuiltin,
      wait: waitBuiltin,
    },
    bash: {
      bind: () => 0,
      builtin: builtinBuiltin,
      complete: () => 0,
      declare: declareBuiltin,
      dirs: dirsBuiltin,
      caller: tellsWhere,
      compgen: lists,
      disown: notSimulated,
      enable: notSimulated,
      fc: notSimulated,
      help: notSimulated,
      suspend: notSimulated,
      history: () => 0,
      let: letBuiltin,
      mapfile: mapfileBuiltin,
      popd: popdBuiltin,
      pushd: pushdBuiltin,
      readarray: mapfileBuiltin,
      shopt: shoptBuiltin,
      source: dotBuiltin,
      typeset: declareBuiltin,
    },
    ash: { let: letBuiltin, source: dotBuiltin },
    dash: { chdir: cdBuiltin },
  };
  return tables;
}

/** The built-in of that name in the shell at hand. */
export function findBuiltin({ dialect }: ShellState, name: string): Builtin | undefined {
  const known = builtinTables();
  for (const table of [known.special, known.common, known[dialect]]) {
    if (Object.hasOwn(table, name)) return table[name];
  }
  return undefined;
}

export function isSpecial(shell: ShellState, name: string): boolean {
  return Object.hasOwn(builtinTables().special, name) || (shell.isBash && name === 'source');
}

const DECLARATIONS = new Set(['export', 'readonly', 'local', 'declare', 'typeset']);

/** Whether arguments that look like assignments are read as such. */
export function isDeclaration(shell: ShellState, name: string | undefined): boolean {
  return name !== undefined && DECLARATIONS.has(name) && findBuiltin(shell, name) !== undefined;
}
