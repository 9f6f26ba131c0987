import { PosixError } from '../../../filesystem/posix';
import { type Content, EMPTY_CONTENT, inlineContent } from '../../../layers/content';
import { type CommandContext, NotSimulated, RestsOnGuess } from '../command';
import { type ByteString, byteStringOf, bytesOf, encodeArgument, isAscii } from './bytes';
import { causeOf, complain } from './complaints';

/** What the text tools read at most from one file. */
const MOST = 64 * 1024 * 1024;

/** A path as a system call takes it: absolute, links and `..` still to be followed. */
export function absolute(context: Pick<CommandContext, 'cwd'>, operand: string): string {
  if (operand === '') throw new PosixError('ENOENT', operand);
  if (operand.startsWith('/')) return operand;
  return context.cwd === '/' ? `/${operand}` : `${context.cwd}/${operand}`;
}

/** Opens an operand for reading; `-` is standard input. Throws as `open` and `read` fail. */
export function openInput(context: CommandContext, operand: string): Content {
  if (operand === '-') return context.stdin;
  return openFile(context, absolute(context, operand));
}

/** Opens a file or one of the devices that every RUN has. A slash at the end wants a folder. */
export function openFile(context: CommandContext, path: string): Content {
  const found = context.fileSystem.find(path);
  const device = deviceContent(context, found.path);
  if (device) return device;
  if (found.kind === 'present' && found.inode.node.kind === 'file' && path.endsWith('/')) {
    throw new PosixError('ENOTDIR', path);
  }
  if (found.kind === 'present' && found.inode.node.kind !== 'file' && found.inode.node.kind !== 'directory') {
    throw new NotSimulated(`reading the special file ${found.path} is not simulated`);
  }
  return context.fileSystem.readable(path).content;
}

function deviceContent(context: CommandContext, path: string): Content | undefined {
  if (path === '/dev/null') return EMPTY_CONTENT;
  if (path === '/dev/stdin' || path === '/dev/fd/0' || path === '/proc/self/fd/0') return context.stdin;
  if (/^\/dev\/(?!shm\/|mqueue\/)./.test(path) || /^\/(proc|sys)\/./.test(path)) {
    const isThere = context.fileSystem.find(path);
    if (isThere.kind === 'present' && isThere.inode.node.kind === 'file') return undefined;
    throw new NotSimulated(`reading ${path} is not simulated`);
  }
  return undefined;
}

/** All bytes of a content as a byte string. */
export async function readText(context: CommandContext, content: Content): Promise<ByteString> {
  return byteStringOf(await readBytes(context, content));
}

export async function readBytes(context: CommandContext, content: Content): Promise<Uint8Array> {
  context.checkBudget();
  if (content.kind === 'inline') {
    if (content.varies) context.model(content.varies);
    return content.bytes;
  }
  refuseUnreadable(content);
  if (content.size > MOST) throw new NotSimulated(`\`${context.name}\` of more than 64 MB is not simulated`);
  return context.reader.read(content);
}

export function refuseUnreadable(content: Content): void {
  if (content.kind === 'placeholder')
    throw new RestsOnGuess(`the contents read here are not known: ${content.reason}`, content.reason);
}

/**
 * Reads each operand in turn (standard input when there is none). An operand that cannot be read is complained
 * about with `words` and left out; `failed` says that there was one.
 */
export async function readOperands(
  context: CommandContext,
  operands: readonly string[],
  words = (name: string) => name,
): Promise<{ texts: { name: string; text: ByteString }[]; failed: boolean }> {
  const texts: { name: string; text: ByteString }[] = [];
  let failed = false;
  let stdin: string | undefined;
  for (const name of operands.length > 0 ? operands : ['-']) {
    try {
      // What standard input had was read by the first `-`.
      const text =
        name === '-' && stdin !== undefined ? '' : await readText(context, openInput(context, name));
      if (name === '-') stdin = text;
      texts.push({ name, text });
    } catch (error) {
      complain(context, `${words(name)}: ${causeOf(error)}`);
      failed = true;
    }
  }
  return { texts, failed };
}

/** Lines without their ends. `complete` is false when the last one has no newline. */
export function linesOf(text: ByteString, separator = '\n'): { lines: string[]; complete: boolean } {
  if (text === '') return { lines: [], complete: true };
  const lines = text.split(separator);
  const complete = lines.at(-1) === '';
  if (complete) lines.pop();
  return { lines, complete };
}

/** Writes a byte string to standard output. */
export function print(context: CommandContext, text: ByteString): void {
  if (text !== '') context.stdout.write(isAscii(text) ? text : bytesOf(text));
}

/** Writes a text of ours, or one that holds names, to standard output. */
export function printText(context: CommandContext, text: string): void {
  print(context, encodeArgument(text));
}

/** A byte string as a file's content. */
export function contentOf(text: ByteString): Content {
  return inlineContent(bytesOf(text));
}

/** Notes that lines about so many entries of a folder come in an order that only the real folder has. */
export function listsByChance(context: CommandContext, entries: number): void {
  if (entries > 1 && context.stdout.keepsOrder)
    context.model(`the order in which \`${context.name}\` meets the entries of a folder is not known`);
}

/**
 * Notes that something printed depends on the time, the machine or chance. In the build's log that does not
 * matter; anywhere else it may end up in a file.
 */
export function printsDoubtful(context: CommandContext, reason: string): void {
  if (!context.stdout.isLog) context.model(reason);
}
