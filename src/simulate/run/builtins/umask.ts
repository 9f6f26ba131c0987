/** The mask in octal or as `u=rwx,g=rx,o=rx`. */
export function maskText(mask: number, symbolic: boolean): string {
  if (!symbolic) return mask.toString(8).padStart(4, '0');
  const kept = ~mask & 0o777;
  return ['u', 'g', 'o'].map((who, index) => `${who}=${lettersOf((kept >> (6 - 3 * index)) & 7)}`).join(',');
}

function lettersOf(bits: number): string {
  return `${bits & 4 ? 'r' : ''}${bits & 2 ? 'w' : ''}${bits & 1 ? 'x' : ''}`;
}

/** The mask that `umask MODE` leaves (POSIX XCU umask); symbolic modes say what is kept. Undefined for a wrong one. */
export function changeMask(mask: number, mode: string): number | undefined {
  if (/^[0-7]+$/.test(mode)) return Number.parseInt(mode, 8) & 0o777;
  let kept = ~mask & 0o777;
  for (const clause of mode.split(',')) {
    const match = /^([ugoa]*)((?:[-+=][rwxX]*)+)$/.exec(clause);
    if (!match) return undefined;
    const shifts =
      match[1] === '' || match[1]!.includes('a')
        ? [6, 3, 0]
        : [...match[1]!].map((who) => ({ u: 6, g: 3, o: 0 })[who]!);
    for (const [, operator, letters] of match[2]!.matchAll(/([-+=])([rwxX]*)/g)) {
      const bits =
        (letters!.includes('r') ? 4 : 0) | (letters!.includes('w') ? 2 : 0) | (/[xX]/.test(letters!) ? 1 : 0);
      for (const shift of shifts) {
        if (operator === '=') kept &= ~(7 << shift);
        kept = operator === '-' ? kept & ~(bits << shift) : kept | (bits << shift);
      }
    }
  }
  return ~kept & 0o777;
}
