import type { LayerBlob } from '../index-layer';
import type { LayerIndex } from './index-file';

/** Lists layers, in threads of their own or from what was kept of an earlier time. */
export interface LayerIndexer {
  /**
   * The index of the blob, in which all that its digests vouch for was compared, or is being compared while
   * `settled` waits for it.
   */
  index(blob: LayerBlob, signal: AbortSignal | undefined): Promise<LayerIndex>;
}

/** What the threads do, as messages that go to them and come back. */
export type IndexJob =
  | { readonly kind: 'list'; readonly blob: LayerBlob; readonly isCancelled: Int32Array }
  /** What may come later: comparing the digest of a plain tar, finding checkpoints. */
  | { readonly kind: 'finish'; readonly listing: number };

export interface ListedBlob {
  /** An index as `encodeIndex` writes it. */
  readonly index: Uint8Array;
  /** Whether there is something to finish. */
  readonly left: boolean;
}

export interface FinishedBlob {
  readonly checkpoints: Uint8Array | undefined;
}

export interface IndexThreads {
  /** `id` is by what `finish` is asked for. */
  list(blob: LayerBlob, signal: AbortSignal | undefined): Promise<ListedBlob & { readonly id: number }>;
  /** Done when nothing has to be listed. */
  finish(id: number): Promise<FinishedBlob>;
}

/** How an error crosses threads. */
export interface PlainFault {
  readonly message: string;
  readonly fault: string | undefined;
}
