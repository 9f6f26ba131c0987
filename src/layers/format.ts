import type { FileSystemNode } from './change';

/** Bytes for people: `0 B`, `812 B`, `1.2 kB`, `34.5 MB`, in powers of 1000 as `docker history` has it. */
export function formatSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${Number(value.toFixed(digits))} ${units[unit]}`;
}

/** A command or instruction of several lines as one. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** History's words without what a builder puts around them: `COPY a b`, `apt-get update`. */
export function historyWords(createdBy: string): string {
  return oneLine(createdBy)
    .replace(/^(RUN )?(\|\d+ (?:(?!\/bin\/\S*sh ).)*)?\/bin\/\S*sh -c (#\(nop\) +)?/, '')
    .replace(/ # buildkit$/, '');
}

/** Four octal digits: `0644`, `4755`. */
export function octalMode(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

const KINDS = { file: '-', directory: 'd', symlink: 'l', character: 'c', block: 'b', fifo: 'p' } as const;

/** As `ls -l` shows it: `-rw-r--r--`, `drwxrwsr-x`. */
export function symbolicMode(node: FileSystemNode): string {
  const { mode } = node;
  const triple = (shift: number, special: number, mark: string) => {
    const bits = (mode >> shift) & 7;
    const executes = (bits & 1) !== 0;
    const last = mode & special ? (executes ? mark : mark.toUpperCase()) : executes ? 'x' : '-';
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${last}`;
  };
  return KINDS[node.kind] + triple(6, 0o4000, 's') + triple(3, 0o2000, 's') + triple(0, 0o1000, 't');
}

/** `1 file`, `3 files`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}
