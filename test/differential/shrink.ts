import type { GoldenFile } from '../core/golden/case';
import type { GeneratedCase } from './generate';

/** Makes a case smaller, part by part, as long as `stays` says that the difference is still there. */
export async function shrink(
  golden: GeneratedCase,
  stays: (smaller: GeneratedCase) => Promise<boolean>,
): Promise<GeneratedCase> {
  let current = golden;
  for (let again = true; again; ) {
    again = false;
    for (const make of smallerCases(current)) {
      const smaller = make();
      if (smaller && (await stays(smaller))) {
        current = smaller;
        again = true;
        break;
      }
    }
  }
  return current;
}

function* smallerCases(golden: GeneratedCase): Generator<() => GeneratedCase | undefined> {
  const instructions = instructionsOf(golden.dockerfile);
  for (let index = instructions.length - 1; index >= 0; index--) {
    yield () => ({ ...golden, dockerfile: `${without(instructions, index).join('\n')}\n` });
  }
  const { files = [] } = golden;
  // Several files at once first: most have nothing to do with it.
  for (let size = Math.ceil(files.length / 2); size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
    for (let start = 0; start < files.length; start += size) {
      yield () => withFiles(golden, [...files.slice(0, start), ...files.slice(start + size)]);
    }
  }
  for (const [at, file] of files.entries()) {
    if (!file.path.endsWith('.dockerignore')) continue;
    const lines = file.text!.split('\n');
    for (const index of lines.keys()) {
      const shorter = { ...file, text: without(lines, index).join('\n') };
      if (lines.length > 1) yield () => withFiles(golden, files.with(at, shorter));
    }
  }
  for (const [index, text] of instructions.entries()) {
    for (const flag of text.match(/ --\S+/g) ?? []) {
      const shorter = instructions.with(index, text.replace(flag, ''));
      yield () => ({ ...golden, dockerfile: `${shorter.join('\n')}\n` });
    }
    const words = text.split(' ');
    for (let word = 1; /^(COPY|ADD) [^[<]*$/.test(text) && word < words.length - 1; word++) {
      const shorter = instructions.with(index, without(words, word).join(' '));
      yield () => ({ ...golden, dockerfile: `${shorter.join('\n')}\n` });
    }
  }
}

/** A line and the here-documents that follow it. */
function instructionsOf(dockerfile: string): string[] {
  const found: string[] = [];
  const open: string[] = [];
  for (const line of dockerfile.trimEnd().split('\n')) {
    if (open.length === 0) {
      found.push(line);
      open.push(...[...line.matchAll(/<<-?["']?(\w+)/g)].map((match) => match[1]!));
    } else {
      found[found.length - 1] += `\n${line}`;
      if (line === open[0]) open.shift();
    }
  }
  return found;
}

function withFiles(golden: GeneratedCase, files: readonly GoldenFile[]): GeneratedCase | undefined {
  const kept = new Set(files.map(({ path }) => path));
  const lost = files.some(({ type, linkname }) => type === 'hardlink' && !kept.has(linkname!));
  return lost ? undefined : { ...golden, files };
}

function without<T>(list: readonly T[], index: number): T[] {
  return [...list.slice(0, index), ...list.slice(index + 1)];
}
