import { BlockChecksum } from '../../../archive/bzip2-checksum';
import type { CommandContext } from '../command';
import { type ByteString, bytesOf } from './bytes';
import { causeOf, complain } from './complaints';
import { openInput, printText, readText } from './input';
import { notSimulated, parseOptions } from './options';

/** GNU coreutils manual, "cksum invocation" with POSIX' own algorithm. */
export function cksum(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['-a --algorithm=NAME', '--untagged', '--tag']);
  if (!/^crc$/.test(options.value('algorithm') ?? 'crc'))
    throw notSimulated('cksum', `-a ${options.value('algorithm')}`);
  return each(
    context,
    options.operands,
    (text, name) => `${crcOf(text)} ${text.length}${name && ` ${name}`}`,
  );
}

/** GNU coreutils manual, "sum invocation": BSD's algorithm over blocks of 1024, or System V's over blocks of 512. */
export function sum(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['-r', '-s --sysv']);
  const several = options.operands.length > 1;
  if (options.last('r', 'sysv') === 'sysv')
    return each(
      context,
      options.operands,
      (text, name) => `${systemVOf(text)} ${Math.ceil(text.length / 512)}${name && ` ${name}`}`,
    );
  return each(context, options.operands, (text, name) => {
    const blocks = String(Math.ceil(text.length / 1024)).padStart(5);
    const shown = several || options.operands.length > 0 ? name && ` ${name}` : '';
    return `${String(bsdOf(text)).padStart(5, '0')} ${blocks}${shown}`;
  });
}

async function each(
  context: CommandContext,
  operands: readonly string[],
  line: (text: ByteString, name: string) => string,
): Promise<number> {
  let exitCode = 0;
  for (const name of operands.length > 0 ? operands : ['']) {
    try {
      printText(context, `${line(await readText(context, openInput(context, name || '-')), name)}\n`);
    } catch (error) {
      complain(context, `${name}: ${causeOf(error)}`);
      exitCode = 1;
    }
  }
  return exitCode;
}

/** The CRC of ISO 8802-3, with the length behind the bytes. */
function crcOf(text: ByteString): number {
  const length: number[] = [];
  for (let left = text.length; left > 0; left = Math.floor(left / 256)) length.push(left & 0xff);
  const checksum = new BlockChecksum(0);
  checksum.add(bytesOf(text));
  checksum.add(Uint8Array.from(length));
  return checksum.value;
}

function bsdOf(text: ByteString): number {
  let value = 0;
  for (let at = 0; at < text.length; at++)
    value = ((value >> 1) + ((value & 1) << 15) + text.charCodeAt(at)) & 0xffff;
  return value;
}

function systemVOf(text: ByteString): number {
  let value = 0;
  for (let at = 0; at < text.length; at++) value = (value + text.charCodeAt(at)) >>> 0;
  const once = (value & 0xffff) + (value >>> 16);
  return (once & 0xffff) + (once >>> 16);
}
