import { parentPort } from 'node:worker_threads';
import type { LayerBlob } from './images/index-layer';
import { rowsToColumns } from './images/layer-index/columns';
import { encodeIndex } from './images/layer-index/index-file';
import type { FinishedBlob, IndexJob, ListedBlob, PlainFault } from './images/layer-index/indexer';
import { readBlob, verifyPlain, verifyUnpacked } from './images/layer-index/read-blob';
import { encodeCheckpoints } from './platform/checkpoints/checkpoint-file';
import { CheckpointRecorder } from './platform/checkpoints/record-checkpoints';
import { SyncArchives } from './platform/sync-archives';

/** A thread that lists layers and does nothing else, so that it may wait for the disk and inflate as it goes. */

/** A smaller plain tar is read whole at once, and its digest compared. */
const PLAIN_UNREAD_FROM = 4 * 1024 * 1024;
/** A smaller packed layer is not worth unpacking twice. */
const UNHASHED_FROM = 16 * 1024 * 1024;

/** What is left to do of a listing, by its id. */
const left = new Map<number, () => Promise<FinishedBlob>>();

async function list(id: number, blob: LayerBlob, isCancelled: Int32Array): Promise<ListedBlob> {
  const recorder = new CheckpointRecorder();
  const doors = new SyncArchives({ isCancelled, recorder });
  try {
    const read = await readBlob(blob, doors, {
      plainUnreadFrom: PLAIN_UNREAD_FROM,
      unhashedFrom: UNHASHED_FROM,
    });
    const { archive, rows, diffId, unverified } = read;
    if (unverified !== 'nothing' || recorder.hasMarks) left.set(id, () => finish(blob, unverified, recorder));
    const { compression, length } = archive;
    const index = encodeIndex({ columns: rowsToColumns(rows, archive), compression, length, diffId });
    return { index, left: left.has(id) };
  } finally {
    doors.close();
  }
}

async function finish(
  blob: LayerBlob,
  unverified: 'nothing' | 'digests' | 'diffId',
  recorder: CheckpointRecorder,
): Promise<FinishedBlob> {
  const { slice } = blob;
  const doors = new SyncArchives();
  try {
    if (unverified === 'digests') await verifyPlain(blob, doors);
    if (unverified === 'diffId') await verifyUnpacked(blob, doors);
    const found = recorder.checkpoints((start, length) => doors.read(slice, start, start + length).slice());
    return { checkpoints: found.length > 0 ? encodeCheckpoints(found) : undefined };
  } finally {
    doors.close();
  }
}

async function perform(id: number, job: IndexJob): Promise<ListedBlob | FinishedBlob> {
  if (job.kind === 'list') return list(id, job.blob, job.isCancelled);
  const rest = left.get(job.listing);
  left.delete(job.listing);
  return rest ? rest() : { checkpoints: undefined };
}

parentPort!.on('message', async ({ id, job }: { id: number; job: IndexJob }) => {
  try {
    const done = await perform(id, job);
    const bytes = 'index' in done ? done.index : done.checkpoints;
    parentPort!.postMessage({ id, done }, bytes ? [bytes.buffer as ArrayBuffer] : []);
  } catch (error) {
    const { message } = error as Error;
    const fault = (error as { fault?: string }).fault;
    parentPort!.postMessage({ id, failure: { message, fault } satisfies PlainFault });
  }
});
