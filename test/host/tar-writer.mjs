// Writes ustar archives: enough for the sample's base image, and the same bytes on every run.
const block = 512;
const typeFlags = { file: '0', hardlink: '1', symlink: '2', dir: '5' };

/**
 * An archive of `entries`: `{ path, type, mode, uid, gid, mtime, linkname, content }`. Paths are relative, up to
 * 100 bytes; `mode` is a number, `mtime` seconds, `content` a Buffer (files only).
 */
export function writeTar(entries) {
  const blocks = entries.flatMap((entry) => {
    const content = entry.type === 'file' ? (entry.content ?? Buffer.alloc(0)) : Buffer.alloc(0);
    return [header(entry, content.length), content, Buffer.alloc((block - (content.length % block)) % block)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * block)]);
}

function header(entry, size) {
  const name = entry.type === 'dir' ? `${entry.path}/` : entry.path;
  if (Buffer.byteLength(name) > 100)
    throw new Error(`Cannot write tar entry "${name}": longer than 100 bytes`);
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0);
  writeOctal(bytes, entry.mode ?? (entry.type === 'dir' ? 0o755 : 0o644), 100, 8);
  writeOctal(bytes, entry.uid ?? 0, 108, 8);
  writeOctal(bytes, entry.gid ?? 0, 116, 8);
  writeOctal(bytes, size, 124, 12);
  writeOctal(bytes, entry.mtime ?? 0, 136, 12);
  bytes.write(typeFlags[entry.type], 156);
  bytes.write(entry.linkname ?? '', 157);
  bytes.write('ustar\x0000', 257);
  // The sum is taken with its own field full of spaces.
  bytes.fill(' ', 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

function writeOctal(bytes, value, offset, length) {
  bytes.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset);
}
