import type { Expansion } from '../dockerfile/words';
import type { ImageConfig } from '../layers/image';

/** https://github.com/moby/buildkit, util/system: what a container gets when its image says nothing. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What is in force at an instruction: the image configuration so far, and the ARGs that are in scope. */
export interface Environment {
  readonly config: ImageConfig;
  /** In the order of their declaration; `undefined` is an ARG without a value. */
  readonly args: ReadonlyMap<string, string | undefined>;
  /** Whether the stage itself said CMD: an ENTRYPOINT takes away only the one of the base. */
  readonly hasOwnCommand: boolean;
}

/** The configuration a stage begins with. */
export function startOf(base: ImageConfig): Environment {
  const hasPath = base.Env?.some((pair) => pair.startsWith('PATH='));
  return {
    config: hasPath ? base : { ...base, Env: [`PATH=${DEFAULT_PATH}`, ...(base.Env ?? [])] },
    args: new Map(),
    hasOwnCommand: false,
  };
}

/** Environment variables by name. */
export function environmentVariables(config: ImageConfig): Map<string, string> {
  return new Map((config.Env ?? []).map((pair) => splitPair(pair)));
}

function splitPair(pair: string): [string, string] {
  const equals = pair.indexOf('=');
  return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
}

/** What the words of an instruction expand with: ENV goes before ARG. */
export function expansionAt({ config, args }: Environment, escape: string): Expansion {
  return { variables: new Map([...givenArguments(args), ...environmentVariables(config)]), escape };
}

export function givenArguments(args: Environment['args']): [string, string][] {
  return [...args].filter((pair): pair is [string, string] => pair[1] !== undefined);
}

export function withVariable(config: ImageConfig, name: string, value: string): ImageConfig {
  const variables = environmentVariables(config);
  variables.set(name, value);
  return { ...config, Env: [...variables].map(([key, text]) => `${key}=${text}`) };
}

export function workingDirectory(config: ImageConfig): string {
  return config.WorkingDir || '/';
}

export function shellOf(config: ImageConfig): readonly string[] {
  return config.Shell ?? ['/bin/sh', '-c'];
}
