import { argumentsOf, assignmentsOf } from '../dockerfile/assignments';
import type { Instruction } from '../dockerfile/instruction';
import { expandWord, expandWords } from '../dockerfile/words';
import type { Healthcheck, ImageConfig } from '../layers/image';
import { automaticArguments, type BuildOptions } from './build-options';
import { type Environment, expansionAt, shellOf, withVariable } from './environment';
import { problem } from './stages';
import type { Plan } from './steps';

/** What a stage's instructions may look at outside the stage. */
export interface Scope {
  readonly options: BuildOptions;
  readonly globals: ReadonlyMap<string, string>;
  readonly escape: string;
}

type Applied = { config: ImageConfig; words: string; problems?: Plan['problems'] };

/** Instructions that change the configuration alone. `words` are what history says of them. */
export function applyToConfig(instruction: Instruction, environment: Environment, scope: Scope): Plan {
  if (instruction.keyword === 'ARG') return declareArguments(instruction, environment, scope);
  const { config, words, problems = [] } = applied(instruction, environment, scope);
  const hasOwnCommand = environment.hasOwnCommand || instruction.keyword === 'CMD';
  return {
    action: { kind: 'config' },
    createdBy: words,
    environment: { ...environment, config, hasOwnCommand },
    problems,
  };
}

function applied(instruction: Instruction, environment: Environment, scope: Scope): Applied {
  const { config } = environment;
  const { keyword, rest, json } = instruction;
  const expansion = expansionAt(environment, scope.escape);
  const expand = (word: string) => expandWord(word, expansion);
  switch (keyword) {
    case 'ENV':
      return setVariables(instruction, config, expand, scope);
    case 'LABEL':
      return setLabels(instruction, config, expand, scope);
    case 'USER': {
      const user = expand(rest);
      return { config: { ...config, User: user }, words: `USER ${user}` };
    }
    case 'CMD': {
      const command = json ?? [...shellOf(config), rest];
      return { config: { ...config, Cmd: command }, words: `CMD ${goQuotedList(command)}` };
    }
    case 'ENTRYPOINT':
      return setEntrypoint(instruction, environment);
    case 'EXPOSE':
      return exposePorts(config, expandWords(rest, expansion).flatMap(portsOf));
    case 'VOLUME':
      return addVolumes(config, (json ?? rest.split(/\s+/)).map(expand));
    case 'STOPSIGNAL': {
      const signal = expand(rest);
      return { config: { ...config, StopSignal: signal }, words: `STOPSIGNAL ${signal}` };
    }
    case 'SHELL':
      return { config: { ...config, Shell: json ?? [] }, words: `SHELL [${(json ?? []).join(' ')}]` };
    case 'HEALTHCHECK':
      return setHealthcheck(instruction, config);
    case 'ONBUILD':
      return { config: { ...config, OnBuild: [...(config.OnBuild ?? []), rest] }, words: `ONBUILD ${rest}` };
    default:
      return { config, words: `${keyword} ${rest}` };
  }
}

/** All values of one ENV see the state before the line. */
function setVariables(
  instruction: Instruction,
  config: ImageConfig,
  expand: (word: string) => string,
  { escape }: Scope,
): Applied {
  let next = config;
  const words: string[] = [];
  for (const { name, value } of assignmentsOf(instruction, escape)) {
    if (value === undefined) {
      const message = `ENV ${instruction.rest}: ENV must have two arguments`;
      return { config: next, words: instruction.text, problems: [problem(instruction, message)] };
    }
    const text = expand(value);
    next = withVariable(next, expand(name), text);
    words.push(`${name}=${text}`);
  }
  return { config: next, words: `ENV ${words.join(' ')}` };
}

function setLabels(
  instruction: Instruction,
  config: ImageConfig,
  expand: (word: string) => string,
  { escape }: Scope,
): Applied {
  const pairs = assignmentsOf(instruction, escape).map(
    ({ name, value }) => [expand(name), expand(value ?? '')] as const,
  );
  const Labels = { ...config.Labels, ...Object.fromEntries(pairs) };
  return {
    config: { ...config, Labels },
    words: `LABEL ${pairs.map(([name, value]) => `${name}=${value}`).join(' ')}`,
  };
}

function setEntrypoint({ json, rest }: Instruction, { config, hasOwnCommand }: Environment): Applied {
  const Entrypoint = json ?? [...shellOf(config), rest];
  const { Cmd, ...others } = config;
  const kept = hasOwnCommand && Cmd ? { ...others, Cmd } : others;
  return { config: { ...kept, Entrypoint }, words: `ENTRYPOINT ${goQuotedList(Entrypoint)}` };
}

function exposePorts(config: ImageConfig, ports: readonly string[]): Applied {
  const ExposedPorts = { ...config.ExposedPorts, ...Object.fromEntries(ports.map((port) => [port, {}])) };
  return { config: { ...config, ExposedPorts }, words: `EXPOSE [${[...ports].sort().join(' ')}]` };
}

function addVolumes(config: ImageConfig, volumes: readonly string[]): Applied {
  const Volumes = { ...config.Volumes, ...Object.fromEntries(volumes.map((path) => [path, {}])) };
  return { config: { ...config, Volumes }, words: `VOLUME [${volumes.join(' ')}]` };
}

/** `80` → `80/tcp`, `8000-8002/udp` → each of them. */
function portsOf(word: string): string[] {
  const [range = '', protocol = 'tcp'] = word.toLowerCase().split('/');
  const match = /^(\d+)-(\d+)$/.exec(range);
  if (!match) return [`${range}/${protocol}`];
  const first = Number(match[1]);
  const count = Math.max(0, Math.min(Number(match[2]) - first, 65_535)) + 1;
  return Array.from({ length: count }, (_, index) => `${first + index}/${protocol}`);
}

function setHealthcheck(instruction: Instruction, config: ImageConfig): Applied {
  const [, type = '', command = ''] = /^(\S+)\s*([\s\S]*)$/.exec(instruction.rest) ?? [];
  const json = /^\[/.test(command) ? safeJson(command) : undefined;
  const test = type.toUpperCase() === 'NONE' ? ['NONE'] : json ? ['CMD', ...json] : ['CMD-SHELL', command];
  const duration = (name: string) => nanoseconds(instruction.flags.find((flag) => flag.name === name)?.value);
  const retries = Number(instruction.flags.find((flag) => flag.name === 'retries')?.value ?? 0);
  const times = {
    Interval: duration('interval'),
    Timeout: duration('timeout'),
    StartPeriod: duration('start-period'),
  };
  const StartInterval = duration('start-interval');
  const given = Object.entries({ ...times, StartInterval, Retries: retries }).filter(
    ([, value]) => value !== 0,
  );
  const Healthcheck: Healthcheck = { Test: test, ...Object.fromEntries(given) };
  const shown = [times.Interval, times.Timeout, times.StartPeriod, StartInterval].map(
    (value) => `"${goDuration(value)}"`,
  );
  const words = `HEALTHCHECK &{${goQuotedList(test)} ${shown.join(' ')} '\\x${retries.toString(16).padStart(2, '0')}'}`;
  return { config: { ...config, Healthcheck }, words };
}

function safeJson(text: string): string[] | undefined {
  try {
    return JSON.parse(text) as string[];
  } catch {
    return undefined;
  }
}

const UNITS: Record<string, number> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Go's duration text (`1m30s`) in nanoseconds; 0 for none. */
function nanoseconds(text: string | undefined): number {
  let total = 0;
  for (const [, number, unit] of (text ?? '').matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g))
    total += Number(number) * UNITS[unit!]!;
  return total;
}

function goDuration(total: number): string {
  if (total === 0) return '0s';
  const hours = Math.floor(total / 3600e9);
  const minutes = Math.floor((total % 3600e9) / 60e9);
  const seconds = (total % 60e9) / 1e9;
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  if (minutes > 0) return `${minutes}m${seconds}s`;
  return seconds >= 1 ? `${seconds}s` : `${total / 1e6}ms`;
}

/** As Go prints a list of strings with %q. */
function goQuotedList(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(' ')}]`;
}

function declareArguments(instruction: Instruction, environment: Environment, scope: Scope): Plan {
  const args = new Map(environment.args);
  const words: string[] = [];
  const automatic = automaticArguments(scope.options);
  for (const { name, value } of argumentsOf(instruction, scope.escape)) {
    const given = scope.options.buildArgs[name];
    const expansion = expansionAt({ ...environment, args }, scope.escape);
    const fallback =
      value === undefined ? (scope.globals.get(name) ?? automatic.get(name)) : expandWord(value, expansion);
    const result = given ?? fallback;
    args.set(name, result);
    words.push(result === undefined ? name : `${name}=${result}`);
  }
  const createdBy = `ARG ${words.join(' ')}`;
  return { action: { kind: 'config' }, createdBy, environment: { ...environment, args } };
}
