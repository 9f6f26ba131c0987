/** Tests that run in VS Code's extension host: phrases that say what holds, each with a function that throws if not. */
export interface Suite {
  readonly name: string;
  readonly tests: { readonly [phrase: string]: () => Promise<void> };
}

/**
 * Asks `probe` again and again until it gives a value other than undefined or false. Views and workers answer
 * when they are ready; `what` names the thing waited for in the error after `within` milliseconds.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  { within = 15_000 } = {},
): Promise<NonNullable<T>> {
  const end = Date.now() + within;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`Waited ${within / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
