import { type CommandContext, NotSimulated } from '../command';
import type { ByteString } from './bytes';
import { causeOf } from './complaints';
import { absolute, contentOf, openInput, print, readText } from './input';
import { notSimulated, type ParsedOptions, parseOptions } from './options';

const OPTIONS = ['-f --force', '-k --keepdate', '-n --newfile', '-o --oldfile', '-q --quiet', '-s --safe'];

const BINARY = /[\x00-\x08\x0b\x0e-\x1f]/;

/** dos2unix(1) and unix2dos(1), version 7.4, between LF and CRLF. */
export async function dos2unix(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  const { operands } = options;
  if (operands.length === 0) {
    const text = await readText(context, context.stdin);
    const converted = convert(context, text, options);
    if (converted === undefined) throw notSimulated(context.name, 'of binary input');
    print(context, converted);
    return 0;
  }
  if (!options.has('newfile')) {
    let exitCode = 0;
    for (const name of operands)
      exitCode = Math.max(exitCode, await convertFile(context, options, name, name));
    return exitCode;
  }
  if (operands.length % 2 === 1) throw notSimulated(context.name, '-n with an odd name');
  let exitCode = 0;
  for (let at = 0; at < operands.length; at += 2)
    exitCode = Math.max(exitCode, await convertFile(context, options, operands[at]!, operands[at + 1]!));
  return exitCode;
}

async function convertFile(
  context: CommandContext,
  options: ParsedOptions,
  from: string,
  to: string,
): Promise<number> {
  const { fileSystem } = context;
  const say = (text: string) => {
    if (!options.has('quiet')) context.stderr.write(`${context.name}: ${text}\n`);
  };
  const path = absolute(context, from);
  const found = fileSystem.find(path, { follow: false });
  if (found.kind !== 'present') {
    say(`${from}: No such file or directory`);
    say(`Skipping ${from}, not a regular file.`);
    // Quietly, it is no failure either.
    return options.has('quiet') ? 0 : 2;
  }
  const { node } = found.inode;
  if (node.kind === 'symlink') throw notSimulated(context.name, 'of a symbolic link');
  if (node.kind !== 'file') {
    say(`Skipping ${from}, not a regular file.`);
    return 0;
  }
  const text = await readText(context, openInput(context, from));
  const converted = convert(context, text, options);
  if (converted === undefined) {
    const before = text.slice(0, text.search(BINARY) + 1);
    const code = before
      .charCodeAt(before.length - 1)
      .toString(16)
      .toUpperCase()
      .padStart(2, '0');
    say(`Binary symbol 0x${code} found at line ${before.split('\n').length}`);
    say(`Skipping binary file ${from}`);
    return 0;
  }
  const format = context.name.startsWith('dos2') ? 'Unix' : 'DOS';
  say(
    from === to
      ? `converting file ${from} to ${format} format...`
      : `converting file ${from} to file ${to} in ${format} format...`,
  );
  store(context, options, { from: path, to: absolute(context, to), text: converted });
  return 0;
}

/** A file of its own takes the place of the old one, with its mode and owner. */
function store(
  context: CommandContext,
  options: ParsedOptions,
  { from, to, text }: { from: string; to: string; text: ByteString },
): void {
  const { fileSystem } = context;
  const { node } = fileSystem.stat(from);
  const known = fileSystem.find(to, { follow: false });
  if (known.kind === 'present' && known.inode.node.kind !== 'file')
    throw notSimulated(context.name, 'onto what is no file');
  try {
    if (known.kind === 'present') fileSystem.unlink(to);
    fileSystem.write(to, contentOf(text));
  } catch (error) {
    throw new NotSimulated(`\`${context.name}\` that cannot write is not simulated: ${causeOf(error)}`);
  }
  const mask = from === to ? 0 : fileSystem.umask;
  fileSystem.chmod(to, node.mode & 0o7777 & ~mask);
  if (from === to) fileSystem.chown(to, node.uid, node.gid);
  if (options.has('keepdate')) fileSystem.setModified(to, node.mtime);
}

/** `undefined` for what is binary. A mark of byte order at the beginning is dropped for Unix. */
function convert(context: CommandContext, text: ByteString, options: ParsedOptions): ByteString | undefined {
  if (/^(?:\xff\xfe|\xfe\xff)/.test(text)) throw notSimulated(context.name, 'of UTF-16');
  if (!options.has('force') && BINARY.test(text)) return undefined;
  if (context.name === 'unix2dos' && text.includes('\r\r\n'))
    throw notSimulated('unix2dos', 'of CR before CRLF');
  if (context.name === 'unix2dos') return text.replace(/(?<!\r)\n/g, '\r\n');
  return text.replace(/^\xef\xbb\xbf/, '').replace(/\r\n/g, '\n');
}
