import { formatPlatform, type Platform } from '../layers/image';

/** What `docker build` is told besides the Dockerfile and the context. */
export interface BuildOptions {
  /** Name or number of a stage; the last one when undefined. */
  readonly target?: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly platform: Platform;
}

export const DEFAULT_PLATFORM: Platform = { os: 'linux', architecture: 'amd64' };

/**
 * Arguments that are there without an ARG in FROM lines, and in a stage once it declares them.
 * https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope
 */
export function automaticArguments({ platform, target }: BuildOptions): Map<string, string> {
  const values = new Map<string, string>();
  for (const side of ['TARGET', 'BUILD']) {
    values.set(`${side}PLATFORM`, formatPlatform(platform));
    values.set(`${side}OS`, platform.os);
    values.set(`${side}ARCH`, platform.architecture);
    values.set(`${side}VARIANT`, platform.variant ?? '');
  }
  values.set('TARGETSTAGE', target ?? 'default');
  return values;
}

/** Proxy arguments that a RUN sees without any ARG, when they are given. */
export const PROXY_ARGUMENTS: readonly string[] = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'FTP_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
].flatMap((name) => [name, name.toLowerCase()]);
