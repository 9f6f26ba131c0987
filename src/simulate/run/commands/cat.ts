import { EMPTY_CONTENT } from '../../../layers/content';
import type { CommandContext } from '../command';
import { isAscii } from './bytes';
import { causeOf, complain } from './complaints';
import { absolute, linesOf, openInput, print, readOperands } from './input';
import { notSimulated, parseOptions } from './options';
import { appendFile, writeFile } from './output';

const OPTIONS = [
  '-A --show-all',
  '-b --number-nonblank',
  '-e',
  '-E --show-ends',
  '-n --number',
  '-s --squeeze-blank',
  '-t',
  '-T --show-tabs',
  '-u',
  '-v --show-nonprinting',
];

const STDIN = /^(?:-|\/dev\/stdin|\/dev\/fd\/0|\/proc\/self\/fd\/0)$/;

/** GNU coreutils manual, "cat invocation". Without options contents pass unread. */
export async function cat(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  if (options.list.some(({ name }) => name !== 'u')) return catChanged(context, options);
  let exitCode = 0;
  let readStdin = false;
  for (const operand of options.operands.length > 0 ? options.operands : ['-']) {
    const isStdin = STDIN.test(operand);
    try {
      if (!isStdin && isOutput(context, operand)) {
        complain(context, `${operand}: input file is output file`);
        exitCode = 1;
        continue;
      }
      // A second look at standard input finds it at its end.
      if (!isStdin || !readStdin) context.stdout.write(openInput(context, operand));
      readStdin ||= isStdin;
    } catch (error) {
      complain(context, `${operand}: ${causeOf(error)}`);
      exitCode = 1;
    }
  }
  return exitCode;
}

/** Whether reading the file would find what was just written to it. */
function isOutput(context: CommandContext, operand: string): boolean {
  const { file } = context.stdout;
  // busybox does not look, and reads on and on.
  if (!file || file.isEmpty || context.flavour === 'busybox') return false;
  const found = context.fileSystem.find(absolute(context, operand));
  return found.kind === 'present' && found.inode === file.inode;
}

async function catChanged(
  context: CommandContext,
  options: ReturnType<typeof parseOptions>,
): Promise<number> {
  const { texts, failed } = await readOperands(context, options.operands);
  const { lines, complete } = linesOf(texts.map(({ text }) => text).join(''));
  const shows = options.has('show-nonprinting', 'show-all', 'e', 't');
  if (context.flavour === 'busybox' && texts.some(({ text }) => text !== '' && !text.endsWith('\n')))
    throw notSimulated('cat', 'of busybox of an unfinished line');
  const tabs = options.has('show-tabs', 'show-all', 't');
  const end = options.has('show-ends', 'show-all', 'e') ? '$' : '';
  let number = 0;
  let blanks = 0;
  const shown: string[] = [];
  for (const [index, line] of lines.entries()) {
    blanks = line === '' ? blanks + 1 : 0;
    if (options.has('squeeze-blank') && blanks > 1) continue;
    let text = shows ? visible(line) : line;
    if (tabs) text = text.replaceAll('\t', '^I');
    const numbered = options.has('number-nonblank') ? line !== '' : options.has('number');
    const isCut = index === lines.length - 1 && !complete;
    shown.push(`${numbered ? `${String(++number).padStart(6)}\t` : ''}${text}${isCut ? '' : `${end}\n`}`);
  }
  print(context, shown.join(''));
  return failed ? 1 : 0;
}

function visible(line: string): string {
  return line.replace(/[^\t\x20-\x7e]/g, (character) => {
    const code = character.charCodeAt(0);
    const low = code & 0x7f;
    const text =
      low < 0x20 ? `^${String.fromCharCode(low + 64)}` : low === 0x7f ? '^?' : String.fromCharCode(low);
    return code > 0x7f ? `M-${text}` : text;
  });
}

/** GNU coreutils manual, "tee invocation". */
function emptyExisting(context: CommandContext, operand: string): void {
  const path = absolute(context, operand);
  const found = context.fileSystem.find(path);
  if (found.kind !== 'present' || found.inode.node.kind !== 'file') return;
  // What goes wrong is told when it is written.
  if (context.fileSystem.allows(found.inode, 2)) writeFile(context, path, EMPTY_CONTENT);
}

export async function tee(context: CommandContext): Promise<number> {
  const options = parseOptions(context, [
    '-a --append',
    '-i --ignore-interrupts',
    '-p',
    '--output-error[=MODE]',
  ]);
  // Files are emptied before the first byte is read, which may come from one of them.
  if (!options.has('append')) for (const operand of options.operands) emptyExisting(context, operand);
  context.stdout.write(context.stdin);
  let exitCode = 0;
  for (const operand of options.operands) {
    try {
      if (operand === '-' && context.flavour === 'busybox') context.stdout.write(context.stdin);
      else if (options.has('append')) await appendFile(context, absolute(context, operand), context.stdin);
      else writeFile(context, absolute(context, operand), context.stdin);
    } catch (error) {
      complain(context, `${operand}: ${causeOf(error)}`);
      exitCode = 1;
    }
  }
  return exitCode;
}

/** GNU coreutils manual, "tac invocation"; separators other than the newline are not simulated. */
export async function tac(context: CommandContext): Promise<number> {
  const { operands } = parseOptions(context, []);
  const { texts, failed } = await readOperands(
    context,
    operands,
    (name) => `failed to open '${name}' for reading`,
  );
  for (const { text } of texts) print(context, (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).reverse().join(''));
  return failed ? 1 : 0;
}

/** util-linux' rev(1), in the C locale. */
export async function rev(context: CommandContext): Promise<number> {
  const { operands } = parseOptions(context, []);
  const { texts, failed } = await readOperands(context, operands, (name) => `cannot open ${name}`);
  for (const { text } of texts) {
    // In the C locale it refuses what is not ASCII.
    if (context.flavour === 'gnu' && !isAscii(text)) throw notSimulated('rev', 'of text beyond ASCII');
    print(
      context,
      text.replace(/[^\n]+/g, (line) => [...line].reverse().join('')),
    );
  }
  return failed ? 1 : 0;
}
