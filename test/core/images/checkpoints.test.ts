import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { constants, createGzip, gzipSync, inflateRawSync } from 'node:zlib';
import {
  decodeCheckpoints,
  encodeCheckpoints,
  windowOf,
} from '../../../src/platform/checkpoints/checkpoint-file';
import { gunzipInSteps } from '../../../src/platform/checkpoints/gunzip-in-steps';
import { CheckpointRecorder } from '../../../src/platform/checkpoints/record-checkpoints';
import { leadIn, resumeGunzip } from '../../../src/platform/checkpoints/resume';
import { collect, inChunks } from '../archive/tar-samples';

/** Text of words that a seed chooses: it compresses, and refers far back. */
function words(length: number, seed = 1): Buffer {
  const parts: string[] = [];
  for (let at = 0, state = seed; at < length; ) {
    state = (state * 48271) % 2147483647;
    const word = `${createHash('md5')
      .update(String(state % 5000))
      .digest('hex')
      .slice(0, 3 + (state % 9))} `;
    parts.push(word);
    at += word.length;
  }
  return Buffer.from(parts.join('').slice(0, length));
}

function noise(length: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < length; at += 64) parts.push(createHash('sha512').update(String(at)).digest());
  return Buffer.concat(parts).subarray(0, length);
}

async function flushed(bytes: Buffer, flush: number): Promise<Buffer> {
  const gzip = createGzip({ flush });
  const done = collect(gzip);
  for (let at = 0; at < bytes.length; at += 10_000)
    await new Promise((resolve) => gzip.write(bytes.subarray(at, at + 10_000), resolve));
  gzip.end();
  return done;
}

const text = words(1_500_000);
const samples: Record<string, () => Buffer | Promise<Buffer>> = {
  'usual blocks': () => gzipSync(text),
  'fixed codes': () => gzipSync(text, { strategy: constants.Z_FIXED }),
  'stored blocks only': () => gzipSync(text, { level: 0 }),
  'bytes that do not compress': () => gzipSync(noise(1_500_000)),
  'sync flushes': () => flushed(text, constants.Z_SYNC_FLUSH),
  'partial flushes': () => flushed(text, constants.Z_PARTIAL_FLUSH),
  'full flushes': () => flushed(text, constants.Z_FULL_FLUSH),
  'several members': () =>
    Buffer.concat(
      [0, 1, 2, 3, 4].map((index) => gzipSync(text.subarray(index * 300_000, (index + 1) * 300_000))),
    ),
  'members of nothing, and padding': () =>
    Buffer.concat([
      gzipSync(''),
      gzipSync(text),
      gzipSync(''),
      gzipSync(words(500_000, 7)),
      Buffer.alloc(700),
    ]),
  'one value': () => gzipSync(Buffer.alloc(3_000_000, 7)),
};

async function checkpointsOf(packed: Uint8Array) {
  const recorder = new CheckpointRecorder(100_000);
  const plain = await collectCopies(gunzipInSteps(inChunks(packed, 20_000), recorder));
  const read = (start: number, length: number) => packed.subarray(start, start + length);
  return { plain, checkpoints: recorder.checkpoints(read) };
}

/** Pieces are only valid until the next one. */
async function collectCopies(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(Uint8Array.from(chunk));
  return Buffer.concat(parts);
}

describe('checkpoints of gzip files', () => {
  for (const [name, make] of Object.entries(samples)) {
    it(`resume where they say: ${name}`, async () => {
      const packed = await make();
      const { plain, checkpoints } = await checkpointsOf(packed);
      const kept = decodeCheckpoints(encodeCheckpoints(checkpoints))!;
      assert.ok(kept.length >= (name === 'one value' ? 0 : 7), `${kept.length} checkpoints`);
      for (const point of kept) {
        const rest = inChunks(packed.subarray(point.input), 30_000);
        const found = await collectCopies(resumeGunzip(rest, point.bit, windowOf(point)));
        assert.ok(found.equals(plain.subarray(point.output)), `from ${point.output}`);
      }
    });
  }

  it('begin at any bit', async () => {
    const { checkpoints } = await checkpointsOf(gzipSync(words(6_000_000)));
    assert.deepEqual([...new Set(checkpoints.map(({ bit }) => bit))].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('the lead-in of every bit says nothing', () => {
    for (let bit = 0; bit < 8; bit++) {
      // A stored block: the header's three bits and the rest of its byte are zeros or the final flag.
      const lead = leadIn(bit, 1 << bit);
      const stored = bit > 5 ? [0, 2, 0, 253, 255, 104, 105] : [2, 0, 253, 255, 104, 105];
      assert.equal(inflateRawSync(Buffer.from([...lead, ...stored])).toString(), 'hi', `bit ${bit}`);
    }
  });

  it('files of another version or with a wrong byte count as none', async () => {
    const { checkpoints } = await checkpointsOf(gzipSync(text));
    const bytes = encodeCheckpoints(checkpoints);
    for (let at = 0; at < bytes.length; at += 97) {
      const damaged = Uint8Array.from(bytes);
      damaged[at]! ^= 1;
      assert.equal(decodeCheckpoints(damaged), undefined);
    }
    assert.equal(decodeCheckpoints(bytes.subarray(0, 60)), undefined);
    assert.equal(decodeCheckpoints(new Uint8Array(0)), undefined);
  });

  it('take few bytes', async () => {
    const recorder = new CheckpointRecorder();
    const packed = gzipSync(words(16_000_000));
    let total = 0;
    for await (const piece of gunzipInSteps(inChunks(packed, 200_000), recorder)) total += piece.length;
    const points = recorder.checkpoints((start, length) => packed.subarray(start, start + length));
    assert.ok(points.length >= 3);
    assert.ok(encodeCheckpoints(points).length < total * 0.01);
  });

  it('truncated and damaged files say so', async () => {
    const packed = gzipSync(text);
    const cut = collectCopies(gunzipInSteps(inChunks(packed.subarray(0, packed.length - 9))));
    await assert.rejects(cut, { fault: 'truncated', message: 'its gzip data ends early' });
    const wrong = Buffer.from(packed);
    wrong[packed.length >> 1]! ^= 0x55;
    await assert.rejects(collectCopies(gunzipInSteps(inChunks(wrong))), { fault: 'damaged' });
  });
});
