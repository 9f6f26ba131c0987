import type { Healthcheck, HistoryEntry, ImageConfig, Platform } from '../layers/image';
import { isObject, type JsonObject, objectOf, objectsOf, textOf, textsOf } from './json-shape';

/** An image configuration: https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md. */
export interface ConfigFile {
  readonly config: ImageConfig;
  readonly history: readonly HistoryEntry[];
  readonly diffIds: readonly string[];
  readonly platform: Partial<Platform>;
}

/** Absent, `null` and ill-typed fields are left out. */
export function parseConfigFile(json: unknown): ConfigFile {
  const file = objectOf(json);
  return {
    config: parseImageConfig(objectOf(file.config)),
    history: objectsOf(file.history).map(parseHistory),
    diffIds: textsOf(objectOf(file.rootfs).diff_ids),
    platform: parsePlatformFields(file),
  };
}

/** `os`, `architecture` and `variant`, as configurations and descriptors have them. */
export function parsePlatformFields(json: JsonObject): Partial<Platform> {
  return present({
    os: textOf(json.os) || undefined,
    architecture: textOf(json.architecture) || undefined,
    variant: textOf(json.variant) || undefined,
  });
}

function parseImageConfig(json: JsonObject): ImageConfig {
  return present({
    Env: texts(json.Env),
    Cmd: texts(json.Cmd),
    Entrypoint: texts(json.Entrypoint),
    User: textOf(json.User) || undefined,
    WorkingDir: textOf(json.WorkingDir) || undefined,
    ExposedPorts: recordOf(json.ExposedPorts, isObject),
    Volumes: recordOf(json.Volumes, isObject),
    Labels: recordOf(json.Labels, (value) => typeof value === 'string'),
    Healthcheck: healthcheck(json.Healthcheck),
    StopSignal: textOf(json.StopSignal) || undefined,
    Shell: texts(json.Shell),
    OnBuild: texts(json.OnBuild),
    ArgsEscaped: json.ArgsEscaped === true ? true : undefined,
  });
}

function parseHistory(json: JsonObject): HistoryEntry {
  return present({
    created: textOf(json.created),
    created_by: textOf(json.created_by),
    author: textOf(json.author) || undefined,
    comment: textOf(json.comment) || undefined,
    empty_layer: json.empty_layer === true ? true : undefined,
  });
}

function healthcheck(value: unknown): Healthcheck | undefined {
  const test = isObject(value) ? texts(value.Test) : undefined;
  if (!isObject(value) || !test) return undefined;
  const number = (field: unknown) => (typeof field === 'number' && field !== 0 ? field : undefined);
  return {
    Test: test,
    ...present({
      Interval: number(value.Interval),
      Timeout: number(value.Timeout),
      StartPeriod: number(value.StartPeriod),
      StartInterval: number(value.StartInterval),
      Retries: number(value.Retries),
    }),
  };
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? textsOf(value) : undefined;
}

function recordOf<T>(value: unknown, fits: (item: unknown) => item is T): Record<string, T> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, T] => fits(entry[1])));
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
