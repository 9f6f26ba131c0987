/** The arguments of a modelled program, as far as they tell where it writes. */
export interface Arguments {
  /** What is no option: `install`, `left-pad`. */
  readonly operands: readonly string[];
  has(...names: readonly string[]): boolean;
  /** The value given last to any of these options. */
  value(...names: readonly string[]): string | undefined;
}

/**
 * Reads options by the names of those that take a value, letters and long names alike: `readArguments(args, 'o output')`.
 * `-fsSLo FILE`, `-oFILE`, `--output FILE` and `--output=FILE` are the same; all other options stand alone.
 */
export function readArguments(args: readonly string[], withValue: string): Arguments {
  const takesValue = new Set(withValue.split(' '));
  const operands: string[] = [];
  const options = new Map<string, string>();
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    const long = /^--([\w-]+)(?:=(.*))?$/s.exec(arg);
    if (arg === '--') {
      operands.push(...args.slice(index + 1));
      break;
    }
    if (long) {
      const [, name = '', value] = long;
      options.set(name, value ?? (takesValue.has(name) ? (args[++index] ?? '') : ''));
    } else if (/^-./.test(arg)) {
      for (let at = 1; at < arg.length; at++) {
        const letter = arg[at]!;
        if (!takesValue.has(letter)) options.set(letter, '');
        else {
          options.set(letter, arg.slice(at + 1).replace(/^=/, '') || (args[++index] ?? ''));
          break;
        }
      }
    } else operands.push(arg);
  }
  return {
    operands,
    has: (...names) => names.some((name) => options.has(name)),
    value: (...names) => names.map((name) => options.get(name)).find((value) => value !== undefined),
  };
}

/** `--version` or `--help`, wherever it stands, or the short forms of it alone: the program only tells something. */
export function asksVersion(args: readonly string[]): boolean {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  if (own.includes('--version') || own.includes('--help')) return true;
  return own.length > 0 && /^(?:-v|-V|-version|version|-h|help)$/.test(own[0]!);
}
