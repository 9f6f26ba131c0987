import { PlanFault } from './fault';

/** What an ADD fetches from elsewhere. */
export type RemoteSource =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'git'; readonly url: string };

/**
 * Whether a source is an address, and of what; `undefined` for a path. A web address is a repository when its path
 * ends in `.git`; `github.com/…` without a scheme is a path. Throws `PlanFault` for an address that cannot be used.
 * https://docs.docker.com/reference/dockerfile/#adding-files-from-a-git-repository
 */
export function remoteSource(text: string): RemoteSource | undefined {
  const scheme = /^([a-zA-Z0-9]+):\/\//.exec(text)?.[1]?.toLowerCase();
  const isGit =
    scheme === undefined
      ? SCP_STYLE.test(text)
      : scheme === 'git' || scheme === 'ssh' || (/^https?$/.test(scheme) && pathOf(text).endsWith('.git'));
  if (isGit) {
    const fault = queryFault(text);
    if (fault !== undefined) throw new PlanFault(fault);
    return { kind: 'git', url: text };
  }
  // Of the schemes only those in small letters are known here.
  return /^https?:\/\//.test(text) ? { kind: 'url', url: text } : undefined;
}

/** `git@github.com:moby/moby.git#main:docs`. */
const SCP_STYLE = /^[\w-]+@[a-zA-Z0-9.-]+:/;

function pathOf(url: string): string {
  return /^[^:]+:\/\/[^/?#]*([^?#]*)/.exec(url)?.[1] ?? '';
}

const MAY_BE_EMPTY = new Set(['submodules', 'keep-git-dir', 'fetch-by-commit']);
const KNOWN = new Set([
  ...MAY_BE_EMPTY,
  ...['ref', 'tag', 'branch', 'subdir', 'checksum', 'commit', 'mtime'],
]);

/** What stands behind the `?` of a repository is checked before it is fetched. */
function queryFault(url: string): string | undefined {
  const query = /\?([^#]*)/.exec(url.split('#')[0]!)?.[1];
  const values = new URLSearchParams(query ?? '');
  for (const key of new Set(values.keys())) {
    const all = values.getAll(key);
    if (all.length > 1) return `query "${key}" has multiple values`;
    if (all[0] === '' && !MAY_BE_EMPTY.has(key)) return `query "${key}" has no value`;
    if (!KNOWN.has(key)) return `unexpected query "${key}"`;
    if (MAY_BE_EMPTY.has(key) && !/^(|1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(all[0]!))
      return `invalid ${key} value: "${all[0]}"`;
  }
  return values.has('branch') && values.has('tag') ? 'branch conflicts with tag' : undefined;
}
