import type { RemoteSize } from '../simulate/inputs';
import type { HostAnswer, HostRequest } from './protocol';

/** The thread's end of its requests to the host. */
export class HostRequests {
  private readonly waiting = new Map<number, (size: RemoteSize) => void>();
  private last = 0;

  constructor(private readonly post: (request: HostRequest) => void) {}

  /** Rejects when `signal` is aborted. */
  remoteSize(url: string, signal?: AbortSignal): Promise<RemoteSize> {
    const request = ++this.last;
    return new Promise((resolve, reject) => {
      const cancel = () => {
        this.waiting.delete(request);
        this.post({ request, cancel: true });
        reject(signal?.reason);
      };
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener('abort', cancel, { once: true });
      this.waiting.set(request, (size) => {
        signal?.removeEventListener('abort', cancel);
        resolve(size);
      });
      this.post({ request, remoteSize: url });
    });
  }

  receive({ request, size }: HostAnswer): void {
    this.waiting.get(request)?.(size);
    this.waiting.delete(request);
  }
}
