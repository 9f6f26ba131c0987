import { homedir } from 'node:os';
import path from 'node:path';

/** Where the command line keeps what can be made anew: https://specifications.freedesktop.org/basedir-spec/latest/ */
export function cacheFolder({ XDG_CACHE_HOME }: NodeJS.ProcessEnv): string {
  // The specification has relative paths ignored.
  const base =
    XDG_CACHE_HOME !== undefined && path.isAbsolute(XDG_CACHE_HOME)
      ? XDG_CACHE_HOME
      : path.join(homedir(), '.cache');
  return path.join(base, 'dockerfile-layers');
}
