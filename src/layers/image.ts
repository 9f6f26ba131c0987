import type { Layer } from './layer';

/**
 * The `config` object of an image configuration.
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md, and Docker's additions (Healthcheck, OnBuild, Shell).
 */
export interface ImageConfig {
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly Healthcheck?: Healthcheck;
  readonly StopSignal?: string;
  readonly Shell?: readonly string[];
  readonly OnBuild?: readonly string[];
  readonly ArgsEscaped?: boolean;
}

/** Times are in nanoseconds, as in the configuration file. */
export interface Healthcheck {
  readonly Test: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** An image as its sources give it: base layer first. */
export interface Image {
  readonly name: string;
  readonly platform: Platform;
  readonly config: ImageConfig;
  readonly history: readonly HistoryEntry[];
  readonly layers: readonly Layer[];
  /** Digest of the manifest or of the configuration, whichever the source knows. */
  readonly digest?: string;
}

const ARCHITECTURES: Readonly<Record<string, [architecture: string, variant?: string]>> = {
  i386: ['386'],
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
};
const KNOWN_ARCHITECTURES: ReadonlySet<string> = new Set(
  '386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm'.split(' '),
);
const OPERATING_SYSTEMS: ReadonlySet<string> = new Set('linux windows darwin freebsd'.split(' '));

/**
 * `linux/arm64/v8` → its parts, in the usual spelling; an architecture alone is one of Linux. Throws with the text when
 * it is not of that form. https://pkg.go.dev/github.com/containerd/platforms
 */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split('/');
  const [first = '', second = '', variant, ...rest] = parts.length === 1 ? splitShort(parts[0]!) : parts;
  if (!first || !second || rest.length > 0 || !/^[a-z0-9_.\-/]+$/.test(parts.join('/'))) {
    throw new Error(`Cannot read platform "${text}": write OS/ARCHITECTURE, such as linux/amd64`);
  }
  const [architecture, implied] = ARCHITECTURES[second] ?? [second];
  return normalized(first === 'macos' ? 'darwin' : first, architecture, variant ?? implied);
}

function splitShort(word: string): string[] {
  const [architecture] = ARCHITECTURES[word] ?? [word];
  if (KNOWN_ARCHITECTURES.has(architecture)) return ['linux', word];
  return OPERATING_SYSTEMS.has(word) ? [word, 'amd64'] : [];
}

/** `arm64/v8` and `arm/v7` are what is meant without a variant. */
function normalized(os: string, architecture: string, variant: string | undefined): Platform {
  const short = variant && /^\d/.test(variant) ? `v${variant}` : variant;
  if (architecture === 'arm') return { os, architecture, variant: short || 'v7' };
  return short &&
    !(architecture === 'arm64' && short === 'v8') &&
    !(architecture === 'amd64' && short === 'v1')
    ? { os, architecture, variant: short }
    : { os, architecture };
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return variant ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`;
}
