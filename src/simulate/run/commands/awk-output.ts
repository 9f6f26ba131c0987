import { type CommandContext, NotSimulated } from '../command';
import type { AwkAnswer, AwkQuestion } from './awk-questions';
import type { AwkDoors } from './awk-run';
import { type ByteString, decodeArgument } from './bytes';
import { absolute, contentOf, print } from './input';
import { appendFile, writeFile } from './output';

interface OpenFile {
  readonly operator: string;
  text: ByteString;
  isOpen: boolean;
}

/** Own output that waits longer than mawk's buffer holds would come in another order. */
const BUFFER = 4096;

/**
 * Output is kept until the end, or until a command may see it; what a redirection writes to a file is one file until
 * it is closed. A run that begins anew writes the same again, of which what is settled stays.
 */
export class AwkOutput {
  private text = '';
  private settled = 0;
  /** Messages, and how many of their characters were written in an earlier run. */
  private errors = '';
  private told = 0;
  private files = new Map<ByteString, OpenFile>();
  private readonly settledFiles = new Map<ByteString, ByteString>();
  /** By command, and how much of the own output was there when it was started. */
  private pipes = new Map<ByteString, { input: ByteString; readonly from: number }>();

  constructor(
    private readonly context: CommandContext,
    private readonly kind: AwkDoors['kind'],
  ) {}

  begin(): void {
    this.text = '';
    this.errors = '';
    this.files = new Map();
    this.pipes = new Map();
  }

  readonly write = (text: ByteString): void => {
    this.text += text;
  };

  readonly writeFile = (operator: string, file: ByteString, text: ByteString): void => {
    if (operator === '|') {
      if (this.kind === 'gawk') throw new NotSimulated('`gawk` that prints to a command is not simulated');
      const pipe = this.pipes.get(file);
      if (pipe) pipe.input += text;
      else this.pipes.set(file, { input: text, from: this.text.length });
      return;
    }
    if (file === '/dev/stdout' || file === '-') {
      this.write(text);
      return;
    }
    if (file === '/dev/stderr') {
      this.errors += text;
      this.context.stderr.write(decodeArgument(this.errors.slice(this.told)));
      this.told = Math.max(this.told, this.errors.length);
      return;
    }
    const known = this.files.get(file);
    if (known && !known.isOpen && operator === '>') known.text = text;
    else if (known) known.text += text;
    else this.files.set(file, { operator, text, isOpen: true });
    if (known) known.isOpen = true;
  };

  /** What close() gives; a pipe's command gets all of its input only now. */
  close(name: ByteString, ask: (question: AwkQuestion) => AwkAnswer): number | undefined {
    const pipe = this.pipes.get(name);
    if (pipe) {
      const { exitCode } = ask({ kind: 'pipe', of: name, input: pipe.input });
      this.pipes.delete(name);
      return this.kind === 'busybox' ? exitCode * 256 : exitCode;
    }
    const known = this.files.get(name);
    if (!known?.isOpen) return undefined;
    known.isOpen = false;
    return 0;
  }

  closePipes(ask: (question: AwkQuestion) => AwkAnswer): void {
    if (this.pipes.size > 1)
      throw new NotSimulated('`awk` that prints to several commands at once is not simulated');
    for (const name of [...this.pipes.keys()]) this.close(name, ask);
  }

  /** Before a command runs: system() and busybox write all that waits, mawk what waited when it started the pipe. */
  async settle({ kind, of }: AwkQuestion): Promise<void> {
    if (kind === 'file' && !this.files.get(of)?.isOpen) {
      await this.flushFiles();
      return;
    }
    if (kind !== 'pipe' && this.pipes.size > 0)
      throw new NotSimulated('`awk` that runs a command while it prints to another is not simulated');
    const waits = kind === 'output' || kind === 'file' || (kind === 'pipe' && this.kind === 'mawk');
    if (
      kind !== 'system' &&
      [...this.files.values()].some(({ isOpen }) => isOpen) &&
      !(kind === 'pipe' && !waits)
    )
      throw new NotSimulated('`awk` that reads while it writes to a file is not simulated');
    if (waits && this.text.length - this.settled > BUFFER)
      throw new NotSimulated('`awk` with so much output before a command is not simulated');
    const pipe = [...this.pipes.values()][0];
    await this.flush(waits ? (pipe?.from ?? 0) : undefined);
  }

  async flush(end = this.text.length): Promise<void> {
    print(this.context, this.text.slice(this.settled, end));
    this.settled = Math.max(this.settled, end);
    await this.flushFiles();
  }

  private async flushFiles(): Promise<void> {
    for (const [file, { operator, text }] of this.files) {
      const path = absolute(this.context, decodeArgument(file));
      const before = this.settledFiles.get(file);
      if (before !== undefined && before === text) continue;
      if (before !== undefined && !text.startsWith(before))
        throw new NotSimulated('`awk` that writes a file anew after a command is not simulated');
      if (before !== undefined) await appendFile(this.context, path, contentOf(text.slice(before.length)));
      else if (operator === '>>') await appendFile(this.context, path, contentOf(text));
      else writeFile(this.context, path, contentOf(text));
      this.settledFiles.set(file, text);
    }
  }
}
