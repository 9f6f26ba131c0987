import { PosixError } from '../../../filesystem/posix';
import { type Content, EMPTY_CONTENT } from '../../../layers/content';
import { baseName } from '../../../layers/path';
import { decodeText } from '../bytes';
import { absolute } from '../lookup';
import type { ShellState } from './shell-state';
import type { CommandNode, WordNode } from './syntax';

/**
 * All parts of a pipe start at once, so a file that a later part writes is there before the program of an earlier one
 * looks, nearly always: `find . | sort > list` lists `list`. Gives the paths. What fails here is told when its part runs.
 */
export function makeOutputs({ fileSystem, cwd }: ShellState, command: CommandNode): string[] {
  return targetsOf(command, /^>[>|]?$/).filter((target) => {
    try {
      const path = absolute(target, cwd);
      if (fileSystem.find(path).kind === 'present') return false;
      fileSystem.write(path, EMPTY_CONTENT);
      return true;
    } catch (error) {
      if (!(error instanceof PosixError)) throw error;
      return false;
    }
  });
}

/** Where a command's redirections of some operators lead, as far as that is plain text. */
function targetsOf(command: CommandNode, operators: RegExp): string[] {
  if (command.type !== 'SimpleCommand') return [];
  return command.redirections.flatMap(({ operator, target }) => {
    const text = target.type === 'HereDoc' ? undefined : literalOf(target);
    return operators.test(operator) && text !== undefined ? [text] : [];
  });
}

function literalOf(word: WordNode): string | undefined {
  const [part, ...more] = word.parts;
  return part?.type === 'Literal' && more.length === 0 ? part.value : undefined;
}

/** `cat f | sed … > f`: the file is emptied before it is read, or after. */
export function modelRaces(shell: ShellState, command: CommandNode, later: readonly CommandNode[]): void {
  if (command.type !== 'SimpleCommand') return;
  const read = new Set([...command.args.map(literalOf), ...targetsOf(command, /^<$/)]);
  for (const other of later) {
    const emptied = [...targetsOf(other, /^>\|?$/), ...teeTargets(other)];
    const path = emptied.find((target) => target !== undefined && read.has(target));
    if (path !== undefined && shell.fileSystem.find(absolute(path, shell.cwd)).kind === 'present')
      shell.session.model(
        `whether ${path} is read before it is emptied by another part of the pipe is chance`,
      );
  }
}

function teeTargets(command: CommandNode): readonly (string | undefined)[] {
  if (command.type !== 'SimpleCommand' || !command.name || literalOf(command.name) !== 'tee') return [];
  return command.args.map(literalOf);
}

/** Whether a listing has the name of a file in it. */
export function mentions(content: Content, path: string): boolean {
  if (content.kind !== 'inline') return false;
  return decodeText(content.bytes)
    .split(/[\n\0]/)
    .some((line) => baseName(line) === baseName(path));
}
