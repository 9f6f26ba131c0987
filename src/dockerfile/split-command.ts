import { cutAtSeparator, isBlank, trim } from './blanks';
import type { Flag } from './instruction';

/** Keyword, flags and the rest of an instruction's line. Follows BuildKit's `splitCommand`. */
export function splitCommand(line: string, escape: string): { keyword: string; flags: Flag[]; rest: string } {
  const { head, rest } = cutAtSeparator(trim(line));
  const { flags, rest: args } = takeFlags(rest ?? '', escape);
  return { keyword: head, flags, rest: trim(args) };
}

/** Takes the `--name=value` words off the front of a line, quotes off the words. A bare `--` ends them. */
function takeFlags(line: string, escape: string): { flags: Flag[]; rest: string } {
  const flags: Flag[] = [];
  let position = 0;
  for (;;) {
    while (position < line.length && isBlank(line[position]!)) position++;
    if (!line.startsWith('--', position)) return { flags, rest: line.slice(position) };
    const { word, end } = flagWord(line, position, escape);
    position = end;
    if (word === '--') return { flags, rest: line.slice(position) };
    if (word !== '') flags.push(flagOf(word));
  }
}

function flagWord(line: string, start: number, escape: string): { word: string; end: number } {
  let word = '';
  let quote = '';
  let index = start;
  for (; index < line.length; index++) {
    const char = line[index]!;
    if (char === escape) {
      // An escape at the very end stands for nothing.
      if (index + 1 < line.length) word += line[++index]!;
    } else if (quote !== '') {
      if (char === quote) quote = '';
      else word += char;
    } else if (isBlank(char)) break;
    else if (char === '"' || char === "'") quote = char;
    else word += char;
  }
  return { word, end: index };
}

function flagOf(word: string): Flag {
  const equals = word.indexOf('=');
  return equals < 0
    ? { name: word.slice(2), value: undefined }
    : { name: word.slice(2, equals), value: word.slice(equals + 1) };
}
