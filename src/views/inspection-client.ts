import {
  type Envelope,
  type HostAnswer,
  type HostQuestion,
  type HostRequest,
  type HungSteps,
  PageError,
  type QuestionName,
  type Questions,
  type Reply,
  type Simulating,
} from '../pages/protocol';
import type { Thread, ThreadEvents } from '../platform/thread';

export type Question<Name extends QuestionName> = Parameters<Questions[Name]>[0];
export type Answer<Name extends QuestionName> = ReturnType<Questions[Name]>;

export interface ClientOptions {
  start(events: ThreadEvents): Thread;
  /** Milliseconds that the thread may be silent. A RUN keeps it busy for as long as its own limit allows. */
  patience(): number;
  /** Answers what the thread asks of the host, where requests to the network are made. Never rejects. */
  serve(question: HostQuestion, signal: AbortSignal): Promise<HostAnswer['answer']>;
}

interface Waiting {
  readonly envelope: Envelope;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
  /** When the time for its answer is over. */
  readonly deadline: number;
  wasRepeated: boolean;
}

const LOOK_EVERY = 1_000;
const LONGEST = 30 * 60_000;

/**
 * The extension host's end of the inspection thread: starts it when first asked, brings questions and answers
 * together, and starts it anew when it is silent for too long.
 */
export class InspectionClient {
  private thread: Thread | undefined;
  private readonly waiting = new Map<number, Waiting>();
  /** What the thread asked for. */
  private readonly requests = new Map<number, AbortController>();
  /** What the thread is simulating. */
  private simulating: readonly string[] = [];
  /** Steps in which a thread hung or died; they are not tried again. */
  private readonly hung = new Map<string, string>();
  private watch: NodeJS.Timeout | undefined;
  private nextId = 1;
  private lastSign = 0;
  private isDisposed = false;

  constructor(private readonly options: ClientOptions) {}

  /** Rejects with a `PageError` when the thread says why; `limit` is in milliseconds. */
  ask<Name extends QuestionName>(
    name: Name,
    question: Question<Name>,
    limit: number = LONGEST,
  ): Promise<Answer<Name>> {
    if (this.isDisposed) return Promise.reject(new PageError('closed', 'Dockerfile Layers has been stopped'));
    return new Promise((resolve, reject) => {
      const envelope: Envelope = { id: this.nextId++, name, question };
      const deadline = Date.now() + limit;
      this.waiting.set(envelope.id, { envelope, resolve, reject, deadline, wasRepeated: false });
      this.post(envelope);
      this.keepWatch();
    });
  }

  /** Ends the thread and starts it anew when it is next needed; what it held is gone. */
  restart(reason: string): void {
    const blamed = this.simulating;
    for (const step of blamed) this.hung.set(step, reason);
    this.end();
    const lost = [...this.waiting.values()];
    this.waiting.clear();
    for (const one of lost) this.askAgain(one, reason, blamed.length > 0);
  }

  dispose(): void {
    this.isDisposed = true;
    clearInterval(this.watch);
    this.end();
    for (const { reject } of this.waiting.values()) reject(new PageError('closed', 'it has been stopped'));
    this.waiting.clear();
  }

  private post(envelope: Envelope): void {
    if (!this.thread) {
      this.lastSign = Date.now();
      this.thread = this.options.start({
        message: (message) => this.receive(message as Reply | HostRequest | Simulating),
        ended: (reason) => this.restart(reason),
      });
      if (this.hung.size > 0) this.thread.post({ hung: [...this.hung] } satisfies HungSteps);
    }
    this.thread.post(envelope);
  }

  private end(): void {
    this.thread?.terminate();
    this.thread = undefined;
    this.simulating = [];
    for (const request of this.requests.values()) request.abort();
    this.requests.clear();
  }

  private receive(message: Reply | HostRequest | Simulating): void {
    this.lastSign = Date.now();
    if ('simulating' in message) this.simulating = message.simulating;
    else if ('request' in message) void this.serve(message);
    else this.settle(message);
  }

  /** A request of the thread; its answer goes to the thread that asked. */
  private async serve(request: HostRequest): Promise<void> {
    const { request: id } = request;
    if (request.kind === 'cancel') {
      this.requests.get(id)?.abort();
      this.requests.delete(id);
      return;
    }
    const { thread } = this;
    const controller = new AbortController();
    this.requests.set(id, controller);
    const answer = await this.options.serve(request, controller.signal);
    if (this.requests.get(id) !== controller) return;
    this.requests.delete(id);
    thread?.post({ request: id, answer } satisfies HostAnswer);
  }

  private settle(reply: Reply): void {
    const one = this.waiting.get(reply.id);
    if (!one) return;
    this.waiting.delete(reply.id);
    if ('error' in reply)
      one.reject(reply.code ? new PageError(reply.code, reply.error) : new Error(reply.error));
    else one.resolve(reply.answer as never);
  }

  /**
   * An inspection is repeated: once, or as often as a step is found that is to blame and will be left out. Other questions
   * are about inspections that went with the thread.
   */
  private askAgain(one: Waiting, reason: string, isBlamed: boolean): void {
    const { name } = one.envelope;
    if (!name.startsWith('inspect')) {
      one.reject(new PageError('closed', `The simulation was started anew: ${reason}`));
    } else if (one.wasRepeated && !isBlamed) {
      one.reject(new Error(`Cannot simulate this file, it failed twice: ${reason}`));
    } else {
      this.waiting.set(one.envelope.id, { ...one, deadline: LONGEST + Date.now(), wasRepeated: !isBlamed });
      this.post(one.envelope);
    }
  }

  private keepWatch(): void {
    this.watch ??= setInterval(() => this.look(), LOOK_EVERY);
  }

  private look(): void {
    if (this.waiting.size === 0) {
      clearInterval(this.watch);
      this.watch = undefined;
      return;
    }
    const now = Date.now();
    const patience = this.options.patience();
    const isLate = [...this.waiting.values()].some(({ deadline }) => now > deadline);
    if (now - this.lastSign > patience) this.restart(`no sign of life for ${seconds(patience)}`);
    else if (isLate) this.restart('it took too long');
    else this.ping();
  }

  private ping(): void {
    this.thread?.post({ id: 0, name: 'ping', question: {} } satisfies Envelope);
  }
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
