import { type ChildProcess, spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { EngineFault } from './engine-fault';

/** What a program says when it fails is cut at this length. */
const MAX_SAID = 2000;

/**
 * The standard input and output of a program as one stream, such as `ssh HOST docker system dial-stdio`. It ends when
 * the program does, with an `EngineFault` of kind `ssh` and the program's own words when that failed.
 */
export class ProgramStream extends Duplex {
  private readonly child: ChildProcess;
  private said = '';

  constructor(
    private readonly program: string,
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ) {
    super();
    this.child = spawn(program, args, { stdio: 'pipe', env: { ...env }, windowsHide: true });
    this.child.on('error', (error) => this.destroy(this.cannotStart(error)));
    this.child.on('close', (code) => this.ended(code));
    this.child.stdout!.on('data', (chunk) => {
      if (!this.push(chunk)) this.child.stdout!.pause();
    });
    this.child.stderr!.on('data', (chunk) => {
      if (this.said.length < MAX_SAID) this.said += chunk;
    });
    // The end is told by `close`, which knows the exit code; writing to a program that has ended is no news.
    this.child.stdin!.on('error', () => {});
  }

  override _read(): void {
    this.child.stdout?.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.child.stdin!.write(chunk, encoding, () => callback());
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.child.stdin!.end(() => callback());
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.child.kill();
    callback(error);
  }

  /** What HTTP asks of a socket. */
  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    this.child.ref();
    return this;
  }

  unref(): this {
    this.child.unref();
    return this;
  }

  private ended(code: number | null): void {
    if (code === 0 || this.destroyed) this.push(null);
    else
      this.destroy(new EngineFault('ssh', `${this.program} ended with ${code ?? 'a signal'}${this.words()}`));
  }

  private words(): string {
    const lines = this.said.trim().split(/\s*\n\s*/);
    return lines[0] ? `: ${lines.slice(-3).join('; ').slice(0, 300)}` : '';
  }

  private cannotStart(error: NodeJS.ErrnoException): EngineFault {
    const cause = error.code === 'ENOENT' ? 'it is not installed' : error.message;
    return new EngineFault('ssh', `the program ${this.program} cannot be started: ${cause}`, {
      cause: error,
    });
  }
}
