import { type Entry, FileSystem } from '../filesystem/tree';
import type { FileSystemNode } from '../layers/change';
import { inlineContent } from '../layers/content';
import { type IgnoreAnswer, type IgnoreProblem, IgnoreRules, type ParentMatches } from './ignore';

/**
 * The door to the files of a build context. Paths are relative with `/` between names, the root is the empty
 * path. Calls are synchronous: a context is looked at in a thread of its own, folder by folder as COPY asks.
 */
export interface ContextFolder {
  /** What is in a folder, in any order; nothing when it is not a folder or cannot be read. */
  list(path: string): readonly ContextEntry[];
  /** The text of a small file such as `.dockerignore`; `undefined` when there is none. */
  text(path: string): string | undefined;
  /** False where modes are made up, as on Windows. */
  readonly hasModes: boolean;
}

export interface ContextEntry {
  readonly name: string;
  /** Owned by 0:0, as the builder takes it. Names of one inode hold the same object. */
  readonly node: FileSystemNode;
}

/** Links are not followed: `link` is one on the way, beyond which nothing was looked for. */
export type FoundInContext =
  | { readonly kind: 'found'; readonly node: FileSystemNode }
  | { readonly kind: 'missing'; readonly link?: string };

/** What COPY sees of a context: the files that the ignore file leaves, as a file system of its own. */
export interface BuildContext {
  readonly fileSystem: FileSystem;
  /** What is at a path (relative, `/` between names) of the folder, ignored or not. */
  readonly find: (path: string) => FoundInContext;
  readonly ignore: IgnoreRules;
  /** Name of the ignore file that is in force, if there is one. */
  readonly ignoreFile: string | undefined;
  readonly hasModes: boolean;
  /** Set once more entries were met than the cap allows: what was listed is not all. */
  readonly overflow: { reached: boolean; readonly cap: number };
}

/** More than this many files are not listed; the setting `dockerfileLayers.context.maxFiles` says otherwise. */
export const DEFAULT_CONTEXT_CAP = 50_000;

/**
 * Opens a context. `dockerfile` is the path of the Dockerfile in it (or its bare name): an ignore file of that
 * name plus `.dockerignore` goes before the plain `.dockerignore`. A named context has no Dockerfile.
 */
export function openContext(
  folder: ContextFolder,
  options: {
    dockerfile: string | undefined;
    ignoreText?: string | undefined;
    /** Sent as one archive, as to the classic builder, and not file by file. */
    isArchived?: boolean;
    cap?: number;
  },
): BuildContext {
  const own = options.dockerfile === undefined ? undefined : `${options.dockerfile}.dockerignore`;
  const ownText = options.ignoreText ?? (own === undefined ? undefined : folder.text(own));
  const text = ownText ?? folder.text('.dockerignore');
  const ignore = text === undefined ? IgnoreRules.none : IgnoreRules.parse(text);
  const overflow = { reached: false, cap: options.cap ?? DEFAULT_CONTEXT_CAP };
  const listing = new Listing(folder, ignore, overflow, options.isArchived === true);
  const ignoreFile = text === undefined ? undefined : ownText === undefined ? '.dockerignore' : own;
  return {
    fileSystem: FileSystem.over(listing.root()),
    find: (path) => findIn(folder, path),
    ignore,
    ignoreFile,
    hasModes: folder.hasModes,
    overflow,
  };
}

function findIn(folder: ContextFolder, path: string): FoundInContext {
  const names = path.split('/');
  for (let count = 1; ; count++) {
    const above = names.slice(0, count - 1).join('/');
    const node = folder.list(above).find(({ name }) => name === names[count - 1])?.node;
    if (!node) return { kind: 'missing' };
    if (count === names.length) return { kind: 'found', node };
    if (node.kind === 'symlink') return { kind: 'missing', link: names.slice(0, count).join('/') };
    if (node.kind !== 'directory') return { kind: 'missing' };
  }
}

/** `.dockerignore line 3: syntax error in pattern "[a": …`. */
export function ignoreProblemWords({ ignoreFile }: BuildContext, { line, message }: IgnoreProblem): string {
  return `${ignoreFile} line ${line + 1}: ${message}`;
}

/** Why what was listed of a context is not certain. */
export function contextDoubts({ overflow, hasModes }: BuildContext): string[] {
  const doubts: string[] = [];
  if (overflow.reached)
    doubts.push(`the build context has more than ${overflow.cap} files: the rest was not listed`);
  if (!hasModes) doubts.push('the build context has no file modes here, so they are assumed');
  return doubts;
}

/** Lists folders when they are first looked into, and leaves out what is ignored. */
class Listing {
  private count = 0;

  constructor(
    private readonly folder: ContextFolder,
    private readonly ignore: IgnoreRules,
    private readonly overflow: { reached: boolean; readonly cap: number },
    private readonly isArchived: boolean,
  ) {}

  root(): Entry {
    const node: FileSystemNode = { kind: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0 };
    return this.directory(node, '', undefined);
  }

  private directory(node: FileSystemNode, path: string, matches: ParentMatches | undefined): Entry {
    const list = () => this.children(path, matches);
    let children: ReadonlyMap<string, Entry> | undefined;
    return {
      node,
      layer: 0,
      get children() {
        children ??= list();
        return children;
      },
    };
  }

  private children(path: string, matches: ParentMatches | undefined): ReadonlyMap<string, Entry> {
    const found = new Map<string, Entry>();
    for (const { name, node } of this.folder.list(path)) {
      if (this.count >= this.overflow.cap) {
        this.overflow.reached = true;
        break;
      }
      const child = path === '' ? name : `${path}/${name}`;
      const entry = this.entry(node, child, this.ignore.test(child, matches));
      if (!entry) continue;
      this.count++;
      found.set(name, entry);
    }
    return found;
  }

  /** An ignored folder is still there when something in it was taken back. */
  private entry(node: FileSystemNode, path: string, answer: IgnoreAnswer): Entry | undefined {
    if (node.kind !== 'directory')
      return answer.ignored ? undefined : { node: this.isArchived ? node : this.sent(node, path), layer: 0 };
    const options = { byName: this.isArchived };
    if (answer.ignored && !this.ignore.mayTakeBackBelow(path, options)) return undefined;
    // An archive lacks the folder itself; whoever unpacks it makes one.
    const own = answer.ignored && this.isArchived ? { ...node, mode: 0o755 } : node;
    const directory = this.directory(own, path, answer.matches);
    return answer.ignored && directory.children!.size === 0 ? undefined : directory;
  }

  private sent(node: FileSystemNode, path: string): FileSystemNode {
    if (node.kind !== 'file' || !this.ignore.isSentEmpty(path)) return node;
    return { ...node, content: inlineContent('') };
  }
}
