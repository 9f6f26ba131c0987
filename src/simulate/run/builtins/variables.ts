import { NotSimulated } from '../command';
import { assignArray, assignText } from '../interpreter/assign';
import { ShellFault } from '../interpreter/control';
import { subscriptOf } from '../interpreter/elements';
import { quoteDeclared, quotePlainly } from '../interpreter/reusable';
import type { ShellState } from '../interpreter/shell-state';
import type { Variable } from '../interpreter/variables';
import { holdsUnknown, reasonOfUnknown } from '../unknown-text';
import { type Builtin, type BuiltinCall, readFlags } from './builtin';

const ASSIGNMENT = /^([A-Za-z_]\w*(?:\[[^\]]*\])?)(\+?)=(.*)$/s;
const PLAIN_ASSIGNMENT = /^([A-Za-z_]\w*)()=(.*)$/s;
const NAME = /^[A-Za-z_]\w*(?:\[[^\]]*\])?$/;

export const exportBuiltin: Builtin = (call) => mark(call, 'exported');
export const readonlyBuiltin: Builtin = (call) => mark(call, 'readonly');

const FLAGS = {
  dash: { exported: 'p', readonly: 'p', unset: 'vf' },
  ash: { exported: 'pn', readonly: 'p', unset: 'vf' },
  bash: { exported: 'pnf', readonly: 'paAf', unset: 'vfn' },
} as const;

function wrongOption(args: readonly string[], known: string): string {
  const letters = args.flatMap((arg) => (/^-[^-]/.test(arg) ? [...arg.slice(1)] : []));
  return `-${letters.find((letter) => !known.includes(letter)) ?? ''}`;
}

/** `export` and `readonly`: assignments first, then the attribute. */
async function mark(call: BuiltinCall, attribute: 'exported' | 'readonly'): Promise<number> {
  const { shell, args, name } = call;
  const read = readFlags(args, FLAGS[shell.dialect][attribute]);
  if (!read) return shell.misuse(name, wrongOption(args, FLAGS[shell.dialect][attribute]), true);
  if (read.flags.has('f')) throw new NotSimulated(`\`${name} -f\` is not simulated`);
  if (read.rest.length === 0) {
    listMarked(shell, name, attribute);
    return 0;
  }
  const on = !read.flags.has('n');
  return declareEach(call, args.length - read.rest.length, (target) =>
    shell.variables.declare(target, { [attribute]: on }),
  );
}

function listMarked(shell: ShellState, name: string, attribute: 'exported' | 'readonly'): void {
  const prefix = shell.isBash && !shell.isPosix ? `declare -${attribute === 'exported' ? 'x' : 'r'}` : name;
  for (const variable of shell.variables.names()) {
    const known = shell.variables.raw(variable)!;
    if (!known[attribute]) continue;
    const quoted = shell.isBash
      ? quoteDeclared(known.value ?? '', shell.characters.utf8)
      : quotePlainly(known.value ?? '');
    shell.descriptors
      .output(1)
      .write(`${prefix} ${variable}${known.value === undefined ? '' : `=${quoted}`}\n`);
  }
}

/** Assigns what the operands from `first` on say, and applies attributes to each name. */
async function declareEach(
  { shell, name, args, arrays }: BuiltinCall,
  first: number,
  apply: (target: string) => void,
): Promise<number> {
  let status = 0;
  for (let index = first; index < args.length; index++) {
    const array = arrays.get(index + 1);
    const match = (shell.isBash ? ASSIGNMENT : PLAIN_ASSIGNMENT).exec(args[index]!);
    const target = array ? args[index]! : (match?.[1] ?? args[index]!);
    if (!NAME.test(target) && holdsUnknown(target)) {
      // `export $(curl …)`: names and values alike are made in the build.
      const reason = `what \`${name}\` sets is not known: ${reasonOfUnknown(target)}`;
      shell.session.model(reason);
      shell.unknownVariables ??= reason;
      continue;
    }
    if (!NAME.test(target)) {
      if (!shell.isBash)
        throw new ShellFault(`${name}: ${target.replace(/=.*$/s, '')}: bad variable name`, 2, true);
      shell.complain(`${name}: \`${args[index]}': not a valid identifier`);
      status = 1;
      continue;
    }
    const plain = subscriptOf(target)?.name ?? target;
    if (array) await assignArray(shell, target, array.words, array.append);
    else if (match) assignText(shell, target, match[3]!, match[2] === '+');
    apply(plain);
  }
  return status;
}

export const unsetBuiltin: Builtin = ({ shell, args }) => {
  const known = FLAGS[shell.dialect].unset;
  const read = readFlags(args, known);
  if (!read) return shell.misuse('unset', wrongOption(args, known), true);
  let status = 0;
  for (const name of read.rest) {
    const element = subscriptOf(name);
    if (read.flags.has('f')) shell.functions.delete(name);
    else if (!shell.isBash && !/^[A-Za-z_]\w*$/.test(name)) {
      throw new ShellFault(
        `unset: ${shell.dialect === 'ash' ? 'line 0: ' : ''}${name}: bad variable name`,
        2,
        true,
      );
    } else if (element) unsetElement(shell, element.name, element.subscript);
    else if (
      shell.isBash &&
      !read.flags.has('v') &&
      !shell.variables.get(name) &&
      shell.functions.has(name)
    ) {
      shell.functions.delete(name);
    } else if (shell.isBash && shell.variables.get(name)?.readonly) {
      shell.complain(`unset: ${name}: cannot unset: readonly variable`);
      status = 1;
    } else shell.variables.unset(name);
  }
  return status;
};

function unsetElement(shell: ShellState, name: string, subscript: string): void {
  const variable = shell.variables.get(name);
  if (variable?.map) {
    const map = new Map(variable.map);
    map.delete(subscript.replace(/^["']|["']$/g, ''));
    shell.variables.declare(name, { map });
  } else if (variable?.list) {
    const list = new Map(variable.list);
    list.delete(Number(subscript));
    shell.variables.declare(name, { list });
  }
}

/** `local`: in dash a name keeps its value until it is assigned, elsewhere it begins unset. */
export const localBuiltin: Builtin = (call) => {
  const { shell } = call;
  if (!shell.variables.inFunction) {
    if (!shell.isBash) throw new ShellFault('local: not in a function', 2, true);
    shell.complain('local: can only be used in a function');
    return 1;
  }
  return shell.isBash ? declareBuiltin(call) : localPosix(call);
};

async function localPosix(call: BuiltinCall): Promise<number> {
  const { variables, dialect } = call.shell;
  for (const arg of call.args) {
    const name = ASSIGNMENT.exec(arg)?.[1] ?? arg;
    const isNew = !variables.isLocal(name);
    variables.localize(name);
    if (isNew && dialect === 'ash') variables.put(name, {});
  }
  return declareEach(call, 0, () => undefined);
}

/** bash's `declare`, `typeset` and `local` (bash manual 4.2). */
export const declareBuiltin: Builtin = async (call) => {
  const { shell, args, name } = call;
  const operands = args.findIndex((arg) => !/^[-+]./.test(arg) || arg === '--');
  const first = operands < 0 ? args.length : operands;
  const flags = args
    .slice(0, first)
    .filter((arg) => arg.startsWith('-'))
    .join('')
    .replaceAll('-', '');
  if (/[fF]/.test(flags)) return declareFunctions(shell, flags, args.slice(first));
  if (flags.includes('p')) return showDeclared(shell, args.slice(first));
  const isLocal = shell.variables.inFunction && !flags.includes('g');
  const attributes = attributesOf(flags, args.slice(0, first));
  for (let index = first; index < args.length; index++) {
    const target = (ASSIGNMENT.exec(args[index]!)?.[1] ?? args[index]!).replace(/\[.*$/s, '');
    if (!NAME.test(target)) continue;
    if (isLocal && !shell.variables.isLocal(target)) {
      shell.variables.localize(target);
      shell.variables.put(target, {});
    }
    const known = shell.variables.raw(target);
    if (!known) shell.variables.put(target, {});
    if (flags.includes('a') && !known?.list) shell.variables.declare(target, { list: new Map() });
    if (flags.includes('A') && !known?.map) shell.variables.declare(target, { map: new Map() });
    if (flags.includes('n')) {
      declareReference(shell, args[index]!);
      continue;
    }
    const { readonly: _, ...others } = attributes;
    shell.variables.declare(target, others);
  }
  if (flags.includes('n')) return 0;
  return declareEach({ ...call, name }, first, (target) => shell.variables.declare(target, attributes));
};

function attributesOf(flags: string, words: readonly string[]): Variable {
  const off = words.filter((word) => word.startsWith('+')).join('');
  return {
    ...(flags.includes('x') ? { exported: true } : {}),
    ...(off.includes('x') ? { exported: false } : {}),
    ...(flags.includes('r') ? { readonly: true } : {}),
    ...(flags.includes('i') ? { integer: true } : {}),
    ...(off.includes('i') ? { integer: false } : {}),
    ...(flags.includes('u') ? { letters: 'upper' as const } : {}),
    ...(flags.includes('l') ? { letters: 'lower' as const } : {}),
  };
}

function declareReference(shell: ShellState, word: string): void {
  const match = ASSIGNMENT.exec(word);
  const name = match?.[1] ?? word;
  const seen = new Set([name]);
  for (let target = match?.[3]; target !== undefined; ) {
    if (seen.has(target)) throw new NotSimulated('a reference that leads to itself is not simulated');
    seen.add(target);
    const next = shell.variables.raw(target);
    target = next?.reference ? next.value : undefined;
  }
  shell.variables.put(name, { value: match?.[3], reference: true });
}

function declareFunctions(shell: ShellState, flags: string, names: readonly string[]): number {
  if (!flags.includes('F') || names.length === 0) throw new NotSimulated('`declare -f` is not simulated');
  const known = names.filter((name) => shell.functions.has(name));
  for (const name of known) shell.descriptors.output(1).write(`${name}\n`);
  return known.length === names.length ? 0 : 1;
}

function showDeclared(shell: ShellState, names: readonly string[]): number {
  if (names.length === 0) throw new NotSimulated('`declare -p` of all variables is not simulated');
  let status = 0;
  for (const name of names) {
    const variable = shell.variables.raw(name);
    if (!variable) {
      shell.complain(`declare: ${name}: not found`);
      status = 1;
      continue;
    }
    if (variable.list || variable.map) throw new NotSimulated('`declare -p` of an array is not simulated');
    const flags =
      `${variable.integer ? 'i' : ''}${variable.readonly ? 'r' : ''}${variable.exported ? 'x' : ''}` || '-';
    const value =
      variable.value === undefined ? '' : `=${quoteDeclared(variable.value, shell.characters.utf8)}`;
    shell.descriptors.output(1).write(`declare -${flags} ${name}${value}\n`);
  }
  return status;
}
