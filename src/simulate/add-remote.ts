import type { WritableLayer } from '../filesystem/writable';
import type { CopyAction } from '../graph/step';
import { formatSize } from '../layers/format';
import type { OpenRegion } from '../layers/layer';
import { type CopyOptions, copyTree, type Destination } from './copy';
import type { RemoteSize } from './inputs';
import { BuildError } from './outcome';

/** Where a fetched source goes. */
interface Target {
  readonly destination: Destination;
  readonly layer: WritableLayer;
  readonly options: CopyOptions;
}

/** What is known of a fetched source: the layer is modelled for this reason. */
export interface Fetched {
  readonly reason: string;
  readonly openRegion?: OpenRegion;
}

/**
 * What a server sends is not known; a file of that name certainly comes, owned by 0:0, mode 0600. With
 * `--unpack=true` it may also be an archive that is taken apart.
 */
export function addDownload(
  url: string,
  { checksum, unpack }: CopyAction,
  size: RemoteSize | undefined,
  { destination, layer, options }: Target,
): Fetched {
  checkEscapes(url);
  const reason = downloadReason(url, size);
  if (unpack) {
    if (destination.isFolder) layer.makeFolders(destination.path, madeFolder(options));
    return { reason, openRegion: { path: destination.path, reason } };
  }
  const digest = checksum?.startsWith('sha256:') ? { digest: checksum } : {};
  const bytes = size?.kind === 'known' ? size.size : 0;
  const content = { kind: 'placeholder', size: bytes, reason, ...digest } as const;
  const node = { kind: 'file', content, mode: 0o600, uid: 0, gid: 0, mtime: layer.now() } as const;
  const name = fileNameOf(url);
  // The builder copies the folder that it downloaded to, with a file of this name in it.
  const isFolder = name === '..' || destination.isFolder;
  const picked = { entry: { node, layer: 0 }, path: `/${name}`, name: name === '..' ? 'download' : name };
  copyTree(picked, { ...destination, isFolder }, layer, options);
  return { reason };
}

/** The repository's files go into a folder; which they are is not known. */
export function addRepository(
  url: string,
  { checksum }: CopyAction,
  { destination, layer, options }: Target,
): Fetched {
  if (checksum && !/^[a-fA-F0-9]+$/.test(checksum))
    throw new BuildError(`invalid checksum ${checksum} for Git URL, expected hex commit hash`);
  const reason = `what is in the repository ${withoutCredentials(url)} is not known without fetching it`;
  layer.makeFolders(destination.path, madeFolder(options));
  return { reason, openRegion: { path: destination.path, reason } };
}

function madeFolder({ owner, chmod }: CopyOptions) {
  return { mode: chmod?.ofMadeFolders ?? 0o755, ...(owner ?? { uid: 0, gid: 0 }) };
}

function downloadReason(url: string, size: RemoteSize | undefined): string {
  const what = `what ${hostOf(url)} sends is not known without downloading it`;
  if (!size) return what;
  return size.kind === 'known'
    ? `${what}; that it is ${formatSize(size.size)} is what the server says`
    : `${what}, and its size could not be asked for: ${size.reason}`;
}

/** The last name of the path, whatever the server calls the file. */
function fileNameOf(url: string): string {
  const path = decoded(partsOf(url).path).replace(/\/+$/, '');
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name === '' || name === '.' ? '__unnamed__' : name;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // Bytes that are no UTF-8 cannot be told by a name here.
    return path;
  }
}

function checkEscapes(url: string): void {
  const { path, fragment } = partsOf(url);
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(path) ?? /%(?![0-9a-fA-F]{2}).{0,2}/.exec(fragment);
  if (bad) throw new BuildError(`parse "${withoutCredentials(url)}": invalid URL escape "${bad[0]}"`);
}

function hostOf(url: string): string {
  return partsOf(url).authority.replace(/^.*@/, '');
}

/** Read by hand: a URL object would take `..` out of the path. */
function partsOf(url: string): { authority: string; path: string; fragment: string } {
  const [, authority = '', path = '', fragment = ''] =
    /^[^:]+:\/\/([^/?#]*)([^?#]*)[^#]*(?:#(.*))?$/s.exec(url) ?? [];
  return { authority, path, fragment };
}

/** A URL may carry a password, which must not get into messages. */
function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
