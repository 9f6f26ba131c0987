import { PosixError } from '../../../filesystem/posix';
import { EMPTY_CONTENT } from '../../../layers/content';
import { NotSimulated, type Output } from '../command';
import { type Descriptor, InputStream, OpenFile } from '../descriptors';
import { absolute } from '../lookup';
import { DISCARD } from '../output';
import { contentOfText, reasonOfUnknown, startsUnknown } from '../unknown-text';
import { ShellFault } from './control';
import { assignElement } from './elements';
import { expandQuoted, expandText, expandWords } from './expand';
import type { ShellState } from './shell-state';
import type { HereDocument, RedirectionNode, WordNode, WordPart } from './syntax';

/** What descriptors were before a redirection, to be put back. */
export type Saved = Map<number, Descriptor | undefined>;

/** A redirection that failed: the command does not run. */
export class RedirectFault extends Error {}

/** Opens files and moves descriptors, in the order they stand (POSIX XCU 2.7). `saved` gets what they replaced. */
export async function redirect(
  shell: ShellState,
  redirections: readonly RedirectionNode[],
  saved: Saved,
): Promise<void> {
  for (const redirection of redirections) {
    for (const [number, descriptor] of await opened(shell, redirection)) {
      if (!saved.has(number)) saved.set(number, shell.descriptors.get(number));
      shell.descriptors.set(number, descriptor);
    }
  }
}

export function restore(shell: ShellState, saved: Saved): void {
  for (const [number, descriptor] of saved) shell.descriptors.set(number, descriptor);
}

type Opened = readonly (readonly [number, Descriptor | undefined])[];

async function opened(shell: ShellState, redirection: RedirectionNode): Promise<Opened> {
  const { target, operator } = redirection;
  const number = await descriptorNumber(shell, redirection);
  if (target.type === 'HereDoc') return [[number, await hereDocument(shell, target)]];
  const text = operator === '<<<' ? await expandText(shell, target) : await targetText(shell, target);
  switch (operator) {
    case '<':
      return [[number, { kind: 'input', input: openForReading(shell, text) }]];
    case '<<<':
      return [[number, inputOf(`${text}\n`)]];
    case '>&':
    case '<&':
      return duplicated(shell, redirection, number, text);
    case '&>':
    case '&>>': {
      const output = openForWriting(shell, text, operator === '&>>' ? '>>' : '>');
      return [
        [1, { kind: 'output', output }],
        [2, { kind: 'output', output }],
      ];
    }
    case '<>':
      return [[number, openForBoth(shell, number, text)]];
    case '>':
    case '>>':
    case '>|':
      return [[number, { kind: 'output', output: openForWriting(shell, text, operator) }]];
    default:
      throw new NotSimulated(`the redirection \`${operator}\` is not simulated`);
  }
}

/** bash splits a target and takes it for a pattern, but there has to be one word in the end. */
async function targetText(shell: ShellState, target: WordNode): Promise<string> {
  if (!shell.isBash || shell.options.has('posix')) return expandText(shell, target);
  const words = await expandWords(shell, [target]);
  if (words.length !== 1) throw new RedirectFault(`${words.join(' ')}: ambiguous redirect`);
  return words[0]!;
}

/** The descriptor's number; `{fd}>file` takes a free one and tells it in a variable. */
async function descriptorNumber(
  shell: ShellState,
  { fd, fdVariable, operator, target }: RedirectionNode,
): Promise<number> {
  if (fdVariable === undefined) return fd ?? (operator.startsWith('<') ? 0 : 1);
  const closes =
    operator.endsWith('&') && target.type === 'Word' && (await expandText(shell, target)) === '-';
  if (closes) return Number(shell.variables.text(fdVariable));
  let free = 10;
  while (shell.descriptors.get(free)) free++;
  assignElement(shell, fdVariable, free.toString());
  return free;
}

function duplicated(
  shell: ShellState,
  { fd, operator }: RedirectionNode,
  number: number,
  text: string,
): Opened {
  const source = text.replace(/-$/, '');
  if (text === '-') return [[number, undefined]];
  if (!/^\d+$/.test(source)) {
    if (shell.dialect !== 'dash' && operator === '>&' && fd === null) {
      const output = openForWriting(shell, text, '>');
      return [
        [1, { kind: 'output', output }],
        [2, { kind: 'output', output }],
      ];
    }
    throw new ShellFault(`${text}: bad fd number`, shell.isBash ? 1 : 2, !shell.isBash);
  }
  const descriptor = shell.descriptors.get(Number(source));
  if (!descriptor) throw new RedirectFault(`${source}: Bad file descriptor`);
  if (operator === '<&' && descriptor.kind === 'output' && !descriptor.output.isLog)
    throw new NotSimulated('reading from a descriptor that is written to is not simulated');
  const copied = [number, descriptor] as const;
  return text.endsWith('-') ? [copied, [Number(source), undefined]] : [copied];
}

async function hereDocument(shell: ShellState, document: HereDocument): Promise<Descriptor> {
  const parts = document.stripTabs ? withoutTabs(document.content.parts) : document.content.parts;
  try {
    return inputOf(await expandQuoted(shell, parts));
  } catch (error) {
    // In dash and busybox a fault in its text only fails the redirection.
    if (!(error instanceof ShellFault) || shell.isBash) throw error;
    throw new RedirectFault(error.message);
  }
}

/** `<<-` takes the tabs off the start of each line of the text, not off what expansions give. */
function withoutTabs(parts: readonly WordPart[]): WordPart[] {
  let atLineStart = true;
  return parts.map((part) => {
    if (part.type !== 'Literal') {
      atLineStart = false;
      return part;
    }
    const inner = part.value.replace(/\n\t+/g, '\n');
    const value = atLineStart ? inner.replace(/^\t+/, '') : inner;
    atLineStart = value.endsWith('\n');
    return { ...part, value };
  });
}

function inputOf(text: string): Descriptor {
  return { kind: 'input', input: new InputStream(contentOfText(text)) };
}

const NAMED_DESCRIPTOR = /^\/(?:dev\/(?:fd\/(\d+)|(stdin|stdout|stderr))|proc\/self\/fd\/(\d+))$/;

/** The open description that `/dev/stdout`, `/dev/fd/3` and the like are names of. */
function namedDescriptor(shell: ShellState, path: string): Descriptor | undefined {
  const match = NAMED_DESCRIPTOR.exec(path);
  if (!match) return undefined;
  const standard = ['stdin', 'stdout', 'stderr'].indexOf(match[2] ?? '');
  return shell.descriptors.get(standard >= 0 ? standard : Number(match[1] ?? match[3]));
}

export function openForReading(shell: ShellState, target: string): InputStream {
  const path = absolute(target, shell.cwd);
  const named = namedDescriptor(shell, path);
  if (named?.kind === 'input') return named.input;
  if (path === '/dev/null') return new InputStream(EMPTY_CONTENT);
  refuseNetwork(path);
  try {
    const inode = target === '' ? missing() : shell.fileSystem.stat(path);
    if (inode.node.kind === 'directory')
      throw new NotSimulated(`reading the folder ${target} is not simulated`);
    if (inode.node.kind === 'character') return deviceInput(path);
    return new InputStream(shell.fileSystem.readable(path).content, inode);
  } catch (error) {
    const guess = guessBehind(shell, error);
    if (guess !== undefined) return new InputStream({ kind: 'placeholder', size: 0, reason: guess });
    throw openFault(shell, error, target, 'open');
  }
}

/** `<>` makes the file. Standard input is then read from and the other standard descriptors are written to. */
function openForBoth(shell: ShellState, number: number, text: string): Descriptor {
  const output = openForWriting(shell, text, '<>');
  return number === 0 ? { kind: 'input', input: openForReading(shell, text) } : { kind: 'output', output };
}

function deviceInput(path: string): InputStream {
  if (/\/(?:zero|u?random|full)$/.test(path)) throw new NotSimulated(`reading ${path} is not simulated`);
  return new InputStream(EMPTY_CONTENT);
}

/** A file that a modelled command may have made is taken to be there; why that is a guess. */
function guessBehind(shell: ShellState, error: unknown): string | undefined {
  if (!(error instanceof PosixError) || error.code !== 'ENOENT') return undefined;
  const [doubt] = shell.fileSystem.takeDoubts().values();
  if (doubt) shell.session.model(doubt.reason);
  return doubt?.reason;
}

function missing(): never {
  throw new PosixError('ENOENT', '');
}

function openForWriting(shell: ShellState, target: string, operator: '>' | '>>' | '>|' | '<>'): Output {
  const path = absolute(target, shell.cwd);
  const named = namedDescriptor(shell, path);
  if (named?.kind === 'output') return named.output;
  if (path === '/dev/null') return DISCARD;
  refuseNetwork(path);
  const { fileSystem } = shell;
  if (startsUnknown(target)) shell.session.openRegion('/', reasonOfUnknown(target));
  try {
    if (target === '') missing();
    const found = fileSystem.find(path);
    const node = found.kind === 'present' ? found.inode.node : undefined;
    if (node?.kind === 'file' && operator === '>' && shell.options.has('C')) {
      throw new RedirectFault(
        `${shell.isBash ? '' : 'cannot create '}${target}: ${shell.isBash ? 'cannot overwrite existing file' : 'File exists'}`,
      );
    }
    const keeps = operator === '>>' || operator === '<>';
    if (found.kind === 'present' && keeps) fileSystem.openForWriting(found.inode, path);
    const inode = found.kind === 'present' && keeps ? found.inode : fileSystem.write(path, EMPTY_CONTENT);
    if (inode.node.kind !== 'file') return specialOutput(shell, found.path);
    return new OpenFile(inode, operator === '>>', shell.session.unflushed);
  } catch (error) {
    const guess = guessBehind(shell, error);
    if (guess !== undefined) {
      shell.session.openRegion(path, guess);
      return DISCARD;
    }
    throw openFault(shell, error, target, 'create');
  }
}

/** A device takes what is written and keeps nothing; a link such as `log -> /dev/stdout` leads to a descriptor. */
function specialOutput(shell: ShellState, path: string): Output {
  const named = namedDescriptor(shell, path);
  if (named?.kind === 'output') return named.output;
  if (path === '/dev/full') throw new NotSimulated('writing to /dev/full is not simulated');
  return DISCARD;
}

function refuseNetwork(path: string): void {
  if (/^\/dev\/(?:tcp|udp)\//.test(path))
    throw new NotSimulated(`network connections (${path}) are not simulated`);
}

function openFault(shell: ShellState, error: unknown, target: string, act: 'open' | 'create'): unknown {
  if (!(error instanceof PosixError)) return error;
  if (shell.isBash) return new RedirectFault(`${target}: ${error.reason}`);
  if (shell.dialect === 'ash') {
    const words = act === 'create' ? 'nonexistent directory' : 'no such file';
    return new RedirectFault(`can't ${act} ${target}: ${error.code === 'ENOENT' ? words : error.reason}`);
  }
  const noFolder = act === 'create' && error.code === 'ENOENT';
  const words = noFolder ? 'Directory nonexistent' : error.code === 'ENOENT' ? 'No such file' : error.reason;
  return new RedirectFault(`cannot ${act} ${target}: ${words}`);
}
