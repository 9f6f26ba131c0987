import type { Command, CommandContext } from '../command';
import { asksVersion, readArguments } from './arguments';
import { change, homeOf, lookFor, prefixOf, query } from './model';

const KEEPS = 'what it keeps of its run is not known';

export interface Tool {
  /** Folders and files: `~/.cache` at home, `.` where it works, `%` where it is installed, `$NAME:PATH` by a variable or else the path. */
  readonly writes: readonly string[];
  /** Options whose value it writes to as well: `o output`. */
  readonly outputs?: string;
  /** Other options with a value. */
  readonly values?: string;
  /** What it writes even when it only tells its version: settings, logs, checks for a newer one. */
  readonly keeps?: readonly string[];
  /** First words with which it only tells something, and writes nothing. */
  readonly asks?: RegExp;
  /** First words with which it looks whether something holds. */
  readonly looks?: RegExp;
  /** The end of "`stack setup` is modelled: …". */
  readonly what?: string;
  /** The first word says nothing of what it does. */
  readonly isNamedAlone?: boolean;
}

/** A program that writes to folders of its own, and to what its options name. */
export function tool({
  writes,
  keeps,
  outputs = '',
  values = '',
  asks,
  looks,
  what = 'what it installs is not known',
  isNamedAlone = false,
}: Tool): Command {
  return (context) => {
    const options = readArguments(context.args, `${outputs} ${values}`);
    const [action = ''] = options.operands;
    if (asksVersion(context.args) || asks?.test(action))
      return keeps
        ? change(context, placesOf(context, keeps), KEEPS, { title: context.name })
        : query(context);
    if (looks?.test(action)) return lookFor(context);
    const named = outputs.split(' ').flatMap((name) => options.value(name) || []);
    const places = [...placesOf(context, writes), ...named];
    return change(context, places, what, isNamedAlone ? { title: context.name } : {});
  };
}

/** The paths that `writes` of a `Tool` stands for. */
export function placesOf(context: CommandContext, writes: readonly string[]): string[] {
  return writes.map((place) => {
    const [, name, otherwise = ''] = /^\$(\w+):(.*)$/.exec(place) ?? [];
    const path = name === undefined ? place : context.env.get(name) || otherwise;
    if (path.startsWith('%')) return path.replace('%', prefixOf(context));
    return path === '.' ? context.cwd : path.replace(/^\.(?=\/)/, context.cwd).replace(/^~/, homeOf(context));
  });
}
