import { formatPlatform, type Platform } from '../layers/image';
import { type Builder, traitsOf } from './builder';
import type { NamedContexts } from './named-contexts';

/** What `docker build` is told besides the Dockerfile and the context. */
export interface BuildOptions {
  /** Name of a stage; the last one when undefined. */
  readonly target?: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly platform: Platform;
  /** Of the machine that builds, for `BUILDPLATFORM`; linux/amd64 when undefined. */
  readonly buildPlatform?: Platform;
  /** BuildKit with the containerd image store unless given. */
  readonly builder?: Builder;
  /** `--build-context`. */
  readonly contexts?: NamedContexts;
}

export const DEFAULT_PLATFORM: Platform = { os: 'linux', architecture: 'amd64' };

/**
 * Arguments that are there without an ARG in FROM lines, and in a stage once it declares them.
 * https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope
 */
export function automaticArguments(
  { platform, buildPlatform = DEFAULT_PLATFORM, target, buildArgs, builder }: BuildOptions,
  stages: readonly { readonly name: string | undefined }[],
): Map<string, string> {
  const values = new Map<string, string>();
  if (!traitsOf(builder).readsNewSyntax) return values;
  for (const [side, { os, architecture, variant }] of [
    ['BUILD', buildPlatform],
    ['TARGET', platform],
  ] as const) {
    values.set(`${side}PLATFORM`, formatPlatform(side === 'BUILD' ? buildPlatform : platform));
    values.set(`${side}OS`, os);
    values.set(`${side}OSVERSION`, '');
    values.set(`${side}ARCH`, architecture);
    values.set(`${side}VARIANT`, variant ?? '');
  }
  values.set('TARGETSTAGE', target || stages[stages.length - 1]?.name || 'default');
  for (const name of values.keys()) values.set(name, buildArgs[name] ?? values.get(name)!);
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
