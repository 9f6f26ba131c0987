/**
 * What is wrong with an archive, as a clause that a caller puts behind the archive's name:
 * `Cannot read image archive "app.tar": ` + `it is truncated: entry "a" ends after 3 of 10 bytes`.
 *
 * - `truncated`: the bytes end too early.
 * - `damaged`: the bytes are not what the format asks for.
 * - `foreign`: it is not this kind of thing at all.
 * - `refused`: readable, but beyond a limit that keeps the product alive, or leading out of the root.
 */
export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault';

  constructor(
    readonly fault: 'truncated' | 'damaged' | 'foreign' | 'refused',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Whether `error` is such a fault, thrown here or by the platform, which makes its own. */
export function isArchiveFault(error: unknown): error is Pick<ArchiveFault, 'fault'> & Error {
  return error instanceof Error && 'fault' in error && typeof error.fault === 'string';
}

/** A name as a message shows it: quoted, and cut when it is very long. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 120 ? `${name.slice(0, 100)}…` : name);
}
