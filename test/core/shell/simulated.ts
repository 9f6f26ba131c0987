import { FileSystem } from '../../../src/filesystem/tree';
import { WritableLayer } from '../../../src/filesystem/writable';
import { EXACT } from '../../../src/layers/certainty';
import type { Change, FileSystemNode } from '../../../src/layers/change';
import { type Content, type ContentReader, inlineContent } from '../../../src/layers/content';
import { comparePaths } from '../../../src/layers/path';
import { watchdog } from '../../../src/platform/watchdog';
import type { RunReport } from '../../../src/simulate/run/engine';
import { watchMatching } from '../../../src/simulate/run/matching';
import { runShell } from '../../../src/simulate/run/shell';

watchMatching(watchdog);

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** As in images of the golden cases: a bare ELF header stands for every program. */
const ELF = new Uint8Array(64);
ELF.set([0x7f, 0x45, 0x4c, 0x46]);

const PROGRAMS =
  'dash bash [ test echo printf true false env printenv cat ls mkdir rmdir rm cp mv ln chmod chown touch tee head tail wc sort uniq cut tr sed grep awk find xargs seq basename dirname readlink expr date id stat mktemp sleep yes uname od tac rev paste comm install tar gzip diff cmp mkfifo';

/** Bytes that a script may hold and write unless a test says otherwise. */
const LIMIT = 256 * 1024 * 1024;

export interface TestFile {
  readonly mode?: number;
  readonly text?: string;
  readonly link?: string;
}

export interface Simulation {
  readonly shell?: 'dash' | 'bash' | 'ash';
  readonly files?: Readonly<Record<string, TestFile>>;
  readonly openRegions?: readonly { readonly path: string; readonly reason: string }[];
  readonly limits?: { readonly steps: number; readonly milliseconds: number; readonly bytes?: number };
  readonly signal?: AbortSignal;
  readonly listen?: () => void;
  readonly argv?: readonly string[];
  readonly cwd?: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const reader: ContentReader = {
  async read(content: Content, range) {
    const start = range?.start ?? 0;
    if (content.kind === 'inline') return content.bytes.slice(start, range?.end ?? content.size);
    if (content.kind === 'zeros')
      return new Uint8Array(Math.min(range?.end ?? content.size, content.size) - start);
    throw new Error(`cannot read ${content.kind}`);
  },
  async digest() {
    throw new Error('no digests here');
  },
  async digests() {
    return new Map();
  },
};

/** A small Debian or Alpine with stub programs, and the files given. */
export function smallImage({
  shell = 'dash',
  files = {},
  openRegions = [],
  limits,
}: Simulation): WritableLayer {
  const nodes = new Map<string, FileSystemNode>();
  const meta = { uid: 0, gid: 0, mtime: 1 };
  const folder = (mode = 0o755): FileSystemNode => ({ kind: 'directory', mode, ...meta });
  const file = (content: Content, mode: number): FileSystemNode => ({ kind: 'file', content, mode, ...meta });
  const link = (target: string): FileSystemNode => ({ kind: 'symlink', target, mode: 0o777, ...meta });
  for (const path of ['/etc', '/root', '/usr', '/usr/bin', '/usr/local', '/usr/local/bin'])
    nodes.set(path, folder());
  nodes.set('/bin', shell === 'ash' ? folder() : link('usr/bin'));
  nodes.set('/tmp', folder(0o1777));
  const passwd = 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n';
  nodes.set('/etc/passwd', file(inlineContent(passwd), 0o644));
  for (const name of PROGRAMS.split(' ')) {
    if (shell === 'ash' && name === 'bash') continue;
    if (shell === 'ash') nodes.set(`/bin/${name}`, link('/bin/busybox'));
    else nodes.set(`/usr/bin/${name}`, file(inlineContent(ELF), 0o755));
  }
  if (shell === 'ash') nodes.set('/bin/busybox', file(inlineContent(ELF), 0o755));
  nodes.set(shell === 'ash' ? '/bin/sh' : '/usr/bin/sh', link(shell === 'ash' ? '/bin/busybox' : 'dash'));
  if (shell === 'ash') nodes.set('/bin/ash', link('/bin/busybox'));
  for (const [path, given] of Object.entries(files)) {
    if (given.link !== undefined) nodes.set(path, link(given.link));
    else if (given.text === undefined) nodes.set(path, folder(given.mode));
    else nodes.set(path, file(inlineContent(given.text), given.mode ?? 0o644));
  }
  const changes = [...nodes].map(([path, node]): Change => ({ kind: 'put', path, node }));
  changes.sort((a, b) => comparePaths(a.path, b.path));
  const base = FileSystem.empty.with({
    changes,
    certainty: EXACT,
    openRegions,
    closes: [],
    createdBy: 'test',
  });
  return new WritableLayer(base, () => 1000, limits?.bytes ?? LIMIT);
}

/** Runs a script in a small image: `/bin/NAME -c SCRIPT`, or `argv`. */
export async function simulate(
  script: string,
  options: Simulation = {},
): Promise<RunReport & { readonly fileSystem: WritableLayer; text(path: string): string | undefined }> {
  const fileSystem = smallImage(options);
  const shell = options.shell ?? 'dash';
  const report = await runShell({
    argv: options.argv ?? [`/bin/${shell}`, '-c', script],
    env: new Map(Object.entries({ PATH, HOME: '/root', ...options.env })),
    cwd: options.cwd ?? '/tmp',
    fileSystem,
    reader,
    architecture: 'amd64',
    limits: { bytes: LIMIT, ...(options.limits ?? { steps: 100_000, milliseconds: 10_000 }) },
    ...(options.signal ? { signal: options.signal } : {}),
    ...(options.listen ? { listen: options.listen } : {}),
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
  });
  const text = (path: string) => {
    const found = fileSystem.find(path);
    const node = found.kind === 'present' ? found.inode.node : undefined;
    if (node?.kind !== 'file') return undefined;
    return node.content.kind === 'inline' ? new TextDecoder().decode(node.content.bytes) : node.content.kind;
  };
  return { ...report, fileSystem, text };
}
