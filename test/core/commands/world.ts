import { FileSystem } from '../../../src/filesystem/tree';
import { type Inode, WritableLayer } from '../../../src/filesystem/writable';
import { EXACT } from '../../../src/layers/certainty';
import type { Change, FileSystemNode } from '../../../src/layers/change';
import { type Content, type ContentReader, inlineContent } from '../../../src/layers/content';
import { findSimulated } from '../../../src/simulate/run/builtins/programs';
import {
  type CommandContext,
  type Finished,
  type Flavour,
  NotSimulated,
  type RunOptions,
} from '../../../src/simulate/run/command';

/** One file of a tree, as the golden tables spell it. */
export interface Entry {
  readonly path: string;
  readonly kind: string;
  readonly mode: string;
  readonly owner: string;
  readonly target?: string;
  /** One character a byte; where there are NUL bytes, `base64` has them. */
  readonly text?: string;
  readonly base64?: string;
  readonly mtime?: number | 'now';
  readonly link?: string;
}

export const NOW = 1_800_000_000;
const OLD = 1_614_834_367;
const PASSWD =
  'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\ngames:x:5:60:games:/usr/games:/usr/sbin/nologin\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n';
const GROUP = 'root:x:0:\ndaemon:x:1:\nstaff:x:50:\nwww-data:x:33:\n';

const reader: ContentReader = {
  async read(content, range) {
    const bytes = content.kind === 'inline' ? content.bytes : new Uint8Array(content.size);
    return range ? bytes.slice(range.start, range.end) : bytes;
  },
  async digest() {
    throw new Error('not needed here');
  },
  async digests() {
    return new Map();
  },
};

/** A file system with nothing in it. */
export function emptyWorld(): WritableLayer {
  return new WritableLayer(FileSystem.empty, () => NOW);
}

/** A file system with the tree below `/w`, and Debian's names. */
export function worldOf(tree: readonly Entry[]): WritableLayer {
  const changes: Change[] = [
    put('/etc', { kind: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0 }),
    put('/tmp', { kind: 'directory', mode: 0o1777, uid: 0, gid: 0, mtime: 0 }),
    put('/etc/passwd', {
      kind: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
      content: inlineContent(PASSWD),
    }),
    put('/etc/group', { kind: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, content: inlineContent(GROUP) }),
    put('/usr', { kind: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0 }),
    put('/usr/bin', { kind: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0 }),
    put('/usr/bin/gzip', {
      kind: 'file',
      mode: 0o755,
      uid: 0,
      gid: 0,
      mtime: 0,
      content: inlineContent('\x7fELF'),
    }),
    put('/w', { kind: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0 }),
  ];
  const layer = { changes, certainty: EXACT, openRegions: [], closes: [], createdBy: '' };
  const fileSystem = new WritableLayer(FileSystem.empty.with(layer), () => NOW);
  // Not in the lower layer, where a change of one name of a hard-linked file would break the pair.
  for (const entry of tree) {
    if (entry.link) fileSystem.link(`/w/${entry.link}`, `/w/${entry.path}`);
    else fileSystem.place(`/w/${entry.path}`, nodeOf(entry));
  }
  for (const { path, kind } of tree) if (kind === 'directory') fileSystem.setModified(`/w/${path}`, OLD);
  fileSystem.setModified('/w', OLD);
  return fileSystem;
}

function put(path: string, node: FileSystemNode): Change {
  return { kind: 'put', path, node };
}

function nodeOf(entry: Entry): FileSystemNode {
  const [uid, gid] = entry.owner.split(':').map(Number) as [number, number];
  const metadata = { mode: Number.parseInt(entry.mode, 8), uid, gid, mtime: Number(entry.mtime ?? 0) };
  if (entry.kind === 'directory') return { kind: 'directory', ...metadata };
  if (entry.kind === 'symlink') return { kind: 'symlink', ...metadata, target: entry.target! };
  if (entry.kind === 'fifo') return { kind: 'fifo', ...metadata };
  return { kind: 'file', ...metadata, content: inlineContent(bytesOf(entry)) };
}

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly models: readonly string[];
}

export interface Invocation {
  readonly run: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly umask?: string;
  readonly flavour?: Flavour;
}

export async function runIn(
  fileSystem: WritableLayer,
  { run, stdin = '', env = {}, umask = '022', flavour = 'gnu' }: Invocation,
): Promise<Outcome> {
  fileSystem.umask = Number.parseInt(umask, 8);
  const stdout: Content[] = [];
  const stderr: Content[] = [];
  const models: string[] = [];
  const sink = (pieces: Content[]) => ({
    keepsOrder: true,
    write: (piece: string | Uint8Array | Content) =>
      void pieces.push(
        typeof piece === 'string' || piece instanceof Uint8Array ? inlineContent(piece) : piece,
      ),
  });
  const start = (argv: readonly string[], options: RunOptions): Promise<Finished> => {
    const command = findSimulated(argv[0]!, flavour);
    if (!command) throw new NotSimulated(`no command ${argv[0]}`);
    const context: CommandContext = {
      wholeFolders: [],
      name: argv[0]!,
      args: argv.slice(1),
      env: options.env ?? new Map(Object.entries({ PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env })),
      cwd: options.cwd ?? '/w',
      stdin: options.stdin ?? inlineContent(new Uint8Array(0)),
      stdout: options.stdout ?? sink(stdout),
      stderr: options.stderr ?? sink(stderr),
      fileSystem,
      reader,
      flavour,
      architecture: 'amd64',
      run: start,
      runScript: () => Promise.reject(new NotSimulated('no shell here')),
      model: (reason) => void models.push(reason),
      openRegion: (_path, reason) => void models.push(reason),
      checkBudget: () => {},
      sleep: () => {},
    };
    return Promise.resolve(command(context)).then((exitCode) => ({ exitCode }));
  };
  const { exitCode } = await start(run, { stdin: inlineContent(Buffer.from(stdin, 'latin1')) });
  return { exitCode, stdout: await textOf(stdout), stderr: await textOf(stderr), models };
}

async function textOf(pieces: readonly Content[]): Promise<string> {
  const read = await Promise.all(pieces.map((piece) => reader.read(piece)));
  return Buffer.concat(read).toString('latin1');
}

/** What is below `/w`, as the golden tables spell it. */
export function entriesOf(fileSystem: WritableLayer): Entry[] {
  const entries: Entry[] = [];
  const first = new Map<object, string>();
  const visit = (folder: Inode, prefix: string): void => {
    for (const name of fileSystem.namesIn(folder).sort()) {
      const inode = fileSystem.child(folder, name)!;
      const path = prefix + name;
      entries.push(entryOf(inode, path, first));
      if (inode.node.kind === 'directory') visit(inode, `${path}/`);
    }
  };
  visit(fileSystem.stat('/w'), '');
  return entries;
}

function entryOf(inode: Inode, path: string, first: Map<object, string>): Entry {
  const { node } = inode;
  const identity = inode.lower?.node === node ? node : inode;
  const earlier = first.get(identity);
  if (!earlier) first.set(identity, path);
  const mtime = node.mtime >= NOW ? 'now' : Math.floor(node.mtime);
  return {
    path,
    kind: node.kind,
    mode: node.mode.toString(8),
    owner: `${node.uid}:${node.gid}`,
    ...(node.kind === 'symlink' ? { target: node.target } : {}),
    ...(node.kind === 'file' ? contentOf(node.content) : {}),
    ...(node.kind === 'directory' ? {} : { mtime }),
    ...(earlier && node.kind !== 'directory' && node.kind !== 'symlink' ? { link: earlier } : {}),
  };
}

function bytesOf({ text, base64 }: Entry): Uint8Array {
  return base64 === undefined ? Buffer.from(text!, 'latin1') : Buffer.from(base64, 'base64');
}

function contentOf(content: Content): { text: string } | { base64: string } {
  const bytes = Buffer.from(content.kind === 'inline' ? content.bytes : new Uint8Array(content.size));
  return bytes.includes(0) ? { base64: bytes.toString('base64') } : { text: bytes.toString('latin1') };
}
