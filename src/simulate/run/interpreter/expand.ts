import { NotSimulated } from '../command';
import { evaluate } from './arithmetic-words';
import { expandBraces } from './braces';
import { unitsToMatch } from './characters';
import { type Field, FieldBuilder } from './fields';
import { expandPaths } from './glob';
import { expandParameter, type ParameterValue } from './parameter';
import { isPattern, matchesPattern, unescapePattern } from './pattern';
import { placeSubstitution } from './process-substitution';
import type { ShellState } from './shell-state';
import { showGroups } from './source';
import { substituteCommand } from './substitution';
import type { WordNode, WordPart } from './syntax';
import { homeOf } from './tilde';

/** All expansions of a command's words (POSIX XCU 2.6): one word may become none, one or many. */
export async function expandWords(shell: ShellState, words: readonly WordNode[]): Promise<string[]> {
  const expanded: string[] = [];
  for (const word of words) {
    const plain = plainText(word);
    if (plain !== undefined) {
      expanded.push(plain);
      continue;
    }
    for (const single of expandBraces(word)) expanded.push(...(await expandWord(shell, single)));
  }
  return expanded;
}

/** The text of a word that holds nothing to expand. */
function plainText(word: WordNode): string | undefined {
  let text = '';
  for (const part of word.parts) {
    if (part.type !== 'Literal' && part.type !== 'SingleQuoted' && part.type !== 'Escaped') return undefined;
    // A parser may leave a lone bracket as literal text.
    if (part.type === 'Literal' && /[*?[\\\ue010]/.test(part.value)) return undefined;
    text += part.value;
  }
  return word.parts.length > 0 ? text : undefined;
}

async function expandWord(shell: ShellState, word: WordNode): Promise<string[]> {
  const builder = new FieldBuilder(shell.fieldSeparators, shell.characters);
  for (const [index, part] of word.parts.entries()) {
    // Only a tilde at the start of a word is one; after `=` and `:` bash alone expands it in plain words.
    if (part.type === 'TildeExpansion' && index > 0 && !shell.isBash) builder.literal(`~${part.user ?? ''}`);
    else await append(shell, builder, part, 'unquoted');
  }
  builder.end();
  if (shell.options.has('f')) return builder.fields.map((field) => field.text);
  return builder.fields.flatMap((field) => pathsOf(shell, field));
}

function pathsOf(shell: ShellState, field: Field): string[] {
  if (!isPattern(field.pattern, shell.patternOptions)) return [field.text];
  const found = expandPaths(shell.fileSystem, field.pattern, shell.cwd, {
    ...shell.patternOptions,
    dots: shell.shopt.has('dotglob'),
    deep: shell.shopt.has('globstar'),
    ignoreCase: shell.shopt.has('nocaseglob'),
    skipDots: shell.isBash,
    matches: (name, part, options) => {
      const units = unitsToMatch(shell, name, part);
      return matchesPattern(units.text, units.pattern, options);
    },
  });
  const folder = field.pattern.endsWith('/*') ? field.pattern.slice(0, -2) : undefined;
  if (folder !== undefined && !isPattern(folder, shell.patternOptions))
    shell.wholeFolders.push(unescapePattern(folder) || '/');
  if (found.length > 0) return found;
  return shell.shopt.has('nullglob') ? [] : [field.text];
}

/** A word that stays one text: an assignment's value, a redirect's target, the subject of `case`. */
export async function expandText(shell: ShellState, word: WordNode | null): Promise<string> {
  if (!word) return '';
  return plainText(word) ?? (await joined(shell, word.parts, 'single')).text;
}

/** A word as a pattern: quoted characters escaped. */
export async function expandPattern(shell: ShellState, word: WordNode): Promise<string> {
  return (await joined(shell, word.parts, 'single')).pattern;
}

/** Text in which only `$` and backticks work, as in a here-document. */
export async function expandQuoted(shell: ShellState, parts: readonly WordPart[]): Promise<string> {
  return (
    await joined(
      shell,
      parts.map((part) => keepBackslash(part, '$`\\')),
      'quoted',
    )
  ).text;
}

async function joined(shell: ShellState, parts: readonly WordPart[], quoting: Quoting): Promise<Field> {
  const builder = new FieldBuilder('');
  for (const part of parts) await append(shell, builder, part, quoting);
  builder.end();
  // `"$@"` in such a place is one text, its parts joined by a blank.
  const texts = builder.fields;
  if (texts.length === 1) return texts[0]!;
  const text = texts.map((field) => field.text).join(' ');
  return { text, pattern: texts.map((field) => field.pattern).join(' ') };
}

/**
 * How a piece of a word is read. `single`: not quoted, but neither split nor made into several fields.
 * `substituted`: the unquoted word of `${x:-a b}`, whose literal text is split too.
 */
type Quoting = 'unquoted' | 'substituted' | 'single' | 'quoted';

async function append(
  shell: ShellState,
  builder: FieldBuilder,
  part: WordPart,
  quoting: Quoting,
): Promise<void> {
  switch (part.type) {
    case 'Literal':
      appendLiteral(builder, part.value, quoting);
      return;
    case 'Glob':
      appendLiteral(builder, part.pattern, quoting);
      return;
    case 'SingleQuoted':
      // In the `${x:-'y'}` of a here-document single quotes are ordinary characters.
      if (quoting === 'quoted') builder.quoted(literalQuotes(part.value));
      else builder.quoted(part.value);
      return;
    case 'Escaped':
      builder.quoted(part.value);
      return;
    case 'DoubleQuoted':
      if (part.parts.length === 0) builder.quoted('');
      for (const inner of part.parts) await append(shell, builder, keepBackslash(inner, '$`"\\'), 'quoted');
      return;
    case 'TildeExpansion':
      if (quoting === 'quoted') builder.quoted(`~${part.user ?? ''}`);
      else builder.quoted(await homeOf(shell, part.user));
      return;
    case 'ParameterExpansion':
      await appendValue(shell, builder, await expandParameter(shell, part), quoting);
      return;
    case 'CommandSubstitution':
      appendText(builder, await substituteCommand(shell, part.body), quoting);
      return;
    case 'ArithmeticExpansion':
      appendText(builder, (await evaluate(shell, part.expression)).toString(), quoting);
      return;
    case 'ProcessSubstitution':
      builder.quoted(await placeSubstitution(shell, part));
      return;
    case 'BraceExpansion':
      for (const [index, word] of expandBraces({ type: 'Word', parts: [part] }).entries()) {
        if (index > 0) builder.literal(' ');
        for (const inner of word.parts) await append(shell, builder, inner, quoting);
      }
      return;
    default:
      part satisfies never;
  }
}

/** Where only some characters can be escaped, a backslash before any other stays. */
function keepBackslash(part: WordPart, escapable: string): WordPart {
  if (part.type !== 'Escaped' || escapable.includes(part.value)) return part;
  return { type: 'Literal', value: `\\${part.value}` };
}

function literalQuotes(text: string): string {
  if (/[$`\\]/.test(text))
    throw new NotSimulated('an expansion in single quotes in a here-document is not simulated');
  return `'${text}'`;
}

function appendLiteral(builder: FieldBuilder, value: string, quoting: Quoting): void {
  const text = showGroups(value);
  if (quoting === 'quoted') builder.quoted(text);
  else if (quoting === 'substituted') builder.expanded(text);
  else builder.literal(text);
}

function appendText(builder: FieldBuilder, text: string, quoting: Quoting): void {
  if (quoting === 'quoted') builder.quoted(text);
  else if (quoting === 'single') builder.literal(text);
  else builder.expanded(text);
}

async function appendValue(
  shell: ShellState,
  builder: FieldBuilder,
  value: ParameterValue,
  quoting: Quoting,
): Promise<void> {
  if (value.kind === 'text') appendText(builder, value.text, quoting);
  else if (value.kind === 'list') appendList(shell, builder, value, quoting);
  else {
    if (quoting === 'quoted' && value.word.parts.length === 0) builder.quoted('');
    const inner = quoting === 'unquoted' ? 'substituted' : quoting;
    for (const part of value.word.parts) await append(shell, builder, part, inner);
  }
}

/** `$@` gives a field for each value, `$*` in quotes one with the first of IFS between. */
function appendList(
  shell: ShellState,
  builder: FieldBuilder,
  { values, star }: Extract<ParameterValue, { kind: 'list' }>,
  quoting: Quoting,
): void {
  if (star && (quoting === 'quoted' || quoting === 'single')) {
    appendText(builder, values.join(shell.fieldSeparators.slice(0, 1)), quoting);
    return;
  }
  if (quoting === 'single') {
    builder.literal(values.join(' '));
    return;
  }
  for (const [index, value] of values.entries()) {
    if (index > 0) builder.end();
    appendText(builder, value, quoting);
  }
}
