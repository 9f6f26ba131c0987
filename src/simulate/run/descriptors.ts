import type { Inode, WritableLayer } from '../../filesystem/writable';
import { type Content, type ContentReader, EMPTY_CONTENT, inlineContent } from '../../layers/content';
import { NotSimulated, type Output } from './command';
import { Collector, DISCARD, mergeContents } from './output';

/** An open file description that is written to; descriptors made by `2>&1` share one, and its position. */
export class OpenFile implements Output {
  readonly keepsOrder = true;
  private readonly pending = new Collector();

  constructor(
    private readonly inode: Inode,
    private readonly append: boolean,
    private readonly dirty: Set<OpenFile>,
    private position = 0,
  ) {}

  get file(): { readonly inode: Inode; readonly isEmpty: boolean } {
    const { node } = this.inode;
    return {
      inode: this.inode,
      isEmpty: this.pending.isEmpty && node.kind === 'file' && node.content.size === 0,
    };
  }

  write(piece: string | Uint8Array | Content): void {
    this.pending.write(piece);
    this.dirty.add(this);
  }

  async flush(reader: ContentReader, fileSystem: WritableLayer): Promise<void> {
    const pieces = this.pending.take();
    const node = this.inode.node;
    if (pieces.length === 0 || node.kind !== 'file') return;
    const size = pieces.reduce((sum, piece) => sum + piece.size, 0);
    const start = this.append ? node.content.size : this.position;
    const before = await slice(node.content, 0, start, reader);
    const after = await slice(node.content, start + size, node.content.size, reader);
    const all = [...before, ...pieces, ...after];
    if (all.length > 1 && all.some(({ kind }) => kind === 'inline')) {
      fileSystem.admit({ kind: 'inline', size: all.reduce((sum, piece) => sum + piece.size, 0) });
    }
    fileSystem.setContent(this.inode, await mergeContents(all, reader));
    this.position = start + size;
  }
}

async function slice(
  content: Content,
  start: number,
  end: number,
  reader: ContentReader,
): Promise<Content[]> {
  if (start >= end) return [];
  const kept = Math.min(end, content.size);
  const hole: Content[] = end > content.size ? [{ kind: 'zeros', size: end - content.size }] : [];
  if (kept <= start) return hole;
  if (start === 0 && kept === content.size) return [content, ...hole];
  return [inlineContent(await reader.read(content, { start, end: kept })), ...hole];
}

/**
 * An open description that is read from. Whoever takes the rest leaves nothing to the next one. With `inode` it is
 * that file, which may still grow.
 */
export class InputStream {
  private bytes: Uint8Array | undefined;
  private position = 0;

  constructor(
    private content: Content,
    private inode?: Inode,
  ) {}

  private refresh(): void {
    if (this.inode?.node.kind !== 'file' || this.inode.node.content === this.content) return;
    this.content = this.inode.node.content;
    this.bytes = undefined;
  }

  /** All that is left, as a handle if nothing was read yet. */
  takeRest(): Content {
    this.refresh();
    const rest = this.position > 0 ? this.after() : this.content;
    this.position = this.content.size;
    return rest;
  }

  private after(): Content {
    if (this.position >= this.content.size) return EMPTY_CONTENT;
    const bytes = this.bytes ?? (this.content.kind === 'inline' ? this.content.bytes : undefined);
    if (!bytes) throw new NotSimulated('reading a file that was changed while it was read is not simulated');
    return inlineContent(bytes.subarray(this.position));
  }

  /** The next byte, or undefined at the end. */
  async next(reader: ContentReader): Promise<number | undefined> {
    this.refresh();
    this.bytes ??= this.content.kind === 'inline' ? this.content.bytes : await reader.read(this.content);
    return this.position < this.bytes.length ? this.bytes[this.position++] : undefined;
  }

  get source(): Content {
    return this.content;
  }
}

export type Descriptor =
  | { readonly kind: 'output'; readonly output: Output }
  | { readonly kind: 'input'; readonly input: InputStream };

/** The file descriptors of one process. A number that is missing is closed. */
export class Descriptors {
  constructor(private readonly open = new Map<number, Descriptor>()) {}

  static standard(stdin: Content, stdout: Output, stderr: Output): Descriptors {
    return new Descriptors(
      new Map<number, Descriptor>([
        [0, { kind: 'input', input: new InputStream(stdin) }],
        [1, { kind: 'output', output: stdout }],
        [2, { kind: 'output', output: stderr }],
      ]),
    );
  }

  /** A child's descriptors: its own numbers for the same open descriptions. */
  fork(): Descriptors {
    return new Descriptors(new Map(this.open));
  }

  get(number: number): Descriptor | undefined {
    return this.open.get(number);
  }

  set(number: number, descriptor: Descriptor | undefined): void {
    if (descriptor) this.open.set(number, descriptor);
    else this.open.delete(number);
  }

  output(number: number): Output {
    const descriptor = this.open.get(number);
    return descriptor?.kind === 'output' ? descriptor.output : DISCARD;
  }

  input(number: number): InputStream {
    const descriptor = this.open.get(number);
    return descriptor?.kind === 'input' ? descriptor.input : new InputStream(EMPTY_CONTENT);
  }
}
