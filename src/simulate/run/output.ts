import { type Content, type ContentReader, EMPTY_CONTENT, inlineContent } from '../../layers/content';
import type { Budget } from './budget';
import { decodeText } from './bytes';
import { NotSimulated, type Output, RestsOnGuess } from './command';
import { contentOfText, showUnknown, unknownInBytes } from './unknown-text';

/** Bytes that are put together in memory at most; larger outputs stay handles or are not simulated. */
const MERGE_LIMIT = 256 * 1024 * 1024;

/** Gathers what is written as pieces, so that a single handle (`cat big > copy`) passes without being read. */
export class Collector implements Output {
  private pieces: Content[] = [];
  private text: string[] = [];
  private held = 0;

  /** `keepsOrder`: see `Output`. `budget` is asked whether so much may be held. */
  constructor(
    private readonly budget?: Pick<Budget, 'hold'>,
    readonly keepsOrder = false,
  ) {}

  write(piece: string | Uint8Array | Content): void {
    if (typeof piece === 'string' || piece instanceof Uint8Array || piece.kind === 'inline') {
      this.held += typeof piece === 'string' || piece instanceof Uint8Array ? piece.length : piece.size;
      this.budget?.hold(this.held);
    }
    if (typeof piece === 'string') {
      if (piece !== '') this.text.push(piece);
      return;
    }
    const content = piece instanceof Uint8Array ? contentOfBytes(piece) : piece;
    if (content.size === 0 && content.kind !== 'placeholder') return;
    this.settleText();
    this.pieces.push(content);
  }

  get isEmpty(): boolean {
    return this.pieces.length === 0 && this.text.length === 0;
  }

  /** All pieces so far; the collector is empty afterwards. */
  take(): Content[] {
    this.settleText();
    const taken = this.pieces;
    this.pieces = [];
    this.held = 0;
    return taken;
  }

  private settleText(): void {
    if (this.text.length === 0) return;
    this.pieces.push(contentOfText(this.text.join('')));
    this.text = [];
  }
}

function contentOfBytes(bytes: Uint8Array): Content {
  const reason = unknownInBytes(bytes);
  return reason === undefined ? inlineContent(bytes) : { kind: 'placeholder', size: 0, reason };
}

/** The pieces as one content; reads only when there are several and not all are at hand. */
export async function mergeContents(pieces: readonly Content[], reader: ContentReader): Promise<Content> {
  if (pieces.length === 0) return EMPTY_CONTENT;
  if (pieces.length === 1) return pieces[0]!;
  const size = pieces.reduce((sum, piece) => sum + piece.size, 0);
  const open = pieces.find((piece) => piece.kind === 'placeholder');
  if (open?.kind === 'placeholder') return { kind: 'placeholder', size, reason: open.reason };
  if (pieces.every((piece) => piece.kind === 'zeros')) return { kind: 'zeros', size };
  if (size > MERGE_LIMIT) throw new NotSimulated(`output of ${size} bytes is too large to put together`);
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece.kind === 'inline' ? piece.bytes : await reader.read(piece), offset);
    offset += piece.size;
  }
  const varies = pieces.find((piece) => piece.kind === 'inline' && piece.varies);
  return varies?.kind === 'inline' && varies.varies
    ? { ...inlineContent(bytes), varies: varies.varies }
    : inlineContent(bytes);
}

/** Text of a content that the shell works with. A placeholder has none, so the run ends there. */
export async function readText(
  content: Content,
  { reader, model }: { readonly reader: ContentReader; model(reason: string): void },
): Promise<string> {
  if (content.kind === 'inline') {
    if (content.varies) model(content.varies);
    return decodeText(content.bytes);
  }
  if (content.kind === 'placeholder') throw new RestsOnGuess(content.reason);
  if (content.size > MERGE_LIMIT)
    throw new NotSimulated(`text of ${content.size} bytes is too large to read`);
  return decodeText(await reader.read(content));
}

/** Keeps the end of what is printed, for messages. */
export class Tail implements Output {
  readonly isLog = true;
  private kept = '';

  constructor(private readonly limit: number) {}

  write(piece: string | Uint8Array | Content): void {
    const text =
      typeof piece === 'string' ? piece : piece instanceof Uint8Array ? decodeText(piece) : shownText(piece);
    this.kept += showUnknown(text);
    // Not with every line: cutting copies what is kept.
    if (this.kept.length > 4 * this.limit) this.kept = this.text;
  }

  get text(): string {
    return this.kept.slice(-this.limit);
  }
}

function shownText(content: Content): string {
  return content.kind === 'inline' ? decodeText(content.bytes) : `[${content.size} bytes]\n`;
}

/** Where writing to `/dev/null` or a closed descriptor goes. */
export const DISCARD: Output = { isLog: true, write() {} };
