import type { Content } from '../../../layers/content';
import { EMPTY_CONTENT } from '../../../layers/content';
import { encodeText } from '../bytes';
import { type CommandContext, NotSimulated } from '../command';
import { decodeArgument } from './bytes';
import { causeOf } from './complaints';
import { openFile, printText, readText } from './input';
import { patternToRegExp } from './names';
import { notSimulated, type ParsedOptions, parseOptions } from './options';

const OPTIONS = [
  '--add',
  '--remove',
  '--list',
  '--listpackage',
  '--truename',
  '--divert=NAME',
  '--local',
  '--package=NAME',
  '--rename',
  '--no-rename',
  '--quiet',
  '--test',
];

const DATABASE = '/var/lib/dpkg/diversions';

interface Diversion {
  readonly from: string;
  readonly to: string;
  /** `:` for one that no package made. */
  readonly owner: string;
}

/** dpkg-divert(1) of dpkg 1.21. In which order it writes its database is a matter of its hash table. */
export async function dpkgDivert(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  const all = await readDiversions(context);
  const act = options.last('add', 'remove', 'list', 'listpackage', 'truename') ?? 'add';
  if (act === 'list') return list(context, options, all);
  const [from, ...more] = options.operands;
  if (from === undefined || more.length > 0 || !from.startsWith('/') || /\n/.test(from))
    return trouble(context, 'that is no single absolute name');
  const existing = all.find((diversion) => diversion.from === from);
  if (act === 'truename') {
    printText(context, `${existing?.to ?? from}\n`);
    return 0;
  }
  if (act === 'listpackage') {
    if (existing) printText(context, `${existing.owner === ':' ? 'LOCAL' : existing.owner}\n`);
    return 0;
  }
  if (!options.has('rename', 'no-rename'))
    context.stderr.write(
      'dpkg-divert: warning: please specify --no-rename explicitly, the default will change to --rename in 1.20.x\n',
    );
  return act === 'add' ? add(context, options, all, from) : remove(context, options, all, from);
}

function trouble(context: CommandContext, what: string): number {
  if (!context.stderr.isLog) throw notSimulated('dpkg-divert', what);
  context.stderr.write(`dpkg-divert: error: ${what}\n`);
  return 2;
}

function add(
  context: CommandContext,
  options: ParsedOptions,
  all: readonly Diversion[],
  from: string,
): number {
  const to = options.value('divert') ?? `${from}.distrib`;
  const owner = options.has('local') ? ':' : (options.value('package') ?? ':');
  if (!to.startsWith('/')) return trouble(context, `the name "${to}" is not absolute`);
  const wanted = { from, to, owner };
  const clash = all.find((one) => one.from === from || one.to === from || one.from === to || one.to === to);
  if (clash && clash.from === from && clash.to === to && clash.owner === owner) {
    tell(context, options, `Leaving '${describe(wanted)}'`);
    return 0;
  }
  if (clash) {
    context.stderr.write(`dpkg-divert: error: '${describe(wanted)}' clashes with '${describe(clash)}'\n`);
    return 2;
  }
  tell(context, options, `Adding '${describe(wanted)}'`);
  if (options.has('test')) return 0;
  if (options.last('rename', 'no-rename') === 'rename' && !move(context, from, to)) return 2;
  writeDiversions(context, [...all, wanted]);
  return 0;
}

function remove(
  context: CommandContext,
  options: ParsedOptions,
  all: readonly Diversion[],
  from: string,
): number {
  const found = all.find((one) => one.from === from);
  if (!found) {
    if (options.has('local', 'package') || options.has('divert'))
      throw notSimulated('dpkg-divert', '--remove of another diversion');
    tell(context, options, `No diversion 'any diversion of ${from}', none removed.`);
    return 0;
  }
  const owner = options.has('local') ? ':' : options.value('package');
  const to = options.value('divert');
  if ((owner !== undefined && owner !== found.owner) || (to !== undefined && to !== found.to))
    throw notSimulated('dpkg-divert', '--remove of a diversion that is another');
  tell(context, options, `Removing '${describe(found)}'`);
  if (options.has('test')) return 0;
  if (options.last('rename', 'no-rename') === 'rename' && !move(context, found.to, from)) return 2;
  writeDiversions(
    context,
    all.filter((one) => one !== found),
  );
  return 0;
}

/** What is not there need not be moved. */
function move(context: CommandContext, from: string, to: string): boolean {
  const { fileSystem } = context;
  if (fileSystem.find(from, { follow: false }).kind === 'absent') return true;
  if (fileSystem.find(to, { follow: false }).kind === 'present')
    throw new NotSimulated(`\`dpkg-divert --rename\` onto ${to}, which is there, is not simulated`);
  try {
    fileSystem.rename(from, to);
    return true;
  } catch (error) {
    context.stderr.write(`dpkg-divert: error: rename '${from}' to '${to}': ${causeOf(error)}\n`);
    return false;
  }
}

function list(context: CommandContext, { operands }: ParsedOptions, all: readonly Diversion[]): number {
  const patterns = operands.map((text) => patternToRegExp(text));
  for (const one of all) {
    const isWanted = (pattern: (typeof patterns)[number]) =>
      [one.from, one.to, one.owner].some((text) => pattern.test(text));
    if (patterns.length === 0 || patterns.some(isWanted)) printText(context, `${describe(one)}\n`);
  }
  return 0;
}

function describe({ from, to, owner }: Diversion): string {
  return owner === ':' ? `local diversion of ${from} to ${to}` : `diversion of ${from} to ${to} by ${owner}`;
}

function tell(context: CommandContext, options: ParsedOptions, text: string): void {
  if (!options.has('quiet')) printText(context, `${text}\n`);
}

async function readDiversions(context: CommandContext): Promise<Diversion[]> {
  if (context.fileSystem.find(DATABASE).kind === 'absent') return [];
  const text = decodeArgument(await readText(context, openFile(context, DATABASE)));
  const lines = text.replace(/\n$/, '').split('\n');
  const all: Diversion[] = [];
  for (let at = 0; at + 2 < lines.length; at += 3)
    all.push({ from: lines[at]!, to: lines[at + 1]!, owner: lines[at + 2]! });
  return all;
}

function writeDiversions(context: CommandContext, all: readonly Diversion[]): void {
  const { fileSystem } = context;
  const bytes = encodeText(all.map(({ from, to, owner }) => `${from}\n${to}\n${owner}\n`).join(''));
  const varies = all.length > 1 ? { varies: 'dpkg orders its diversions by its hash table' } : {};
  const content: Content =
    bytes.length === 0 ? EMPTY_CONTENT : { kind: 'inline', bytes, size: bytes.length, ...varies };
  const found = fileSystem.find(DATABASE);
  if (found.kind === 'present') {
    const old = `${DATABASE}-old`;
    if (fileSystem.find(old).kind === 'present') fileSystem.unlink(old);
    fileSystem.rename(DATABASE, old);
  }
  fileSystem.write(DATABASE, content);
  fileSystem.chmod(DATABASE, 0o644);
}
