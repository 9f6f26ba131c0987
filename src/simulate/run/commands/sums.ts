import type { CommandContext } from '../command';
import type { ByteString } from './bytes';
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

let table: Uint32Array | undefined;

function crcTable(): Uint32Array {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte << 24;
    for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
    return value >>> 0;
  });
  return table;
}

/** The CRC of ISO 8802-3, with the length behind the bytes. */
function crcOf(text: ByteString): number {
  const steps = crcTable();
  let value = 0;
  const add = (byte: number) => {
    value = ((value << 8) ^ steps[((value >>> 24) ^ byte) & 0xff]!) >>> 0;
  };
  for (let at = 0; at < text.length; at++) add(text.charCodeAt(at));
  for (let length = text.length; length > 0; length = Math.floor(length / 256)) add(length & 0xff);
  return ~value >>> 0;
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
