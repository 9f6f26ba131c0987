import { NotSimulated } from '../command';
import type { ByteString } from './bytes';

/** One line of a hunk with its newline, if it has one: of the old text, of the new one, or of both. */
export interface HunkLine {
  readonly kind: ' ' | '-' | '+';
  readonly text: ByteString;
}

export interface Hunk {
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
  readonly lines: readonly HunkLine[];
}

/** What a patch does to one file. Names are as written; `/dev/null` stands for none. */
export interface FilePatch {
  readonly oldName: string;
  readonly newName: string;
  /** The mode that git gives a new file. */
  readonly newMode?: number;
  readonly hunks: readonly Hunk[];
}

const OTHER_FORMS =
  /^(?:\*\*\* .*\n--- |\d+(?:,\d+)?[acd]\d+(?:,\d+)?\n[<>] |GIT binary patch|(?:rename|copy) from |old mode |similarity index |[ \t]+--- \S.*\n[ \t]+\+\+\+ )/m;
const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** The unified diffs of a text, with whatever stands before and between them left out (diffutils manual, "Unified Format"). */
export function parsePatch(text: ByteString): FilePatch[] {
  if (OTHER_FORMS.test(text)) throw new NotSimulated('`patch` of such a text is not simulated');
  const lines = text.split(/(?<=\n)/);
  const patches: FilePatch[] = [];
  let git: { mode?: number; isNew: boolean; isGone: boolean; header: string } | undefined;
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]!;
    if (line.startsWith('diff --git ')) {
      refuseEmpty(git);
      git = { isNew: false, isGone: false, header: line };
    }
    const mode = /^new file mode (\d+)/.exec(line);
    if (git && mode) git = { ...git, isNew: true, mode: Number.parseInt(mode[1]!, 8) & 0o777 };
    if (git && line.startsWith('deleted file mode ')) git = { ...git, isGone: true };
    const isHeader =
      line.startsWith('--- ') && lines[at + 1]?.startsWith('+++ ') && HUNK.test(lines[at + 2] ?? '');
    if (!isHeader) {
      if (HUNK.test(line)) throw new NotSimulated('`patch` of hunks without names is not simulated');
      at++;
      continue;
    }
    const { hunks, next } = hunksFrom(lines, at + 2);
    const [oldName, newName] = [nameIn(line), nameIn(lines[at + 1]!)];
    patches.push({ oldName, newName, hunks, ...(git?.mode === undefined ? {} : { newMode: git.mode }) });
    git = undefined;
    at = next;
  }
  refuseEmpty(git);
  return patches;
}

/** An empty file that git makes or removes has no hunks. */
function refuseEmpty(git: { isNew: boolean; isGone: boolean } | undefined): void {
  if (git?.isNew || git?.isGone) throw new NotSimulated('`patch` of an empty file is not simulated');
}

/** The name ends at a tab, or at the first blank. */
function nameIn(header: ByteString): string {
  if (header.endsWith('\r\n') || header.startsWith('"', 4))
    throw new NotSimulated('`patch` with such a name is not simulated');
  const rest = header.slice(4).replace(/\n$/, '');
  return rest.includes('\t') ? rest.slice(0, rest.indexOf('\t')) : rest.replace(/\s.*/s, '');
}

function hunksFrom(lines: readonly ByteString[], start: number): { hunks: Hunk[]; next: number } {
  const hunks: Hunk[] = [];
  let at = start;
  for (let match = HUNK.exec(lines[at] ?? ''); match; match = HUNK.exec(lines[at] ?? '')) {
    const [oldStart, oldCount, newStart, newCount] = [1, 2, 3, 4].map((index) => Number(match![index] ?? 1));
    const { body, next } = bodyOf(lines, at + 1, oldCount!, newCount!);
    hunks.push({
      oldStart: oldStart!,
      oldCount: oldCount!,
      newStart: newStart!,
      newCount: newCount!,
      lines: body,
    });
    at = next;
  }
  return { hunks, next: at };
}

function bodyOf(lines: readonly ByteString[], start: number, oldCount: number, newCount: number) {
  const body: HunkLine[] = [];
  let [at, old, fresh] = [start, oldCount, newCount];
  while (old > 0 || fresh > 0) {
    const line = lines[at++] ?? '';
    // Mailers take the blank of an empty line away.
    const kind = line === '\n' ? ' ' : line[0];
    if (kind === '\\' && body.length > 0) {
      cutNewline(body);
      continue;
    }
    if (kind !== ' ' && kind !== '-' && kind !== '+')
      throw new NotSimulated('`patch` of a malformed patch is not simulated');
    if (kind !== '+') old--;
    if (kind !== '-') fresh--;
    if (old < 0 || fresh < 0 || !line.endsWith('\n'))
      throw new NotSimulated('`patch` of a malformed patch is not simulated');
    body.push({ kind, text: line === '\n' ? line : line.slice(1) });
  }
  if (lines[at]?.startsWith('\\')) {
    cutNewline(body);
    at++;
  }
  return { body, next: at };
}

function cutNewline(body: HunkLine[]): void {
  const last = body.at(-1)!;
  body[body.length - 1] = { ...last, text: last.text.replace(/\n$/, '') };
}

/** The way back (`patch -R`). */
export function reversed({ oldName, newName, hunks, ...rest }: FilePatch): FilePatch {
  if (rest.newMode !== undefined) throw new NotSimulated('`patch -R` of a new file is not simulated');
  return { oldName: newName, newName: oldName, hunks: hunks.map(reversedHunk) };
}

const OPPOSITE = { ' ': ' ', '-': '+', '+': '-' } as const;

/** Removed lines stand before added ones. */
export function reversedHunk(hunk: Hunk): Hunk {
  const lines: HunkLine[] = [];
  let added: HunkLine[] = [];
  for (const { kind, text } of hunk.lines) {
    const line = { kind: OPPOSITE[kind], text };
    if (line.kind === '+') {
      added.push(line);
      continue;
    }
    if (line.kind === ' ') {
      lines.push(...added);
      added = [];
    }
    lines.push(line);
  }
  return {
    oldStart: hunk.newStart,
    oldCount: hunk.newCount,
    newStart: hunk.oldStart,
    newCount: hunk.oldCount,
    lines: [...lines, ...added],
  };
}
