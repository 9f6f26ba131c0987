import { open } from 'node:fs/promises';

const PIECE = 256 * 1024;

/** The bytes from `start` to `end` (excluded) of a host file; fewer only where the file ends. */
export async function readFileRange(file: string, start: number, end: number): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const bytes = new Uint8Array(Math.max(0, end - start));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

/** The same bytes piece by piece. The file is closed when the iteration ends, early or not. */
export async function* streamFileRange(
  file: string,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await open(file);
  try {
    for (let at = start; at < end; ) {
      const piece = new Uint8Array(Math.min(PIECE, end - at));
      const { bytesRead } = await handle.read(piece, 0, piece.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
