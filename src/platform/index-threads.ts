import { Worker } from 'node:worker_threads';
import type { LayerBlob } from '../images/index-layer';
import type {
  FinishedBlob,
  IndexJob,
  IndexThreads,
  ListedBlob,
  PlainFault,
} from '../images/layer-index/indexer';
import { archiveFault } from './fault';

interface Task {
  readonly id: number;
  readonly job: IndexJob;
  readonly done: (result: ListedBlob | FinishedBlob) => void;
  readonly failed: (error: unknown) => void;
}

interface Seat {
  readonly worker: Worker;
  task: Task | undefined;
  /** What only this thread can finish. */
  readonly later: Task[];
}

type Reply = { readonly id: number } & (
  | { readonly done: ListedBlob | FinishedBlob }
  | { readonly failure: PlainFault }
);

const AT_ONCE = 2;
/** In MB. Listing makes much that is soon garbage; with V8's usual room for it each thread takes 30 MB more. */
const YOUNG = 6;

/** Milliseconds for whoever asked to do something with the layers before the threads need the processor again. */
const HEAD_START = 300;

/** Threads that list layers, started when there is something to do and ended when there is nothing. */
export class LayerThreads implements IndexThreads {
  private readonly waiting: Task[] = [];
  private readonly seats: Seat[] = [];
  private readonly seatOf = new Map<number, Seat>();
  private count = 0;
  /** Runs after a listing. */
  private headStart: NodeJS.Timeout | undefined;

  constructor(private readonly script: string) {}

  async list(blob: LayerBlob, signal: AbortSignal | undefined): Promise<ListedBlob & { id: number }> {
    signal?.throwIfAborted();
    const id = ++this.count;
    const isCancelled = new Int32Array(new SharedArrayBuffer(4));
    const cancel = () => Atomics.store(isCancelled, 0, 1);
    signal?.addEventListener('abort', cancel);
    try {
      const listed = await this.ask(id, { kind: 'list', blob, isCancelled }, this.waiting);
      return { ...(listed as ListedBlob), id };
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  async finish(listing: number): Promise<FinishedBlob> {
    const seat = this.seatOf.get(listing);
    this.seatOf.delete(listing);
    if (!seat || !this.seats.includes(seat)) return { checkpoints: undefined };
    return (await this.ask(++this.count, { kind: 'finish', listing }, seat.later)) as FinishedBlob;
  }

  private ask(id: number, job: IndexJob, queue: Task[]): Promise<ListedBlob | FinishedBlob> {
    return new Promise((done, failed) => {
      queue.push({ id, job, done, failed });
      if (this.seats.length < AT_ONCE && queue === this.waiting) this.seats.push(this.start());
      this.next();
    });
  }

  private start(): Seat {
    const worker = new Worker(this.script, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG } });
    const seat: Seat = { worker, task: undefined, later: [] };
    worker.on('message', (reply: Reply) => this.receive(seat, reply));
    worker.on('error', (error) => this.lose(seat, error));
    worker.on('exit', () => this.lose(seat, new Error('Cannot list a layer: its thread ended')));
    return seat;
  }

  private next(): void {
    for (const seat of this.seats) {
      if (seat.task) continue;
      const task = this.waiting.shift() ?? (this.headStart ? undefined : seat.later.shift());
      if (!task) continue;
      seat.task = task;
      if (task.job.kind === 'list') this.seatOf.set(task.id, seat);
      seat.worker.postMessage({ id: task.id, job: task.job });
    }
  }

  private giveHeadStart(): void {
    clearTimeout(this.headStart);
    this.headStart = setTimeout(() => {
      this.headStart = undefined;
      this.next();
    }, HEAD_START).unref();
  }

  private receive(seat: Seat, reply: Reply): void {
    const { task } = seat;
    seat.task = undefined;
    if (task?.job.kind === 'list') this.giveHeadStart();
    if (!task || task.id !== reply.id) return;
    if ('done' in reply) {
      if (!('left' in reply.done) || !reply.done.left) this.seatOf.delete(task.id);
      task.done(reply.done);
    } else {
      this.seatOf.delete(task.id);
      task.failed(errorOf(reply.failure));
    }
    this.next();
    // Whoever waits for a listing asks for the rest of it first.
    setImmediate(() => this.endIfIdle());
  }

  private endIfIdle(): void {
    const isBusy = this.seats.some(({ task, later }) => task !== undefined || later.length > 0);
    if (isBusy || this.waiting.length > 0 || this.seatOf.size > 0) return;
    for (const { worker } of this.seats.splice(0)) void worker.terminate();
  }

  private lose(seat: Seat, error: unknown): void {
    const place = this.seats.indexOf(seat);
    if (place < 0) return;
    this.seats.splice(place, 1);
    for (const task of [...(seat.task ? [seat.task] : []), ...seat.later.splice(0)]) task.failed(error);
    for (const [id, at] of this.seatOf) if (at === seat) this.seatOf.delete(id);
    if (this.waiting.length > 0 && this.seats.length === 0) this.seats.push(this.start());
    this.next();
  }
}

function errorOf({ message, fault }: PlainFault): Error {
  return fault === undefined ? new Error(message) : archiveFault(fault as 'damaged', message);
}
