import { createHash, type Hash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import type { Checkpoint } from './checkpoint-file';
import type { BlockWatch } from './gunzip-in-steps';
import { InflateSteps } from './inflate-steps';
import { leadIn } from './resume';

/** Bytes of the stream between two checkpoints: some ten milliseconds of inflating. */
const SPACING = 4 * 1024 * 1024;
/** More marks than this are thinned out, so that their windows stay within 8 MiB. */
const MAX_MARKS = 256;

/**
 * Bytes by which a bit is told to be the right one. A stored block that is begun at a wrong one may have the same bytes and
 * a wrong mark that it is the last; it has at most 65,535 of them, so that comes out behind it.
 */
const PROBE = 72 * 1024;

/** The end of a block, to the byte: zlib does not say how many bits of the last one belong to the next block. */
interface Mark {
  readonly input: number;
  readonly output: number;
  readonly window: Uint8Array;
  /** What comes next in the stream, as a digest, by which the right bit is known. */
  after: { readonly length: number; readonly digest: string } | undefined;
}

/** Notes ends of blocks while a gzip file is read once; finding the bits comes later and reads some of it again. */
export class CheckpointRecorder implements BlockWatch {
  private marks: Mark[] = [];
  private spacing: number;
  private probe: { readonly mark: Mark; readonly hash: Hash; length: number } | undefined;

  constructor(spacing = SPACING) {
    this.spacing = spacing;
  }

  get hasMarks(): boolean {
    return this.marks.length > 0;
  }

  wantsBlock(output: number): boolean {
    return output - (this.marks.at(-1)?.output ?? 0) >= this.spacing;
  }

  block(input: number, output: number, window: Uint8Array): void {
    if (this.marks.length >= MAX_MARKS) this.thin();
    if (!this.wantsBlock(output)) return;
    const mark: Mark = { input, output, window: new Uint8Array(window), after: undefined };
    this.marks.push(mark);
    this.probe = { mark, hash: createHash('sha1'), length: 0 };
  }

  written(bytes: Uint8Array): void {
    const { probe } = this;
    if (!probe) return;
    const part = bytes.subarray(0, PROBE - probe.length);
    probe.hash.update(part);
    probe.length += part.length;
    if (probe.length < PROBE) return;
    probe.mark.after = { length: PROBE, digest: probe.hash.digest('hex') };
    this.probe = undefined;
  }

  private thin(): void {
    this.marks = this.marks.filter((_, index) => index % 2 === 1);
    this.spacing *= 2;
  }

  /** `read(start, length)` gives bytes of the same file. A mark that leads nowhere, such as the end, is left out. */
  checkpoints(read: (start: number, length: number) => Uint8Array): Checkpoint[] {
    return this.marks.flatMap((mark) => checkpointAt(mark, read));
  }
}

/** Of the compressed bytes that the probe comes from: blocks that do not compress take a few bytes more. */
const PROBE_INPUT = PROBE + 2048;

function checkpointAt(mark: Mark, read: (start: number, length: number) => Uint8Array): Checkpoint[] {
  const { input, output, after } = mark;
  if (!after || input === 0) return [];
  const bytes = read(input - 1, PROBE_INPUT + 1);
  for (let bit = 1; bit <= 8; bit++) {
    const at = { input: bit === 8 ? input : input - 1, bit: bit % 8, output };
    if (!leadsTo(after, bytes.subarray(at.input - (input - 1)), at.bit, mark.window)) continue;
    return [{ ...at, window: deflateRawSync(mark.window) }];
  }
  return [];
}

function leadsTo(
  after: { readonly length: number; readonly digest: string },
  bytes: Uint8Array,
  bit: number,
  window: Uint8Array,
): boolean {
  if (bytes.length === 0) return false;
  const steps = new InflateSteps('raw', window);
  try {
    const output = new Uint8Array(after.length);
    const lead = steps.step(Buffer.concat([leadIn(bit, bytes[0]!), bytes.subarray(1)]), output);
    if (lead.written < after.length) return false;
    return createHash('sha1').update(output).digest('hex') === after.digest;
  } catch {
    return false;
  } finally {
    steps.close();
  }
}
