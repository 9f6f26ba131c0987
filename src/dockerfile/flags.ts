import type { Flag } from './instruction';

/** Takes the `--name=value` words off the front of a line. A bare `--` ends them. Follows BuildKit's `extractBuilderFlags`. */
export function splitFlags(line: string): { flags: Flag[]; rest: string } {
  const flags: Flag[] = [];
  let rest = line.trimStart();
  while (rest.startsWith('--')) {
    const { word, length } = firstWord(rest);
    rest = rest.slice(length).trimStart();
    if (word === '--') break;
    const equals = word.indexOf('=');
    flags.push(
      equals < 0
        ? { name: word.slice(2), value: undefined }
        : { name: word.slice(2, equals), value: word.slice(equals + 1) },
    );
  }
  return { flags, rest: rest.trim() };
}

/** The first blank-delimited word with its quotes taken off, and how much of the line it fills. */
function firstWord(line: string): { word: string; length: number } {
  let word = '';
  let quote = '';
  let index = 0;
  for (; index < line.length; index++) {
    const char = line[index]!;
    if (char === '\\' && index + 1 < line.length) word += line[++index]!;
    else if (quote) {
      if (char === quote) quote = '';
      else word += char;
    } else if (char === '"' || char === "'") quote = char;
    else if (/\s/.test(char)) break;
    else word += char;
  }
  return { word, length: index };
}
