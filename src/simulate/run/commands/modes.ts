/**
 * File modes as chmod takes them, after gnulib's modechange.c (`mode_compile`, `mode_adjust`): octal, and symbolic
 * such as `u=rwX,go=rX`, `g+s`, `o=u`.
 */
export interface ModeChange {
  readonly operator: '=' | '+' | '-';
  readonly kind: 'bits' | 'copy' | 'x if any';
  /** Bits of the `who` part; 0 when it was left out, and then the umask counts. */
  readonly affected: number;
  readonly value: number;
  /** Bits the text speaks of: a folder keeps its setuid and setgid bits unless they are among these. */
  readonly mentioned: number;
}

const ALL = 0o7777;
const WHO: Record<string, number> = { u: 0o4700, g: 0o2070, o: 0o1007, a: ALL };
const PERMISSION: Record<string, number> = { r: 0o444, w: 0o222, x: 0o111, s: 0o6000, t: 0o1000 };
const COPY: Record<string, number> = { u: 0o700, g: 0o070, o: 0o007 };

/** `undefined` for text that is no mode. */
export function parseMode(text: string): readonly ModeChange[] | undefined {
  if (/^[0-7]+$/.test(text)) {
    const value = Number.parseInt(text, 8);
    if (value > ALL) return undefined;
    const mentioned = text.length < 5 ? (value & 0o6000) | 0o1777 : ALL;
    return [{ operator: '=', kind: 'bits', affected: ALL, value, mentioned }];
  }
  const changes: ModeChange[] = [];
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)((?:[-+=](?:[ugo]|[0-7]+|[rwxXst]*))+)$/.exec(clause);
    if (!match) return undefined;
    const affected = [...match[1]!].reduce((bits, who) => bits | WHO[who]!, 0);
    for (const [, operator, permissions] of match[2]!.matchAll(/([-+=])([ugo]|[0-7]+|[rwxXst]*)/g)) {
      changes.push(changeOf(operator as ModeChange['operator'], permissions!, affected));
    }
  }
  return changes;
}

function changeOf(operator: ModeChange['operator'], permissions: string, affected: number): ModeChange {
  if (/^[0-7]+$/.test(permissions)) {
    return { operator, kind: 'bits', affected: ALL, value: Number.parseInt(permissions, 8), mentioned: ALL };
  }
  const copied = COPY[permissions];
  const value = copied ?? [...permissions].reduce((bits, letter) => bits | (PERMISSION[letter] ?? 0), 0);
  const kind = copied !== undefined ? 'copy' : permissions.includes('X') ? 'x if any' : 'bits';
  return { operator, kind, affected, value, mentioned: affected ? affected & value : value };
}

/** The mode that `spec` makes of `mode`; `undefined` when `spec` is no mode. */
export function applyMode(
  spec: string,
  mode: number,
  isDirectory: boolean,
  umask: number,
): number | undefined {
  const changes = parseMode(spec);
  return changes && adjustMode(changes, mode, isDirectory, umask);
}

export function adjustMode(
  changes: readonly ModeChange[],
  mode: number,
  isDirectory: boolean,
  umask: number,
  /** GNU's chmod leaves a folder its setuid and setgid bits unless it is told to take them; others do as told. */
  manner: 'GNU' | 'plain' = 'GNU',
): number {
  let result = mode & ALL;
  for (const change of changes) {
    const kept = (isDirectory && manner === 'GNU' ? 0o6000 : 0) & ~change.mentioned;
    const value = valueOf(change, result, isDirectory) & (change.affected || ~umask) & ~kept;
    if (change.operator === '+') result |= value;
    else if (change.operator === '-') result &= ~value;
    else result = (result & ((change.affected ? ~change.affected : 0) | kept)) | value;
  }
  return result & ALL;
}

function valueOf(change: ModeChange, mode: number, isDirectory: boolean): number {
  if (change.kind === 'bits') return change.value;
  if (change.kind === 'x if any') return isDirectory || mode & 0o111 ? change.value | 0o111 : change.value;
  const bits = change.value & mode;
  return (bits & 0o444 ? 0o444 : 0) | (bits & 0o222 ? 0o222 : 0) | (bits & 0o111 ? 0o111 : 0);
}

/** `-rwsr-xr-t`, as `ls -l` and `stat %A` write it. */
export function formatMode(kind: string, mode: number): string {
  const type = { directory: 'd', symlink: 'l', character: 'c', block: 'b', fifo: 'p' }[kind] ?? '-';
  const bits = [...'rwxrwxrwx'].map((letter, index) => (mode & (0o400 >> index) ? letter : '-'));
  const special = (index: number, bit: number, letter: string) => {
    if (mode & bit) bits[index] = bits[index] === 'x' ? letter : letter.toUpperCase();
  };
  special(2, 0o4000, 's');
  special(5, 0o2000, 's');
  special(8, 0o1000, 't');
  return type + bits.join('');
}
