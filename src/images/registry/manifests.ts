import { createHash } from 'node:crypto';
import type { Platform } from '../../layers/image';
import { byPlatform } from '../choose-image';
import { parsePlatformFields } from '../image-config';
import { splitDigest } from '../image-files';
import { isObject, type JsonObject, objectOf, objectsOf, textOf } from '../json-shape';
import { isAttestation, isImageManifest } from '../oci-layout';
import { type Descriptor, descriptorOf } from './descriptor';
import { RegistryFault } from './fault';
import type { Session } from './session';

/** The manifest of the image for one platform. */
export interface ResolvedManifest {
  readonly digest: string;
  /** As the index has it, where the tag leads to one. */
  readonly platform: Partial<Platform>;
  readonly isChosen: boolean;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** The specification asks registries for no more than 4 MiB. */
const MOST_BYTES = 16 * 1024 * 1024;
const DEEPEST = 4;
const MOST_MANIFESTS = 500;
/** The engine stops at 127. */
const MOST_LAYERS = 1000;

/** What the reference leads to: the manifest itself, or that of an index which fits the platform. Digests are compared. */
export async function resolveManifest(session: Session, wanted?: Platform): Promise<ResolvedManifest> {
  const { digest, tag = 'latest' } = session.reference;
  const top = await getManifest(session, digest ?? tag);
  if (!isIndex(top.json)) return { ...imageIn(top), platform: {}, isChosen: false };
  const candidates = await new IndexWalk(session).candidatesOf(top.json, 0);
  if (candidates.length === 0) throw new RegistryFault('missing', 'its index lists no image');
  const chosen = choose(candidates, wanted);
  const manifest = await getManifest(session, chosen.digest);
  return { ...imageIn(manifest), platform: chosen.platform, isChosen: true };
}

function choose(candidates: readonly Candidate[], wanted: Platform | undefined): Candidate {
  try {
    return byPlatform(candidates, wanted);
  } catch (error) {
    throw new RegistryFault('platform', (error as Error).message, { cause: error });
  }
}

interface Fetched {
  readonly digest: string;
  readonly json: JsonObject;
}

async function getManifest(session: Session, reference: string): Promise<Fetched> {
  const answer = await session.read(`manifests/${reference}`, MOST_BYTES, { headers: { accept: ACCEPT } });
  const { bytes } = answer;
  const told = answer.headers['docker-content-digest'];
  const expected = reference.includes(':') ? reference : typeof told === 'string' ? told : undefined;
  const json = parsed(bytes);
  if (!isObject(json)) throw new RegistryFault('damaged', `it answers with no manifest for ${reference}`);
  if (isSchema1(json)) {
    throw new RegistryFault(
      'refused',
      'it has the image in the form of before 2016 (manifest schema 1), which is not read any more: push it again with a current tool',
    );
  }
  return { json, digest: checked(bytes, expected, reference) };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function isSchema1({ schemaVersion, mediaType }: JsonObject): boolean {
  return schemaVersion === 1 || /docker\.distribution\.manifest\.v1\+/.test(textOf(mediaType) ?? '');
}

function checked(bytes: Buffer, expected: string | undefined, reference: string): string {
  const { algorithm, hex } = splitDigest(expected ?? `sha256:${'0'.repeat(64)}`);
  const actual = createHash(algorithm).update(bytes).digest('hex');
  if (expected !== undefined && actual !== hex) {
    const bytesHave = `its bytes have the digest ${algorithm}:${actual}, not ${expected}`;
    throw new RegistryFault('damaged', `the manifest of ${reference} is damaged: ${bytesHave}`);
  }
  return `${algorithm}:${actual}`;
}

function isIndex(json: JsonObject): boolean {
  return Array.isArray(json.manifests);
}

function imageIn({ json, digest }: Fetched): Pick<ResolvedManifest, 'digest' | 'config' | 'layers'> {
  if (!isImageManifest(json))
    throw new RegistryFault('refused', 'its manifest is of a form that is not read');
  const config = descriptorOf(objectOf(json.config));
  if (config.mediaType !== '' && !/\.container\.image\.|\.oci\.image\.config\./.test(config.mediaType)) {
    const kind = textOf(json.artifactType) ?? config.mediaType;
    throw new RegistryFault('refused', `it is no image but something else (${kind.slice(0, 100)})`);
  }
  const layers = objectsOf(json.layers).map(descriptorOf);
  if (layers.length > MOST_LAYERS) throw new RegistryFault('refused', `it has ${layers.length} layers`);
  return { digest, config, layers };
}

interface Candidate {
  readonly digest: string;
  readonly platform: Partial<Platform>;
}

class IndexWalk {
  private seen = 0;

  constructor(private readonly session: Session) {}

  /** Attestations are set aside; an index in an index counts as its images. */
  async candidatesOf(index: JsonObject, depth: number): Promise<Candidate[]> {
    if (depth > DEEPEST) throw new RegistryFault('refused', `its indexes are nested deeper than ${DEEPEST}`);
    const found: Candidate[] = [];
    for (const json of objectsOf(index.manifests)) {
      if (++this.seen > MOST_MANIFESTS)
        throw new RegistryFault('refused', 'its index lists too many manifests');
      if (isAttestation(json)) continue;
      const { digest, mediaType } = descriptorOf(json);
      if (/image\.index|manifest\.list/.test(mediaType)) {
        const nested = await getManifest(this.session, digest);
        found.push(...(await this.candidatesOf(nested.json, depth + 1)));
      } else found.push({ digest, platform: parsePlatformFields(objectOf(json.platform)) });
    }
    return found;
  }
}
