/** Further away than this many changed letters, a word is another word. */
const FARTHEST = 2;

/** ` (did you mean COPY?)` where one of the options is near the word; nothing else, and nothing for a word that is one. */
export function suggestion(word: string, options: Iterable<string>): string {
  const found = nearest(word, options);
  return found === undefined ? '' : ` (did you mean ${found}?)`;
}

export function nearest(word: string, options: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = FARTHEST + 1;
  for (const option of options) {
    if (option === word) return undefined;
    if (Math.abs(option.length - word.length) >= least) continue;
    const distance = changesBetween(word, option);
    if (distance < least) {
      best = option;
      least = distance;
    }
  }
  return best;
}

/** How many letters must be changed, put in or taken out. https://en.wikipedia.org/wiki/Levenshtein_distance */
function changesBetween(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const changed = above[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(changed, above[column]! + 1, current[column - 1]! + 1));
    }
    above = current;
  }
  return above[b.length]!;
}
