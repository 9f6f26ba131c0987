/** The errors of file system calls, with the words of `strerror` (glibc). */
const MESSAGES = {
  ENOENT: 'No such file or directory',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EEXIST: 'File exists',
  ENOTEMPTY: 'Directory not empty',
  ELOOP: 'Too many levels of symbolic links',
  EINVAL: 'Invalid argument',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EBUSY: 'Device or resource busy',
  EROFS: 'Read-only file system',
  ENOSPC: 'No space left on device',
  ENAMETOOLONG: 'File name too long',
} as const;

export type PosixCode = keyof typeof MESSAGES;

/** A limit of the simulation, which no program of the container sees; the message says which. */
export class QuotaExceeded extends Error {}

export class PosixError extends Error {
  constructor(
    readonly code: PosixCode,
    readonly path: string,
  ) {
    super(`${path}: ${MESSAGES[code]}`);
    this.name = 'PosixError';
  }

  /** The cause alone, as a program prints it after the path. */
  get reason(): string {
    return MESSAGES[this.code];
  }
}
