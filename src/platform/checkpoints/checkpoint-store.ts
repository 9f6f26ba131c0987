import { readFile } from 'node:fs/promises';
import type { ArchiveLocation } from '../../layers/content';
import type { HostArchives } from '../archive-bytes';
import { type Checkpoint, decodeCheckpoints, windowOf } from './checkpoint-file';
import { canInflateInSteps } from './inflate-steps';
import { resumeGunzip } from './resume';

/** The file that keeps the checkpoints of the blob with this digest, when there is one by now. */
export type FindCheckpoints = (digest: string) => Promise<string | undefined>;

/** Blobs whose checkpoints stay in memory: some 3 KB for each MB that they unpack to. */
const HELD = 32;

/** Reads the middle of gzip files without what lies before it. */
export class CheckpointStore {
  private readonly held = new Map<string, readonly Checkpoint[]>();

  constructor(private readonly find: FindCheckpoints) {}

  /**
   * The stream from the last known place before `start` on, and where that is; `undefined` where no checkpoints are there.
   * A piece is valid until the next one is asked for.
   */
  async streamNear(
    archive: ArchiveLocation,
    start: number,
    archives: HostArchives,
  ): Promise<{ output: number; chunks: AsyncIterable<Uint8Array> } | undefined> {
    const checkpoints = await this.of(archive);
    if (!checkpoints) return undefined;
    const near = checkpoints.findLast(({ output }) => output <= start);
    const { offset, length } = archive;
    if (!near) return { output: 0, chunks: archives.decompress(archives.open(archive), 'gzip') };
    const { input, bit, output } = near;
    const rest = { ...archive, offset: offset + input, length: length - input };
    return { output, chunks: resumeGunzip(archives.open(rest), bit, windowOf(near)) };
  }

  /** To be called when they led nowhere. */
  forget({ digest }: ArchiveLocation): void {
    if (digest !== undefined) this.held.set(digest, []);
  }

  private async of({
    digest,
    compression,
    wrapped,
  }: ArchiveLocation): Promise<readonly Checkpoint[] | undefined> {
    if (compression !== 'gzip' || wrapped || digest === undefined || !canInflateInSteps) return undefined;
    const known = this.held.get(digest) ?? (await this.read(digest));
    if (!known || known.length === 0) return undefined;
    this.held.delete(digest);
    this.held.set(digest, known);
    if (this.held.size > HELD) this.held.delete(this.held.keys().next().value!);
    return known;
  }

  private async read(digest: string): Promise<readonly Checkpoint[] | undefined> {
    try {
      const file = await this.find(digest);
      return file === undefined ? undefined : decodeCheckpoints(await readFile(file));
    } catch {
      return undefined;
    }
  }
}
