/**
 * Why an engine does not give what was asked for.
 *
 * - `none`: there is no engine, or nobody answers there.
 * - `denied`: it is there, and this user may not talk to it.
 * - `missing`: it has no such image.
 * - `platform`: it has the image for another platform.
 * - `settings`: what is configured cannot be used.
 * - `tls`, `ssh`: the way to it fails.
 * - `stopped`: it was there and went away midway.
 * - `garbage`: what comes from there is not what engines say.
 * - `failed`: it says that it failed.
 */
export type EngineFaultKind =
  | 'none'
  | 'denied'
  | 'missing'
  | 'platform'
  | 'settings'
  | 'tls'
  | 'ssh'
  | 'stopped'
  | 'garbage'
  | 'failed';

/** Its message is a clause until `telling` puts the act and the engine in front. */
export class EngineFault extends Error {
  override readonly name = 'EngineFault';

  constructor(
    readonly kind: EngineFaultKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Does the work; what it throws begins with the act then: `Cannot list the images of Docker: …`. */
export async function telling<T>(
  act: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    const kind = error instanceof EngineFault ? error.kind : 'failed';
    const message = error instanceof Error ? error.message : String(error);
    throw new EngineFault(kind, `Cannot ${act}: ${message}`, { cause: error });
  }
}
