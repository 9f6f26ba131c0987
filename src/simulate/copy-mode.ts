import { BuildError } from './outcome';

/** What `--chmod` makes of the modes. */
export interface ModeRule {
  readonly apply: (mode: number, isFolder: boolean) => number;
  /** Folders that the copy makes itself take an octal mode; a symbolic one leaves them at 0755. */
  readonly ofMadeFolders: number;
}

/** The builder's own: `mkdir` takes write permission from others, and gives no special bits. */
const MADE = 0o777 & ~0o022;

/** Reads `--chmod`, octal or symbolic. Throws `BuildError` for anything else. */
export function modeRule(spec: string): ModeRule {
  const octal = /^[0-7]+$/.test(spec) ? Number.parseInt(spec, 8) : undefined;
  if (octal !== undefined && octal <= 0o7777) return { apply: () => octal, ofMadeFolders: octal & MADE };
  if (/^\d/.test(spec)) {
    const range = 'it should be octal string and between 0 and 07777';
    throw new BuildError(`invalid chmod parameter: '${spec}'. ${range}`);
  }
  const clauses = symbolicClauses(spec);
  return {
    apply: (mode, isFolder) => clauses.reduce((now, clause) => clause(now, { mode, isFolder }), mode),
    ofMadeFolders: 0o755,
  };
}

/** One step from the mode so far; `original` is what the entry came with. */
type ModeStep = (now: number, original: { readonly mode: number; readonly isFolder: boolean }) => number;

/** Without `ugoa` all are meant. The sticky bit belongs to nobody: only `t` speaks of it. */
const WHO: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o0007, a: 0o6777 };
const STICKY = 0o1000;
const SHIFT = { u: 6, g: 3, o: 0 } as const;

/** `u=rwX,go=rX` as BSD's setmode(3) reads it, which is what the builder goes by and not the rules of GNU chmod. */
function symbolicClauses(spec: string): ModeStep[] {
  return spec.split(',').flatMap((clause) => {
    const match = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause);
    if (!match) throw new BuildError('invalid syntax');
    const who = [...match[1]!].reduce((bits, letter) => bits | WHO[letter]!, 0);
    return [...match[2]!.matchAll(/([-+=])([rwxXstugo]*)/g)].flatMap(([, operator, letters]) =>
      operation(operator as '-' | '+' | '=', letters!, who),
    );
  });
}

/** The letters of one operator: runs of permissions, and each `u`, `g`, `o` that copies those of another. */
function operation(operator: '-' | '+' | '=', letters: string, named: number): ModeStep[] {
  const steps: ModeStep[] = [];
  let who = named;
  let bits = 0;
  let conditional = false;
  let isSet = false;
  const flush = () => {
    if (bits !== 0 || (operator === '=' && !isSet)) steps.push(permissions(operator, bits, who));
    if (conditional) steps.push(executable(who));
    isSet = true;
    bits = 0;
    conditional = false;
  };
  for (const letter of letters) {
    const onlyOthers = who !== 0 && (who & ~0o007) === 0;
    if (letter === 'u' || letter === 'g' || letter === 'o') {
      if (bits !== 0 || conditional) flush();
      isSet = true;
      steps.push(copied(operator, letter, who));
    } else if (letter === 'X' && operator !== '-') conditional = true;
    else if (letter === 's') bits |= onlyOthers ? 0 : 0o6000;
    else if (letter === 't') {
      who |= onlyOthers ? 0 : STICKY;
      bits |= onlyOthers ? 0 : STICKY;
    } else bits |= { r: 0o444, w: 0o222 }[letter] ?? 0o111;
  }
  flush();
  return steps;
}

function permissions(operator: '-' | '+' | '=', bits: number, who: number): ModeStep {
  const meant = who === 0 ? bits : who & bits;
  if (operator === '-') return (now) => now & ~meant;
  if (operator === '+') return (now) => now | meant;
  return (now) => (now & ~(who || 0o6777)) | meant;
}

/** `X`: for folders, and for files that somebody could execute before. */
function executable(who: number): ModeStep {
  const meant = who === 0 ? 0o111 : who & 0o111;
  return (now, { mode, isFolder }) => (isFolder || mode & 0o111 ? now | meant : now);
}

function copied(operator: '-' | '+' | '=', from: 'u' | 'g' | 'o', who: number): ModeStep {
  const targets = (['u', 'g', 'o'] as const).filter((name) => who === 0 || who & (0o4 << SHIFT[name]));
  return (now) => {
    const value = (now >> SHIFT[from]) & 0o7;
    return targets.reduce((mode, name) => {
      const cleared = operator === '+' ? mode : mode & ~((operator === '=' ? 0o7 : value) << SHIFT[name]);
      return operator === '-' ? cleared : cleared | (value << SHIFT[name]);
    }, now);
  };
}
