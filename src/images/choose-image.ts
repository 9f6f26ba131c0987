import { ArchiveFault } from '../archive/fault';
import { formatPlatform, type Platform } from '../layers/image';
import { fullReference } from '../layers/reference';
import type { ConfigFile } from './image-config';
import type { LayerBlob } from './index-layer';

/** What an image consists of, before its layers are listed. */
export interface ImageParts {
  readonly config: ConfigFile;
  readonly layers: readonly LayerBlob[];
  /** Of the manifest, or of the configuration where there is no manifest. */
  readonly digest?: string;
  readonly configDigest?: string;
}

/** One of the images that an archive holds, for one platform. */
export interface ImageCandidate {
  readonly names: readonly string[];
  /** Digest or name of what describes it: the same image may be listed under several names. */
  readonly id: string;
  readonly platform?: Partial<Platform>;
  /** Whether the archive lists it without holding it. */
  readonly missing?: boolean;
  load(): Promise<ImageParts>;
}

export interface Wish {
  readonly platform?: Platform | undefined;
  readonly reference?: string | undefined;
}

/**
 * The image that is asked for. A reference chooses among images of several names, a platform among those of one
 * name; without one linux/amd64 is preferred. Where this leaves several, the error lists them.
 */
export function chooseImage(candidates: readonly ImageCandidate[], wish: Wish): ImageCandidate {
  const named = byReference(mergeSame(candidates), wish.reference);
  const [first] = named;
  if (!first) throw new ArchiveFault('foreign', 'it holds no image');
  const titles = new Set(named.map(title));
  if (titles.size > 1) {
    const asked = wish.reference === undefined ? '' : `, none of them ${wish.reference}`;
    throw new ArchiveFault(
      'refused',
      `it holds several images: ${[...titles].join(', ')}${asked}; name one of them`,
    );
  }
  return byPlatform(named, wish.platform);
}

function mergeSame(candidates: readonly ImageCandidate[]): ImageCandidate[] {
  const merged = new Map<string, ImageCandidate>();
  for (const candidate of candidates) {
    const before = merged.get(candidate.id);
    const names = [...new Set([...(before?.names ?? []), ...candidate.names])];
    merged.set(candidate.id, { ...(before ?? candidate), names });
  }
  return [...merged.values()];
}

function title({ names }: ImageCandidate): string {
  return names.length === 0 ? '(without a name)' : [...names].sort().join(' = ');
}

function byReference(candidates: ImageCandidate[], reference: string | undefined): ImageCandidate[] {
  if (reference === undefined) return candidates;
  const exact = candidates.filter(
    ({ names, id }) =>
      id === reference || names.some((name) => fullReference(name) === fullReference(reference)),
  );
  if (exact.length > 0) return exact.map((candidate) => ({ ...candidate, names: [reference] }));
  // Layouts often have bare tags as names.
  const tag = fullReference(reference).split(':').at(-1)!;
  const tagged = candidates.filter(({ names }) => names.includes(tag));
  return tagged.length > 0 ? tagged.map((candidate) => ({ ...candidate, names: [tag] })) : candidates;
}

const PREFERRED: Platform = { os: 'linux', architecture: 'amd64' };

/**
 * The one for the platform; without one the preferred, or the only one that there is. Throws an `ArchiveFault` that
 * names the platforms there are.
 */
export function byPlatform<T extends { readonly platform?: Partial<Platform>; readonly missing?: boolean }>(
  candidates: readonly T[],
  wanted: Platform | undefined,
): T {
  const held = candidates.filter(({ missing }) => !missing);
  const pool = held.length > 0 ? held : candidates;
  const best = bestPlatform(pool, wanted);
  if (best) return best;
  if (!wanted && pool.length === 1) return pool[0]!;
  const listed = [...new Set(pool.map(({ platform }) => platformText(platform)))].join(', ');
  if (wanted)
    throw new ArchiveFault('refused', `it has no image for ${formatPlatform(wanted)}; it has ${listed}`);
  throw new ArchiveFault('refused', `it has images for several platforms: ${listed}; name one of them`);
}

function platformText(platform: Partial<Platform> = {}): string {
  const { os = 'linux', architecture = 'an unknown architecture', variant } = platform;
  return formatPlatform(variant === undefined ? { os, architecture } : { os, architecture, variant });
}

/** The one that fits the platform best, linux/amd64 without one; `undefined` when none can run there. */
export function bestPlatform<T extends { readonly platform?: Partial<Platform> }>(
  pool: readonly T[],
  wanted: Platform = PREFERRED,
): T | undefined {
  let best: { candidate: T; rank: number } | undefined;
  for (const candidate of pool) {
    const rank = platformRank(candidate.platform ?? {}, wanted);
    if (rank !== undefined && (!best || rank < best.rank)) best = { candidate, rank };
  }
  return best?.candidate;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armhf: 'arm' };

/**
 * How far `offered` is from `wanted`; `undefined` when it cannot run there. An image without a platform fits last.
 * ARM runs older variants too: https://pkg.go.dev/github.com/containerd/platforms#Only
 */
function platformRank(offered: Partial<Platform>, wanted: Platform): number | undefined {
  if (offered.architecture === undefined) return 100;
  const has = variantNumber(offered.architecture, offered.variant);
  const asks = variantNumber(wanted.architecture, wanted.variant);
  const fits = (offered.os ?? 'linux') === wanted.os && has.architecture === asks.architecture;
  if (!fits || has.variant > asks.variant) return undefined;
  return asks.variant - has.variant;
}

function variantNumber(
  architecture: string,
  variant: string | undefined,
): { architecture: string; variant: number } {
  const name = ARCHITECTURES[architecture] ?? architecture;
  const usual = name === 'arm' ? 7 : name === 'arm64' ? 8 : 1;
  const digits = /^v?(\d+)/.exec(variant ?? '')?.[1];
  return { architecture: name, variant: digits === undefined ? usual : Number(digits) };
}
