/**
 * The full form of an image reference: `node` → `docker.io/library/node:latest`. Two spellings of one image have
 * the same full form. https://pkg.go.dev/github.com/distribution/reference
 */
export function fullReference(reference: string): string {
  const [named = '', digest] = reference.split('@', 2);
  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const isHost = first === 'localhost' || /[.:]/.test(first);
  const host = isHost && first !== LEGACY_HOST ? first : DEFAULT_HOST;
  const path = isHost ? named.slice(slash + 1) : named;
  const colon = path.lastIndexOf(':');
  const hasTag = colon > path.lastIndexOf('/');
  const repository = hasTag ? path.slice(0, colon) : path;
  const tag = hasTag ? path.slice(colon + 1) : digest ? '' : 'latest';
  const folder = host === DEFAULT_HOST && !repository.includes('/') ? `library/${repository}` : repository;
  return `${host}/${folder}${tag && `:${tag}`}${digest ? `@${digest}` : ''}`;
}

const DEFAULT_HOST = 'docker.io';
const LEGACY_HOST = 'index.docker.io';

const PATH_COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const DOMAIN_COMPONENT = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const DOMAIN = `(?:${DOMAIN_COMPONENT}(?:\\.${DOMAIN_COMPONENT})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const REFERENCE = new RegExp(
  `^(?:${DOMAIN}/)?${PATH_COMPONENT}(?:/${PATH_COMPONENT})*(?::\\w[\\w.-]{0,127})?(?:@${DIGEST})?$`,
);

/** Why a text is no image reference, in the builder's words; undefined for one that is. */
export function referenceFault(reference: string): string | undefined {
  if (/^[a-f0-9]{64}$/.test(reference)) {
    return `invalid repository name (${reference}), cannot specify 64-byte hexadecimal strings`;
  }
  const slash = reference.indexOf('/');
  const first = slash < 0 ? '' : reference.slice(0, slash);
  // A first part in capital letters can only be a host.
  const isHost = first === 'localhost' || /[.:A-Z]/.test(first);
  const remote = (isHost ? reference.slice(slash + 1) : reference).replace(/[:@].*$/, '');
  const name = !isHost && !remote.includes('/') ? `library/${remote}` : remote;
  if (name !== name.toLowerCase()) {
    return `invalid reference format: repository name (${name}) must be lowercase`;
  }
  return REFERENCE.test(reference) ? undefined : 'invalid reference format';
}
