import type { CommandContext } from '../command';
import { causeOf, fail, failUsage, quote } from './complaints';
import { absolute } from './input';
import { joinNames, lastName } from './names';
import type { ParsedOptions } from './options';

/** What `cp`, `mv`, `ln` and `install` are to write: each source with the name it gets. */
export interface Destination {
  readonly pairs: readonly { readonly source: string; readonly target: string }[];
  /** The folder they go into, where they go into one. */
  readonly folder?: string;
}

/**
 * Reads `SOURCE... TARGET` by coreutils' rules: an existing folder (through links) takes the sources under their
 * last names, `-t` names it, `-T` says that the target is no such folder. A number is the exit code of an error.
 */
export function destinationOf(context: CommandContext, options: ParsedOptions): Destination | number {
  const operands = [...options.operands];
  const named = options.value('target-directory');
  const noFolder = options.has('no-target-directory');
  if (operands.length === 0) return failUsage(context, 'missing file operand');
  if (named !== undefined) {
    const problem = folderProblem(context, named);
    return problem ? fail(context, badFolder(context, named, problem)) : into(named, operands);
  }
  if (operands.length === 1) {
    if (context.name === 'ln' && !noFolder) return into('.', operands);
    return failUsage(context, `missing destination file operand after ${quote(operands[0]!)}`);
  }
  const target = operands.pop()!;
  if (noFolder) {
    if (operands.length > 1) return failUsage(context, `extra operand ${quote(target)}`);
    return { pairs: [{ source: operands[0]!, target }] };
  }
  const follow = !(context.name === 'ln' && options.has('no-dereference'));
  const problem = folderProblem(context, target, follow);
  if (problem === undefined) return into(target, operands);
  if (operands.length > 1) return fail(context, `target ${quote(target)}: ${problem}`);
  if (target.endsWith('/') && problem === 'Not a directory' && context.name !== 'cp')
    return fail(context, `target ${quote(target)}: ${problem}`);
  return { pairs: [{ source: operands[0]!, target }] };
}

function badFolder({ name }: CommandContext, folder: string, problem: string): string {
  if (name !== 'ln' && name !== 'install') return `target directory ${quote(folder)}: ${problem}`;
  return problem === 'Not a directory'
    ? `target ${quote(folder)} is not a directory`
    : `failed to access ${quote(folder)}: ${problem}`;
}

function into(folder: string, sources: readonly string[]): Destination {
  return {
    folder,
    pairs: sources.map((source) => ({ source, target: joinNames(folder, lastName(source)) })),
  };
}

function folderProblem(context: CommandContext, operand: string, follow = true): string | undefined {
  try {
    const { node } = context.fileSystem.stat(absolute(context, operand), {
      follow: follow || operand.endsWith('/'),
    });
    return node.kind === 'directory' ? undefined : 'Not a directory';
  } catch (error) {
    return causeOf(error);
  }
}
