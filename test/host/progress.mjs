// Progress lines for steps that take more than a moment: what is being done, then how long it took.

/** Runs `action` between a line that says what starts and a line that says how long it took. */
export async function announce(what, action) {
  console.log(`▸ ${what} …`);
  const since = Date.now();
  const result = await action();
  console.log(`  done in ${seconds(since)}`);
  return result;
}

/** Seconds since `since` (milliseconds of `Date.now()`), as text: `3.4 s`. */
export function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
