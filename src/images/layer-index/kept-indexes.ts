import { readFile } from 'node:fs/promises';
import { isArchiveFault } from '../../archive/fault';
import type { LayerBlob } from '../index-layer';
import type { CappedFolder } from '../store/capped-folder';
import { decodeIndex, type LayerIndex } from './index-file';
import type { IndexThreads, LayerIndexer, ListedBlob } from './indexer';

export interface KeptIndexesOptions {
  readonly threads: IndexThreads;
  /** Where indexes and checkpoints are kept, by digest; without it each is made anew. */
  readonly folder?: CappedFolder | undefined;
  /** Told once that nothing can be kept, and why. */
  readonly notice?: ((message: string) => void) | undefined;
}

/**
 * Layers listed by threads, and kept: a layer is listed once a machine. An index gets its name only once the digest that
 * the name tells was compared.
 */
export class KeptIndexes implements LayerIndexer {
  private readonly unsettled = new Set<Promise<void>>();
  /** Blobs whose bytes turned out wrong after they were listed. */
  private readonly damaged = new Map<string, Error>();
  private isFull = false;

  constructor(private readonly options: KeptIndexesOptions) {}

  async index(blob: LayerBlob, signal: AbortSignal | undefined): Promise<LayerIndex> {
    const damage = this.damaged.get(placeOf(blob));
    if (damage) throw damage;
    const kept = await this.find(blob);
    if (kept) return kept;
    const listed = await this.options.threads.list(blob, signal);
    const rest = this.keep(blob, listed);
    this.unsettled.add(rest);
    void rest.then(() => this.unsettled.delete(rest));
    return decodeIndex(listed.index)!;
  }

  /** Resolves when all that was listed is verified and kept. Throws what was found damaged. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.unsettled);
    for (const damage of this.damaged.values()) throw damage;
  }

  private async find(blob: LayerBlob): Promise<LayerIndex | undefined> {
    const name = nameOf(blob, 'index');
    const { folder } = this.options;
    if (!folder || name === undefined) return undefined;
    try {
      const file = await folder.find(name);
      const index = file === undefined ? undefined : decodeIndex(await readFile(file));
      // The same tar may lie here in another compression.
      return index?.length === blob.slice.length ? index : undefined;
    } catch {
      return undefined;
    }
  }

  private async keep(blob: LayerBlob, { id, index, left }: ListedBlob & { id: number }): Promise<void> {
    try {
      // Where nothing is left the digest has been compared already.
      const { checkpoints } = left ? await this.options.threads.finish(id) : { checkpoints: undefined };
      await this.write(nameOf(blob, 'index'), index);
      if (checkpoints) await this.write(nameOf(blob, 'checkpoints'), checkpoints);
    } catch (error) {
      // A thread that was lost only means that nothing is kept.
      if (isArchiveFault(error)) this.damaged.set(placeOf(blob), error);
    }
  }

  private async write(name: string | undefined, bytes: Uint8Array): Promise<void> {
    const { folder, notice } = this.options;
    if (!folder || name === undefined || this.isFull) return;
    try {
      await folder.write(name, [bytes]);
    } catch (error) {
      this.isFull = true;
      notice?.(
        `Cannot keep what was read of images in "${folder.folder}": ${causeOf(error)}. They are read anew each time; make room there, or choose another folder`,
      );
    }
  }
}

function causeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'there is no space left';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'writing is not permitted';
  return message;
}

function placeOf({ slice: { file, offset }, label }: LayerBlob): string {
  return `${file}\0${offset}\0${label}`;
}

function nameOf({ digest, diffId }: LayerBlob, kind: 'index' | 'checkpoints'): string | undefined {
  return keptName(digest ?? diffId, kind);
}

/** The file's name in the folder; `undefined` for a digest that none can have. */
export function keptName(digest: string | undefined, kind: 'index' | 'checkpoints'): string | undefined {
  const match = /^(sha\d{3}):([0-9a-f]{64,128})$/.exec(digest ?? '');
  return match ? `${match[1]}-${match[2]}.${kind}` : undefined;
}
