/**
 * Finds the steps of a list in an older one, by their texts: for each of `after` its place in `before`. What stands
 * before and after an edit keeps its identity; between, places count, so that a line keeps it while it is typed.
 */
export function matchSteps(
  before: readonly string[],
  after: readonly string[],
): readonly (number | undefined)[] {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const shift = before.length - after.length;
  return after.map((_, index) => {
    if (index >= after.length - tail) return index + shift;
    return index < head || index < before.length - tail ? index : undefined;
  });
}
