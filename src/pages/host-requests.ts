import type { HostAnswer, HostAnswers, HostQuestion, HostRequest } from './protocol';

/** The thread's end of its requests to the host. */
export class HostRequests {
  private readonly waiting = new Map<number, (answer: never) => void>();
  private last = 0;

  constructor(private readonly post: (request: HostRequest) => void) {}

  /** Rejects when `signal` is aborted. */
  ask<Kind extends keyof HostAnswers>(
    question: Extract<HostQuestion, { kind: Kind }>,
    signal?: AbortSignal,
  ): Promise<HostAnswers[Kind]> {
    const request = ++this.last;
    return new Promise((resolve, reject) => {
      const cancel = () => {
        this.waiting.delete(request);
        this.post({ request, kind: 'cancel' });
        reject(signal?.reason);
      };
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener('abort', cancel, { once: true });
      this.waiting.set(request, (answer: HostAnswers[Kind]) => {
        signal?.removeEventListener('abort', cancel);
        resolve(answer);
      });
      this.post({ request, ...question });
    });
  }

  receive({ request, answer }: HostAnswer): void {
    this.waiting.get(request)?.(answer as never);
    this.waiting.delete(request);
  }
}
