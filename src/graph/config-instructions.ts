import { argumentsOf, assignmentsOf, listOf } from '../dockerfile/arguments';
import { trim } from '../dockerfile/blanks';
import { formatDuration } from '../dockerfile/durations';
import { type HealthcheckLine, readHealthcheck } from '../dockerfile/healthcheck';
import type { Instruction } from '../dockerfile/instruction';
import { goQuoted, goQuotedCharacter } from '../dockerfile/quoted';
import { expandWord, expandWords } from '../dockerfile/words';
import type { Healthcheck, ImageConfig } from '../layers/image';
import { automaticArguments } from './build-options';
import { type Environment, expansionAt, shellOf, withVariable } from './environment';
import { PlanFault } from './fault';
import { portsOf } from './ports';
import { checkSignal } from './signals';
import type { Plan, Scope } from './steps';
import { triggerOf } from './triggers';

/** Instructions that change the configuration alone. Throws `PlanFault`. */
export function applyToConfig(instruction: Instruction, environment: Environment, scope: Scope): Plan {
  switch (instruction.keyword) {
    case 'ARG':
      return declareArguments(instruction, environment, scope);
    case 'ENV':
      return setVariables(instruction, environment, scope);
    default: {
      const { config, words } = applied(instruction, environment, scope);
      const hasOwnCommand = environment.hasOwnCommand || instruction.keyword === 'CMD';
      return planned(words, { ...environment, config, hasOwnCommand });
    }
  }
}

function planned(createdBy: string, environment: Environment): Plan {
  return { action: { kind: 'config' }, createdBy, environment };
}

/** `words` are what history says of the instruction. */
interface Applied {
  readonly config: ImageConfig;
  readonly words: string;
}

function applied(instruction: Instruction, environment: Environment, scope: Scope): Applied {
  const { config } = environment;
  const { keyword, rest, json } = instruction;
  const expansion = expansionAt(environment, scope);
  const expand = (word: string) => expandWord(word, expansion);
  switch (keyword) {
    case 'LABEL':
      return setLabels(instruction, config, expand, scope);
    case 'USER': {
      const User = expand(rest);
      return { config: { ...config, User }, words: `USER ${User}` };
    }
    case 'CMD': {
      const Cmd = json ?? [...shellOf(config), rest];
      return { config: { ...config, Cmd }, words: `CMD ${goQuotedList(Cmd)}` };
    }
    case 'ENTRYPOINT':
      return setEntrypoint(instruction, environment);
    case 'EXPOSE':
      return exposePorts(
        config,
        [...listOf(instruction)]
          .sort()
          .flatMap((word) => expandWords(word, { ...expansion, onAsked: undefined })),
      );
    case 'VOLUME':
      return addVolumes(
        config,
        listOf(instruction).map((path) => expand(trim(path))),
      );
    case 'STOPSIGNAL': {
      const StopSignal = expand(rest);
      checkSignal(StopSignal);
      return { config: { ...config, StopSignal }, words: `STOPSIGNAL ${StopSignal}` };
    }
    case 'SHELL':
      return { config: { ...config, Shell: json ?? [] }, words: `SHELL [${(json ?? []).join(' ')}]` };
    case 'HEALTHCHECK':
      return setHealthcheck(readHealthcheck(instruction), config);
    case 'ONBUILD':
      return {
        config: { ...config, OnBuild: [...(config.OnBuild ?? []), triggerOf(instruction)] },
        words: `ONBUILD ${triggerOf(instruction)}`,
      };
    default:
      return { config, words: `${keyword} ${rest}` };
  }
}

/** All values of one ENV see the state before the line. */
function setVariables(instruction: Instruction, environment: Environment, scope: Scope): Plan {
  const expansion = expansionAt(environment, scope);
  const pairs = assignmentsOf(instruction, scope.escape).map(
    ({ name, value = '' }) => [expandWord(name, expansion), expandWord(value, expansion)] as const,
  );
  const config = pairs.reduce(
    (before, [name, value]) => withVariable(before, name, value),
    environment.config,
  );
  const variables = new Map([...environment.variables, ...pairs]);
  return planned(`ENV ${pairWords(pairs)}`, { ...environment, config, variables });
}

function pairWords(pairs: readonly (readonly [name: string, value: string])[]): string {
  return pairs.map(([name, value]) => `${name}=${value}`).join(' ');
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
  return { config: { ...config, Labels }, words: `LABEL ${pairWords(pairs)}` };
}

function setEntrypoint({ json, rest }: Instruction, { config, hasOwnCommand }: Environment): Applied {
  const Entrypoint = json ?? [...shellOf(config), rest];
  const { Cmd, ...others } = config;
  const kept = hasOwnCommand && Cmd ? { ...others, Cmd } : others;
  return { config: { ...kept, Entrypoint }, words: `ENTRYPOINT ${goQuotedList(Entrypoint)}` };
}

function exposePorts(config: ImageConfig, words: readonly string[]): Applied {
  const ports = words.flatMap(portsOf);
  const ExposedPorts = { ...config.ExposedPorts, ...Object.fromEntries(ports.map((port) => [port, {}])) };
  return { config: { ...config, ExposedPorts }, words: `EXPOSE [${ports.join(' ')}]` };
}

function addVolumes(config: ImageConfig, volumes: readonly string[]): Applied {
  if (volumes.includes('')) throw new PlanFault('VOLUME specified can not be an empty string');
  const Volumes = { ...config.Volumes, ...Object.fromEntries(volumes.map((path) => [path, {}])) };
  return { config: { ...config, Volumes }, words: `VOLUME [${volumes.join(' ')}]` };
}

function setHealthcheck(line: HealthcheckLine, config: ImageConfig): Applied {
  const { test, interval, timeout, startPeriod, startInterval, retries } = line;
  const given = Object.entries({
    Interval: interval,
    Timeout: timeout,
    StartPeriod: startPeriod,
    StartInterval: startInterval,
    Retries: retries,
  }).filter(([, value]) => value !== 0);
  const Healthcheck: Healthcheck = { Test: test, ...Object.fromEntries(given) };
  const times = [interval, timeout, startPeriod, startInterval].map((time) => `"${formatDuration(time)}"`);
  const words = `HEALTHCHECK &{${goQuotedList(test)} ${times.join(' ')} ${goQuotedCharacter(retries)}}`;
  return { config: { ...config, Healthcheck }, words };
}

/** As Go prints a list of strings with %q. */
function goQuotedList(words: readonly string[]): string {
  return `[${words.map(goQuoted).join(' ')}]`;
}

/** They tell the builder what to attest, and are no variables. */
const NOT_VARIABLES: ReadonlySet<string> = new Set([
  'BUILDKIT_SBOM_SCAN_CONTEXT',
  'BUILDKIT_SBOM_SCAN_STAGE',
]);

/** A value given with the build goes before the one of the line, that before one from before the first FROM. */
function declareArguments(instruction: Instruction, environment: Environment, scope: Scope): Plan {
  const args = new Map(environment.args);
  const variables = new Map(environment.variables);
  const automatic = automaticArguments(scope.options, scope.stages);
  const words: string[] = [];
  for (const { name, value } of argumentsOf(instruction, scope.escape)) {
    const given = scope.options.buildArgs[name];
    const result =
      given ??
      (value === undefined
        ? (scope.globals.get(name) ?? automatic.get(name))
        : expandWord(value, expansionAt({ variables }, scope)));
    args.set(name, result);
    if (result !== undefined && !NOT_VARIABLES.has(name)) variables.set(name, result);
    words.push(result === undefined ? name : `${name}=${result}`);
  }
  return planned(`ARG ${words.join(' ')}`, { ...environment, args, variables });
}
