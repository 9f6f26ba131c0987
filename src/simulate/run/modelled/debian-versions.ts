/** The order of two versions of Debian packages, negative, 0 or positive (Debian policy 5.6.12). */
export function compareDebianVersions(one: string, other: string): number {
  const [left, right] = [partsOf(one), partsOf(other)];
  return (
    left.epoch - right.epoch ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision)
  );
}

function partsOf(version: string) {
  const [, epoch, rest = ''] = /^(?:(\d+):)?(.*)$/s.exec(version)!;
  const dash = rest.lastIndexOf('-');
  return {
    epoch: Number(epoch ?? 0),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

/** Runs of other characters and runs of digits in turn: the former by `rankOf`, the latter as numbers. */
function compareParts(one: string, other: string): number {
  let [left, right] = [one, other];
  while (left !== '' || right !== '') {
    const [[a], [b]] = [/^\D*/.exec(left)!, /^\D*/.exec(right)!] as [[string], [string]];
    const order = compareText(a, b);
    if (order !== 0) return order;
    left = left.slice(a.length);
    right = right.slice(b.length);
    const [[m], [n]] = [/^\d*/.exec(left)!, /^\d*/.exec(right)!] as [[string], [string]];
    const difference = BigInt(m || '0') - BigInt(n || '0');
    if (difference !== 0n) return difference < 0n ? -1 : 1;
    left = left.slice(m.length);
    right = right.slice(n.length);
  }
  return 0;
}

function compareText(one: string, other: string): number {
  for (let index = 0; index < Math.max(one.length, other.length); index++) {
    const order = rankOf(one[index]) - rankOf(other[index]);
    if (order !== 0) return order;
  }
  return 0;
}

/** A tilde comes before the end, the end before letters, letters before all else. */
function rankOf(char: string | undefined): number {
  if (char === undefined) return 0;
  if (char === '~') return -1;
  return /[A-Za-z]/.test(char) ? char.charCodeAt(0) : char.charCodeAt(0) + 256;
}
