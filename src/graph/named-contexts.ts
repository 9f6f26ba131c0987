import { fullReference, referenceFault } from '../layers/reference';
import type { Stage } from './stages';

/**
 * What `docker build --build-context NAME=VALUE` gives a name to.
 * https://docs.docker.com/reference/cli/docker/buildx/build/#build-context
 */
export type NamedContext =
  /** A folder of this machine; an absolute path. */
  | { readonly kind: 'folder'; readonly path: string }
  /** `docker-image://REFERENCE`. */
  | { readonly kind: 'image'; readonly reference: string }
  /** `oci-layout://PATH[:TAG][@DIGEST]`; `reference` is the digest, or else the tag. */
  | { readonly kind: 'layout'; readonly path: string; readonly reference: string }
  /** A repository or an archive elsewhere, which is not fetched. */
  | { readonly kind: 'remote'; readonly url: string };

/** By name, as written. */
export type NamedContexts = Readonly<Record<string, NamedContext>>;

/** Reads a VALUE; `resolve` makes a path absolute. */
export function parseNamedContext(value: string, resolve: (path: string) => string): NamedContext {
  const image = after('docker-image://', value);
  if (image !== undefined) return { kind: 'image', reference: image };
  const layout = after('oci-layout://', value);
  if (layout !== undefined) {
    const [place = '', digest] = layout.split('@', 2);
    const [, path = place, tag = 'latest'] = /^(.*?)(?::([^/\\:]*))?$/.exec(place) ?? [];
    return { kind: 'layout', path: resolve(path), reference: digest ?? tag };
  }
  if (/^(https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/|target:)/.test(value))
    return { kind: 'remote', url: value };
  return { kind: 'folder', path: resolve(value) };
}

function after(prefix: string, text: string): string | undefined {
  return text.startsWith(prefix) ? text.slice(prefix.length) : undefined;
}

/** Why a NAME cannot be one, in the builder's words. */
export function contextNameFault(name: string): string | undefined {
  const fault = referenceFault(name);
  return fault && `invalid context name ${name}: ${fault}`;
}

/**
 * The context that takes the place of an image or a stage of this name: names are compared as image references,
 * so `alpine` stands for `docker.io/library/alpine:latest`. The last of several spellings counts.
 */
export function contextNamed(
  name: string,
  contexts: NamedContexts = {},
): { readonly name: string; readonly context: NamedContext } | undefined {
  const wanted = referenceFault(name) === undefined ? fullReference(name) : undefined;
  const found = Object.entries(contexts).findLast(([other]) => fullReference(other) === wanted);
  return found && { name: found[0], context: found[1] };
}

/** Whether a context takes the place of a stage of this name; two names mean something else everywhere. */
export function replacesStage(name: string, contexts: NamedContexts | undefined): boolean {
  return name !== 'scratch' && name !== 'context' && contextNamed(name, contexts) !== undefined;
}

/**
 * Whether a target ends on a stage that a context without a configuration took the place of: such a context does
 * as a source of COPY and as the base of a stage, but the builder can make no image of it.
 */
export function lacksArchitecture(
  target: Stage,
  stages: readonly Stage[],
  contexts: NamedContexts | undefined,
): boolean {
  let root = target;
  while (root.base.kind === 'stage') root = stages[root.base.stage]!;
  if (!root.isReplaced || root.base.kind !== 'image') return false;
  const context = contextNamed(root.base.reference, contexts)?.context;
  if (context?.kind === 'image') return context.reference === 'scratch';
  return context?.kind !== 'layout';
}

/** `docker-image://alpine:3`, without a password. */
export function contextWords(context: NamedContext): string {
  switch (context.kind) {
    case 'folder':
      return context.path;
    case 'image':
      return `docker-image://${context.reference}`;
    case 'layout':
      return `oci-layout://${context.path}`;
    case 'remote':
      return context.url.replace(/\/\/[^/@]*@/, '//');
    default:
      return context satisfies never;
  }
}
