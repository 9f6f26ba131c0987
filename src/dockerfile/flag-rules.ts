import type { Flag, Instruction } from './instruction';
import { suggestion } from './suggestion';

type FlagKind = 'switch' | 'text' | 'list';

/** The flags of each instruction. https://docs.docker.com/reference/dockerfile/ */
const FLAGS: Readonly<Record<string, Readonly<Record<string, FlagKind>>>> = {
  ADD: {
    chmod: 'text',
    checksum: 'text',
    chown: 'text',
    exclude: 'list',
    'keep-git-dir': 'switch',
    link: 'switch',
    unpack: 'switch',
  },
  COPY: {
    chmod: 'text',
    chown: 'text',
    exclude: 'list',
    from: 'text',
    link: 'switch',
    parents: 'switch',
  },
  FROM: { platform: 'text' },
  HEALTHCHECK: {
    interval: 'text',
    retries: 'text',
    'start-interval': 'text',
    'start-period': 'text',
    timeout: 'text',
  },
  RUN: { device: 'list', mount: 'list', network: 'text', security: 'text' },
};

/** Of these the builder drops flags without a look at them. */
const CARELESS: ReadonlySet<string> = new Set(['ARG', 'STOPSIGNAL']);

export interface FlagFault {
  readonly message: string;
  readonly flag: Flag;
}

/** The first flag that the builder refuses, in its words. */
export function flagFault({ keyword, flags }: Instruction): FlagFault | undefined {
  if (CARELESS.has(keyword)) return undefined;
  const known = FLAGS[keyword] ?? {};
  const used = new Set<string>();
  for (const flag of flags) {
    const message = faultOf(flag, known, used);
    if (message !== undefined) return { message, flag };
    used.add(flag.name);
  }
  return undefined;
}

function faultOf(
  { name, value }: Flag,
  known: Readonly<Record<string, FlagKind>>,
  used: ReadonlySet<string>,
): string | undefined {
  const kind = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!kind) return `unknown flag: --${name}${suggestion(name, Object.keys(known))}`;
  if (used.has(name) && kind !== 'list') return `duplicate flag specified: --${name}`;
  if (value === undefined) return kind === 'switch' ? undefined : `missing a value on flag: --${name}`;
  if (kind !== 'switch') return undefined;
  if (value === '') return `missing a value on flag: --${name}`;
  return /^(true|false)$/i.test(value)
    ? undefined
    : `expecting boolean value for flag --${name}, not: ${value}`;
}

/** The value of a flag that takes a text. An empty one counts as none, as the builder has it. */
export function textFlag({ flags }: Pick<Instruction, 'flags'>, name: string): string | undefined {
  return flags.find((flag) => flag.name === name)?.value || undefined;
}

/** Whether a switch is on; undefined when it is not given. */
export function switchFlag({ flags }: Pick<Instruction, 'flags'>, name: string): boolean | undefined {
  const flag = flags.find((item) => item.name === name);
  return flag && (flag.value === undefined || flag.value.toLowerCase() === 'true');
}

export function listFlag({ flags }: Pick<Instruction, 'flags'>, name: string): string[] {
  return flags.flatMap((flag) => (flag.name === name && flag.value !== undefined ? [flag.value] : []));
}
