/**
 * The order of `sort -V` and `ls -v`: gnulib's filevercmp, which is Debian's version order with rules for names
 * that start with a dot and for suffixes such as `.tar.gz`.
 */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return -1;
  if (b === '') return 1;
  const dots = Number(b.startsWith('.')) - Number(a.startsWith('.'));
  if (dots !== 0) return dots;
  if (a.startsWith('.')) {
    for (const special of ['.', '..']) {
      if (a === special) return -1;
      if (b === special) return 1;
    }
  }
  const [left, right] = [withoutSuffix(a), withoutSuffix(b)];
  const result = left === right ? compareParts(a, b) : compareParts(left, right) || compareParts(a, b);
  return result || (a < b ? -1 : 1);
}

function withoutSuffix(name: string): string {
  const match = /(?:\.[A-Za-z~][A-Za-z0-9~]*)*$/.exec(name);
  return match && match.index > 0 ? name.slice(0, match.index) : name;
}

/** `verrevcmp`: runs of other characters by their rank, runs of digits as numbers. */
function compareParts(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a[i]!)) || (j < b.length && !isDigit(b[j]!))) {
      const difference = rank(a[i]) - rank(b[j]);
      if (difference !== 0) return Math.sign(difference);
      i++;
      j++;
    }
    const [left, right] = [/^0*(\d*)/.exec(a.slice(i))!, /^0*(\d*)/.exec(b.slice(j))!];
    const [x, y] = [left[1]!, right[1]!];
    if (x.length !== y.length) return x.length < y.length ? -1 : 1;
    if (x !== y) return x < y ? -1 : 1;
    i += left[0].length;
    j += right[0].length;
  }
  return 0;
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

function rank(character: string | undefined): number {
  if (character === undefined) return -1;
  if (isDigit(character)) return 0;
  if (/[A-Za-z]/.test(character)) return character.charCodeAt(0);
  return character === '~' ? -2 : character.charCodeAt(0) + 256;
}
