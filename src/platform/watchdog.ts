import { Script } from 'node:vm';
import type { Watchdog } from '../simulate/run/matching';

const CODE = 'ERR_SCRIPT_EXECUTION_TIMEOUT';
/** Where the script finds what it is to do: a script has no parameters. */
const PLACE = Symbol.for('dockerfileLayers.watched');
const script = new Script(`globalThis[Symbol.for('dockerfileLayers.watched')]()`);

/**
 * Stops code of this thread from outside, as no timer of its own could: Node ends the running JavaScript, within a
 * regular expression too. Takes about 40 microseconds.
 */
export const watchdog: Watchdog = {
  run<T>(milliseconds: number, act: () => T): { readonly value: T } | undefined {
    let value: { readonly value: T } | undefined;
    const place = globalThis as Record<symbol, unknown>;
    place[PLACE] = () => {
      value = { value: act() };
    };
    try {
      script.runInThisContext({ timeout: milliseconds });
      return value;
    } catch (error) {
      if ((error as { code?: string }).code === CODE) return undefined;
      throw error;
    } finally {
      delete place[PLACE];
    }
  },
};
