import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** An engine of a test's own, in a folder of its own, that nothing else on the machine sees. */
export interface RealEngine {
  /** As `DOCKER_HOST` takes it. */
  readonly host: string;
  /** Runs the engine's own program. */
  run(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Why tests with these programs cannot run here; false where they can. */
export function missing(...programs: string[]): string | false {
  const absent = programs.find((program) => spawnSync('which', [program]).status !== 0);
  if (absent !== undefined) return `no ${absent}`;
  return process.getuid?.() === 0 ? false : 'engines need the superuser';
}

export async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const options = { env: { ...process.env, ...env }, maxBuffer: 1 << 28 };
  const { stdout } = await promisify(execFile)(program, [...args], options);
  return stdout.trim();
}

/** An engine without a network. */
export async function startDocker(): Promise<RealEngine> {
  const folder = ownFolder();
  const at = (name: string) => path.join(folder, name);
  const host = `unix://${at('sock')}`;
  const network = ['--iptables=false', '--ip6tables=false', '--bridge=none'];
  const folders = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid')];
  const daemon = spawn('dockerd', [...network, ...folders, '--host', host], { stdio: 'ignore' });
  const docker = (...args: string[]) =>
    run('docker', args, { DOCKER_HOST: host, DOCKER_BUILDKIT: '0', DOCKER_CONFIG: folder });
  await untilReady(() => docker('version'), daemon);
  return { host, run: docker, stop: () => stopIn(folder, daemon) };
}

export interface RealPodman extends RealEngine {
  /** buildah over the same images. */
  buildah(...args: string[]): Promise<string>;
}

export async function startPodman(): Promise<RealPodman> {
  const folder = ownFolder();
  const storage = ['--root', path.join(folder, 'root'), '--runroot', path.join(folder, 'run')];
  const driver = ['--storage-driver', isOverlay(folder) ? 'vfs' : 'overlay'];
  const podman = (...args: string[]) => run('podman', [...storage, ...driver, ...args]);
  const host = `unix://${path.join(folder, 'sock')}`;
  const service = spawn('podman', [...storage, ...driver, 'system', 'service', '--time=0', host], {
    stdio: 'ignore',
  });
  await untilReady(() => run('podman', ['--url', host, 'version']), service);
  return {
    host,
    run: podman,
    buildah: (...args) => run('buildah', [...storage, ...driver, ...args]),
    stop: () => stopIn(folder, service),
  };
}

function ownFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'layers-engine-'));
}

/** An overlay cannot lie on an overlay. */
function isOverlay(folder: string): boolean {
  return statfsSync(folder).type === 0x794c7630;
}

async function untilReady(ask: () => Promise<unknown>, daemon: ChildProcess): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await ask();
      return;
    } catch (error) {
      if (tries === 100 || daemon.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Podman leaves its storage mounted. */
async function stopIn(folder: string, daemon: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  if (daemon.kill()) await ended;
  const mounts = (await run('findmnt', ['-rno', 'TARGET'])).split('\n');
  for (const mount of mounts.filter((target) => target.startsWith(`${folder}/`)).reverse()) {
    await run('umount', ['-l', mount]);
  }
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
}
