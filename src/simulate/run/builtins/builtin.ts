import type { ShellState } from '../interpreter/shell-state';
import type { WordNode } from '../interpreter/syntax';

/** What a built-in gets: the shell it may change, and its arguments after expansion. */
export interface BuiltinCall {
  readonly shell: ShellState;
  readonly name: string;
  readonly args: readonly string[];
  /** Arguments of the form `x=(1 2)`, by their place in the command line (the name is at 0). */
  readonly arrays: ReadonlyMap<number, { readonly words: readonly WordNode[]; readonly append: boolean }>;
}

/** A command that is part of the shell; gives its exit status. */
export type Builtin = (call: BuiltinCall) => Promise<number> | number;

/** Options before the operands, one letter each; `--` ends them. Undefined for a letter not in `known`. */
export function readFlags(
  args: readonly string[],
  known: string,
): { readonly flags: ReadonlySet<string>; readonly rest: readonly string[] } | undefined {
  const flags = new Set<string>();
  let index = 0;
  for (; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === '--') {
      index++;
      break;
    }
    if (!/^-./.test(arg)) break;
    for (const letter of arg.slice(1)) {
      if (!known.includes(letter)) return undefined;
      flags.add(letter);
    }
  }
  return { flags, rest: args.slice(index) };
}
