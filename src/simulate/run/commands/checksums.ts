import type { Content } from '../../../layers/content';
import type { CommandContext } from '../command';
import { decodeArgument, encodeArgument } from './bytes';
import { causeOf, complain, quote } from './complaints';
import { absolute, linesOf, openFile, openInput, print, readBytes, readText } from './input';
import { md5 } from './md5';
import { notSimulated, type ParsedOptions, parseOptions } from './options';

const OPTIONS = [
  '-b --binary',
  '-c --check',
  '--tag',
  '-t --text',
  '-z --zero',
  '--ignore-missing',
  '-q --quiet',
  '-s --status',
  '--strict',
  '-w --warn',
];
const GNU = OPTIONS.map((option) => option.replace(/^-[qs] /, ''));

const PERL = [
  '-a --algorithm=N',
  '-b --binary',
  '-c --check',
  '-t --text',
  '-q --quiet',
  '-s --status',
  '--strict',
  '--ignore-missing',
  '-w --warn',
];

const ALGORITHMS: Record<string, { readonly web: string; readonly tag: string; readonly digits: number }> = {
  md5sum: { web: 'MD5', tag: 'MD5', digits: 32 },
  sha1sum: { web: 'SHA-1', tag: 'SHA1', digits: 40 },
  sha256sum: { web: 'SHA-256', tag: 'SHA256', digits: 64 },
  sha384sum: { web: 'SHA-384', tag: 'SHA384', digits: 96 },
  sha512sum: { web: 'SHA-512', tag: 'SHA512', digits: 128 },
};

/** GNU coreutils manual, "md5sum invocation" and its siblings. Busybox' spell `-s` for --status. */
export async function checksum(context: CommandContext): Promise<number> {
  const isPerl = context.name === 'shasum';
  const options = parseOptions(context, isPerl ? PERL : context.flavour === 'busybox' ? OPTIONS : GNU);
  const operands = options.operands.length > 0 ? options.operands : ['-'];
  if (options.has('check')) return check(context, options, operands);
  const { tag } = algorithmOf(context);
  const end = options.has('zero') ? '\0' : '\n';
  let exitCode = 0;
  for (const name of operands) {
    try {
      const digest = await digestOf(context, openInput(context, name));
      const isOdd = !options.has('zero') && /[\\\n\r]/.test(name);
      const shown = isOdd
        ? name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
        : name;
      const mark = options.last('binary', 'text') === 'binary' ? '*' : ' ';
      const line = options.has('tag') ? `${tag} (${shown}) = ${digest}` : `${digest} ${mark}${shown}`;
      print(context, (isOdd ? '\\' : '') + encodeArgument(line) + end);
    } catch (error) {
      complain(context, `${name}: ${causeOf(error)}`);
      exitCode = 1;
    }
  }
  return exitCode;
}

function algorithmOf(context: CommandContext) {
  if (context.name === 'shasum') return algorithmOfPerl(context);
  const algorithm = ALGORITHMS[context.name];
  if (!algorithm) throw notSimulated(context.name, '');
  return algorithm;
}

/** Perl's shasum(1) takes the algorithm as `-a 256`. */
function algorithmOfPerl({ args }: CommandContext) {
  const at = args.findIndex((argument) => /^-a|^--algorithm/.test(argument));
  if (at < 0 && args.some((argument) => /^-c|^--check/.test(argument)))
    throw notSimulated('shasum', '-c without -a');
  const written = at < 0 ? '1' : (/\d+$/.exec(args[at]!)?.[0] ?? args[at + 1] ?? '');
  const algorithm = ALGORITHMS[`sha${written}sum`];
  if (!algorithm) throw notSimulated('shasum', `-a ${written}`);
  return algorithm;
}

async function digestOf(context: CommandContext, content: Content): Promise<string> {
  const { web } = algorithmOf(context);
  if (web === 'SHA-256' && content.kind !== 'inline' && content.kind !== 'placeholder') {
    return (await context.reader.digest(content)).replace('sha256:', '');
  }
  const bytes = await readBytes(context, content);
  const digest =
    web === 'MD5'
      ? md5(bytes)
      : new Uint8Array(await crypto.subtle.digest(web, bytes as Uint8Array<ArrayBuffer>));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

interface Tally {
  read: number;
  malformed: number;
  unreadable: number;
  mismatched: number;
  matched: number;
}

async function check(
  context: CommandContext,
  options: ParsedOptions,
  operands: readonly string[],
): Promise<number> {
  let good = true;
  for (const name of operands) {
    let text: string;
    try {
      text = await readText(context, openInput(context, name));
    } catch (error) {
      if (context.flavour === 'busybox' && (operands.length > 1 || !context.stderr.isLog))
        throw notSimulated(context.name, '-c of busybox of a list that cannot be read');
      complain(context, `${name}: ${causeOf(error)}`);
      good = false;
      continue;
    }
    if (!(await checkList(context, options, name, text))) good = false;
  }
  return good ? 0 : 1;
}

async function checkList(
  context: CommandContext,
  options: ParsedOptions,
  list: string,
  text: string,
): Promise<boolean> {
  const tally: Tally = { read: 0, malformed: 0, unreadable: 0, mismatched: 0, matched: 0 };
  const shownList = list === '-' ? "'standard input'" : list;
  const { tag } = algorithmOf(context);
  for (const [index, line] of linesOf(text).lines.entries()) {
    if (line.startsWith('#')) continue;
    const parsed = parseLine(context, line.replace(/\r$/, ''));
    const isPlain = /^[0-9a-f]+ [ *][^ ]/.test(line);
    if (!parsed || (context.flavour === 'busybox' && !isPlain)) {
      if (context.flavour === 'busybox') throw notSimulated(context.name, '-c of busybox with such a line');
      tally.malformed++;
      if (options.has('warn'))
        complain(context, `${shownList}: ${index + 1}: improperly formatted ${tag} checksum line`);
      continue;
    }
    tally.read++;
    await checkFile(context, options, parsed, tally);
  }
  if (tally.read === 0) {
    complain(context, `${shownList}: no properly formatted checksum lines found`);
    return false;
  }
  if (!options.has('status')) warn(context, tally);
  if (options.has('ignore-missing') && tally.matched === 0) {
    if (!options.has('status')) complain(context, `${shownList}: no file was verified`);
    return false;
  }
  return tally.mismatched === 0 && tally.unreadable === 0 && !(options.has('strict') && tally.malformed > 0);
}

function parseLine(context: CommandContext, line: string): { digest: string; file: string } | undefined {
  const { tag, digits } = algorithmOf(context);
  const tagged = new RegExp(`^${tag} ?\\((.*)\\) ?= ?([0-9a-fA-F]{${digits}})$`).exec(line);
  if (tagged) return { file: decodeArgument(tagged[1]!), digest: tagged[2]!.toLowerCase() };
  const plain = new RegExp(`^[ \\t]*([0-9a-fA-F]{${digits}})( [ *]|[ \\t]+)(.+)$`).exec(line);
  return plain ? { file: decodeArgument(plain[3]!), digest: plain[1]!.toLowerCase() } : undefined;
}

async function checkFile(
  context: CommandContext,
  options: ParsedOptions,
  wanted: { digest: string; file: string },
  tally: Tally,
) {
  const { file, digest } = wanted;
  const tell = (outcome: string) => {
    if (!options.has('status') && !(options.has('quiet') && outcome === 'OK'))
      print(context, encodeArgument(`${quoteOdd(file)}: ${outcome}\n`));
  };
  let content: Content;
  try {
    content = file === '-' ? context.stdin : openFile(context, absolute(context, file));
  } catch (error) {
    const cause = causeOf(error);
    if (cause === 'No such file or directory' && options.has('ignore-missing')) return;
    complain(context, `${file}: ${cause}`);
    tell(context.flavour === 'gnu' ? 'FAILED open or read' : 'FAILED');
    tally.unreadable++;
    return;
  }
  // What a download gives is not known here; that it has the sum the Dockerfile asks for is what the author expects.
  if (content.kind === 'placeholder')
    context.model(`${file} is taken to have the checksum that is asked for`);
  const matches = content.kind === 'placeholder' || (await digestOf(context, content)) === digest;
  tell(matches ? 'OK' : 'FAILED');
  if (matches) tally.matched++;
  else tally.mismatched++;
}

function quoteOdd(file: string): string {
  return file.includes('\n') ? quote(file) : file;
}

function warn(context: CommandContext, { malformed, unreadable, mismatched }: Tally): void {
  const [be, have] = [
    (count: number) => (count === 1 ? 'is' : 'are'),
    (count: number) => (count === 1 ? '' : 's'),
  ];
  if (malformed > 0)
    complain(context, `WARNING: ${malformed} line${have(malformed)} ${be(malformed)} improperly formatted`);
  if (unreadable > 0)
    complain(context, `WARNING: ${unreadable} listed file${have(unreadable)} could not be read`);
  if (mismatched > 0)
    complain(context, `WARNING: ${mismatched} computed checksum${have(mismatched)} did NOT match`);
}

/** GNU coreutils manual, "base64 invocation". */
export async function base64(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['-d -D --decode', '-i --ignore-garbage', '-w --wrap=COLS']);
  if (options.operands.length > 1) throw notSimulated('base64', 'with several files');
  const name = options.operands[0] ?? '-';
  let text: string;
  try {
    text = await readText(context, openInput(context, name));
  } catch (error) {
    complain(context, `${name}: ${causeOf(error)}`);
    return 1;
  }
  if (options.has('decode')) return decode(context, options, text);
  const encoded = btoa(text);
  const width = Number(options.value('wrap') ?? 76);
  print(context, width === 0 ? encoded : encoded.replace(new RegExp(`.{1,${width}}`, 'g'), '$&\n'));
  return 0;
}

function decode(context: CommandContext, options: ParsedOptions, text: string): number {
  const kept = options.has('ignore-garbage')
    ? text.replace(/[^A-Za-z0-9+/=]/g, '')
    : text.replaceAll('\n', '');
  if (
    context.flavour === 'busybox' &&
    !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(kept)
  )
    throw notSimulated('base64', '-d of busybox of wrong input');
  const valid = /^(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)*/.exec(kept)![0];
  print(
    context,
    valid.replace(/[A-Za-z0-9+/]{2}(?:[A-Za-z0-9+/]{2}|[A-Za-z0-9+/]=|==)/g, (group) => atob(group)),
  );
  if (valid.length === kept.length) return 0;
  const rest = /^[A-Za-z0-9+/]*/.exec(kept.slice(valid.length))![0];
  // The bytes that are whole in a group that breaks off are written before the complaint.
  if (rest.length >= 2)
    print(context, atob(rest.slice(0, 4).padEnd(4, 'A')).slice(0, Math.min(rest.length - 1, 3)));
  complain(context, 'invalid input');
  return 1;
}
