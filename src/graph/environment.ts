import type { Expansion } from '../dockerfile/words';
import type { ImageConfig } from '../layers/image';

/** https://github.com/moby/buildkit, util/system: what a container gets when its image says nothing. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What is in force at an instruction: the image configuration so far, and the ARGs that are in scope. */
export interface Environment {
  readonly config: ImageConfig;
  /** ENV and ARG by name: what words expand with and a RUN sees. Whichever stands later in the stage wins. */
  readonly variables: ReadonlyMap<string, string>;
  /** In the order of their declaration; `undefined` is an ARG without a value. */
  readonly args: ReadonlyMap<string, string | undefined>;
  /** Whether the stage itself said CMD: an ENTRYPOINT takes away only the one of the base. */
  readonly hasOwnCommand: boolean;
}

/** What a stage begins with. One that stands on another stage goes on with the ARGs of that one too. */
export function startOf(base: ImageConfig, parent?: Environment): Environment {
  const { OnBuild: _fired, ...inherited } = base;
  const hasPath = inherited.Env?.some((pair) => pair.startsWith('PATH='));
  const config = hasPath
    ? inherited
    : { ...inherited, Env: [...(inherited.Env ?? []), `PATH=${DEFAULT_PATH}`] };
  return {
    config,
    variables: new Map([...(parent?.variables ?? []), ...environmentVariables(config)]),
    args: parent?.args ?? new Map(),
    hasOwnCommand: false,
  };
}

/** Environment variables of a configuration by name. */
export function environmentVariables(config: ImageConfig): Map<string, string> {
  return new Map((config.Env ?? []).map((pair) => splitPair(pair)));
}

function splitPair(pair: string): [string, string] {
  const equals = pair.indexOf('=');
  return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
}

/** What the words of an instruction expand with. */
export function expansionAt(
  { variables }: Pick<Environment, 'variables'>,
  { escape, onAsked }: Omit<Expansion, 'variables'>,
): Expansion {
  return { variables, escape, onAsked };
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
  return config.Shell?.length ? config.Shell : ['/bin/sh', '-c'];
}
