import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, type Stats } from 'node:fs';
import path from 'node:path';
import { compareNames } from '../../src/layers/path';
import type { Script } from './scripts';
import { isSame, MOST_TEXT, type State, type StateEntry } from './state';

/** What a container of Docker may do, unless more is asked for (moby, oci/caps/defaults.go). */
const CAPABILITIES =
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'
    .split(' ')
    .flatMap((name) => ['--cap-add', `CAP_${name}`]);

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const TIMEOUT = 30_000;

/** Runs a script by the shell of `root`, in an overlay over it, and tells what is other than before. */
export async function runForReal(script: Script, root: string, work: string): Promise<State> {
  const [upper, merged] = [path.join(work, 'upper'), path.join(work, 'merged')];
  rmSync(work, { recursive: true, force: true });
  for (const folder of [upper, merged, path.join(work, 'work')]) mkdirSync(folder, { recursive: true });
  // As containerd's snapshotter mounts: neither redirected folders nor an index of hard links.
  const options = `lowerdir=${root},upperdir=${upper},workdir=${path.join(work, 'work')},redirect_dir=off,index=off,metacopy=off`;
  must('mount', '-t', 'overlay', 'overlay', '-o', options, merged);
  try {
    const since = Math.floor(Date.now() / 1000);
    const exitCode = await inContainer(script, merged, root);
    return { exitCode, entries: changedEntries({ upper, merged, root, since }) };
  } finally {
    must('umount', merged);
    rmSync(work, { recursive: true, force: true });
  }
}

/** Runs a program of this machine. Throws with what it said when it fails. */
export function must(command: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr || error?.message}`);
}

function inContainer(
  { text, shell, user, environment }: Script,
  merged: string,
  root: string,
): Promise<number> {
  const { uid, gid, home } = accountOf(user, root);
  const variables = { PATH, HOME: home, ...environment };
  const given = Object.entries(variables).flatMap(([name, value]) => ['--setenv', name, value]);
  const files = ['/etc/resolv.conf', '/etc/hosts'].flatMap((file) => ['--ro-bind', `${root}${file}`, file]);
  const become = uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--init-groups'];
  const args = [
    ...['--bind', merged, '/', '--proc', '/proc', '--dev', '/dev', '--ro-bind', '/sys', '/sys', ...files],
    ...['--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--hostname', 'buildkitsandbox'],
    ...['--as-pid-1', '--die-with-parent', '--cap-drop', 'ALL', ...CAPABILITIES],
    ...['--clearenv', ...given, '--chdir', '/', ...become, shell, '-c', text],
  ];
  return new Promise((resolve, reject) => {
    const child = spawn('bwrap', args, { stdio: 'ignore', timeout: TIMEOUT });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 128));
  });
}

function accountOf(user: string, root: string): { uid: number; gid: number; home: string } {
  const accounts = readFileSync(path.join(root, 'etc/passwd'), 'utf8').split('\n');
  const found = accounts.map((line) => line.split(':')).find(([name]) => name === user);
  if (!found) throw new Error(`there is no user "${user}" in ${root}`);
  return { uid: Number(found[2]), gid: Number(found[3]), home: found[5]! };
}

interface Trees {
  readonly upper: string;
  readonly merged: string;
  readonly root: string;
  /** In seconds. */
  readonly since: number;
}

function changedEntries({ upper, merged, root, since }: Trees): StateEntry[] {
  const found: StateEntry[] = [];
  const names = new Map<number, string[]>();
  const visit = (folder: string) => {
    for (const name of readdirSync(path.join(upper, folder)).sort(compareNames)) {
      const at = path.join(folder, name);
      const raw = lstatSync(path.join(upper, at));
      const before = entryAt(root, at, since);
      if (raw.isCharacterDevice() && raw.rdev === 0) {
        if (before) found.push({ path: at, type: 'whiteout' });
        continue;
      }
      const entry = entryAt(merged, at, since)!;
      if (!isSame(entry, before)) {
        found.push(entry);
        // A layer holds no unchanged file, so that a link of one becomes a file of its own.
        if (!raw.isDirectory() && raw.nlink > 1) names.set(raw.ino, [...(names.get(raw.ino) ?? []), at]);
      }
      if (!raw.isDirectory()) continue;
      if (before?.type === 'dir') found.push(...goneFrom(at, merged, root));
      visit(at);
    }
  };
  visit('/');
  const groups = new Map(
    [...names.values()]
      .filter(({ length }) => length > 1)
      .flatMap((group) => group.map((at) => [at, group.join(' ')])),
  );
  return found
    .map((entry) => (groups.has(entry.path) ? { ...entry, names: groups.get(entry.path)! } : entry))
    .filter((entry, index, all) => all.findIndex(({ path }) => path === entry.path) === index);
}

/** Whiteouts and what an opaque folder hides: names that were there and are no more. */
function goneFrom(folder: string, merged: string, root: string): StateEntry[] {
  const left = new Set(readdirSync(path.join(merged, folder)));
  return readdirSync(path.join(root, folder))
    .filter((name) => !left.has(name))
    .map((name) => ({ path: path.join(folder, name), type: 'whiteout' }));
}

function entryAt(tree: string, at: string, since: number): StateEntry | undefined {
  const place = path.join(tree, at);
  let stats: Stats;
  try {
    stats = lstatSync(place);
  } catch {
    return undefined;
  }
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
  const meta = { path: at, mode, uid: stats.uid, gid: stats.gid };
  const mtime = timeOf(stats.mtimeMs / 1000, since);
  if (stats.isDirectory()) return { ...meta, type: 'dir' };
  if (stats.isSymbolicLink()) return { ...meta, type: 'symlink', linkname: readlinkSync(place), mtime };
  if (stats.isFIFO()) return { ...meta, type: 'fifo', mtime };
  if (!stats.isFile()) return { ...meta, type: stats.isBlockDevice() ? 'block' : 'char', mtime };
  const bytes = readFileSync(place);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const text = bytes.length <= MOST_TEXT ? { text: bytes.toString() } : {};
  return { ...meta, type: 'file', size: stats.size, sha256, mtime, ...text };
}

function timeOf(seconds: number, since: number): number | 'now' {
  return seconds >= since ? 'now' : Math.floor(seconds);
}
