/**
 * The full form of an image reference: `node` → `docker.io/library/node:latest`. Two spellings of one image have
 * the same full form. https://pkg.go.dev/github.com/distribution/reference
 */
export function fullReference(reference: string): string {
  const [named = '', digest] = reference.split('@', 2);
  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const isHost = first === 'localhost' || /[.:]/.test(first);
  const host = isHost ? first : 'docker.io';
  const path = isHost ? named.slice(slash + 1) : named;
  const colon = path.lastIndexOf(':');
  const hasTag = colon > path.lastIndexOf('/');
  const repository = hasTag ? path.slice(0, colon) : path;
  const tag = hasTag ? path.slice(colon + 1) : digest ? '' : 'latest';
  const folder = host === 'docker.io' && !repository.includes('/') ? `library/${repository}` : repository;
  return `${host}/${folder}${tag && `:${tag}`}${digest ? `@${digest}` : ''}`;
}
