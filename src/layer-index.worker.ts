import { parentPort } from 'node:worker_threads';
import type { LayerBlob } from './images/index-layer';
import { toColumns } from './images/layer-index/columns';
import { encodeIndex } from './images/layer-index/index-file';
import type { FinishedBlob, IndexJob, ListedBlob, PlainFault } from './images/layer-index/indexer';
import { readBlob, verifyPlain } from './images/layer-index/read-blob';
import { encodeCheckpoints } from './platform/checkpoints/checkpoint-file';
import { CheckpointRecorder } from './platform/checkpoints/record-checkpoints';
import { SyncArchives } from './platform/sync-archives';

/** A thread that lists layers and does nothing else, so that it may wait for the disk and inflate as it goes. */

/** A smaller plain tar is read whole at once, and its digest compared. */
const PLAIN_UNREAD_FROM = 4 * 1024 * 1024;

/** What is left to do of a listing, by its id. */
const left = new Map<number, () => Promise<FinishedBlob>>();

async function list(id: number, blob: LayerBlob, isCancelled: Int32Array): Promise<ListedBlob> {
  const recorder = new CheckpointRecorder();
  const doors = new SyncArchives({ isCancelled, recorder });
  try {
    const read = await readBlob(blob, doors, { plainUnreadFrom: PLAIN_UNREAD_FROM });
    const { archive, changes, diffId, isUnverified } = read;
    if (isUnverified) left.set(id, () => verify(blob));
    else if (recorder.hasMarks) left.set(id, async () => findCheckpoints(blob, recorder));
    const { compression, length } = archive;
    const index = encodeIndex({ columns: toColumns(changes), compression, length, diffId });
    return { index, left: left.has(id) };
  } finally {
    doors.close();
  }
}

async function verify(blob: LayerBlob): Promise<FinishedBlob> {
  const doors = new SyncArchives();
  try {
    await verifyPlain(blob, doors);
    return { checkpoints: undefined };
  } finally {
    doors.close();
  }
}

function findCheckpoints({ slice }: LayerBlob, recorder: CheckpointRecorder): FinishedBlob {
  const doors = new SyncArchives();
  try {
    const found = recorder.checkpoints((start, length) => doors.read(slice, start, start + length).slice());
    return { checkpoints: found.length > 0 ? encodeCheckpoints(found) : undefined };
  } finally {
    doors.close();
  }
}

async function perform(id: number, job: IndexJob): Promise<ListedBlob | FinishedBlob> {
  if (job.kind === 'list') return list(id, job.blob, job.isCancelled);
  const finish = left.get(job.listing);
  left.delete(job.listing);
  return finish ? finish() : { checkpoints: undefined };
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
