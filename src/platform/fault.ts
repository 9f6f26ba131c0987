import type { ArchiveFault } from '../archive/fault';

/** What the doors of `archive/` throw, made without importing more than its type: see `isArchiveFault`. */
export function archiveFault(fault: ArchiveFault['fault'], message: string, options?: ErrorOptions): Error {
  return Object.assign(new Error(message, options), { fault });
}
