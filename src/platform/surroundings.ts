import { homedir } from 'node:os';
import type { Surroundings } from '../images/engine/endpoint';

/** What tells on this machine where engines are, and the logins of registries. */
export function surroundings(): Surroundings {
  return { env: process.env, home: homedir(), platform: process.platform };
}
