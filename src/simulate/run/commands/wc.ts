import type { CommandContext } from '../command';
import { encodeArgument } from './bytes';
import { causeOf, complain, quoteIfNeeded } from './complaints';
import { openInput, print, printsDoubtful, readText } from './input';
import { localeOf } from './locale';
import { parseOptions } from './options';

const OPTIONS = ['-c --bytes', '-m --chars', '-l --lines', '-L --max-line-length', '-w --words'];

/** GNU coreutils manual, "wc invocation". */
export async function wc(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  const asked = options.list.map(({ name }) => name);
  const shown = ['lines', 'words', 'chars', 'bytes', 'max-line-length'].filter((name) =>
    asked.length > 0 ? asked.includes(name) : ['lines', 'words', 'bytes'].includes(name),
  );
  const names = options.operands.length > 0 ? options.operands : ['-'];
  const rows: { counts: number[]; name: string }[] = [];
  let total = 0;
  let special = false;
  let exitCode = 0;
  for (const name of names) {
    try {
      const content = openInput(context, name);
      if (name === '-') special = true;
      else total += content.size;
      const text = await readText(context, content);
      rows.push({ counts: shown.map((what) => count(text, what, localeOf(context).utf8)), name });
    } catch (error) {
      complain(context, `${name}: ${causeOf(error)}`);
      if (causeOf(error) === 'Is a directory') {
        rows.push({ counts: shown.map(() => 0), name });
        special = true;
      }
      exitCode = 1;
    }
  }
  const lone = names.length === 1 && shown.length === 1;
  // A pipe on standard input gives the width 7, a file the width of its size; which of them it is cannot be told here.
  const width = lone ? 1 : Math.max(String(total).length, special ? 7 : 1);
  if (special && !lone && names[0] === '-')
    printsDoubtful(context, 'the columns of `wc` depend on the kind of its input');
  if (names.length > 1)
    rows.push({
      counts: shown.map((_, i) => rows.reduce((sum, row) => sum + row.counts[i]!, 0)),
      name: 'total',
    });
  for (const { counts, name } of rows) {
    const label =
      name === '-' && options.operands.length === 0
        ? ''
        : ` ${encodeArgument(quoteIfNeeded(name).includes('\n') ? quoteIfNeeded(name) : name)}`;
    print(context, `${counts.map((value) => String(value).padStart(width)).join(' ')}${label}\n`);
  }
  return exitCode;
}

function count(text: string, what: string, utf8: boolean): number {
  switch (what) {
    case 'lines':
      return (text.match(/\n/g) ?? []).length;
    case 'words':
      return (text.match(/[^ \t\n\v\f\r]+/g) ?? []).filter((word) => utf8 || /[\x21-\x7e]/.test(word)).length;
    case 'chars':
      return utf8 ? text.replace(/[\x80-\xbf]/g, '').length : text.length;
    case 'max-line-length':
      return Math.max(0, ...text.split(/[\n\r\f]/).map(displayWidth));
    default:
      return text.length;
  }
}

function displayWidth(line: string): number {
  let width = 0;
  for (const character of line) {
    if (character === '\t') width += 8 - (width % 8);
    else if (character >= ' ' && character <= '~') width++;
  }
  return width;
}
