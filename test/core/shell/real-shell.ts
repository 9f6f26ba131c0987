import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Simulation, simulate } from './simulated';

/** Whether this machine has the bash that the simulation is of. */
export const hasBash = /version 5\.2/.test(
  spawnSync('bash', ['--version'], { encoding: 'utf8' }).stdout ?? '',
);

export interface Asked {
  readonly stdout: string;
  readonly status: number | null;
}

/** Runs a program over files, once really and once simulated, in a folder that has the same name in both. */
export async function askBoth(
  texts: Readonly<Record<string, string>>,
  argv: readonly string[],
  options: Simulation = {},
): Promise<{ readonly real: Asked; readonly ours: Asked & { readonly level: string } }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'dockerfile-layers-'));
  try {
    const files: Record<string, { text?: string; mode: number }> = {};
    for (const [name, text] of Object.entries(texts)) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text, { mode: 0o755 });
      for (let above = path.dirname(file); above !== '/'; above = path.dirname(above))
        files[above] = { mode: 0o755 };
      files[file] = { text, mode: 0o755 };
    }
    const real = spawnSync(argv[0]!, argv.slice(1), {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/root' },
      ...(options.stdin === undefined ? {} : { input: options.stdin }),
    });
    const report = await simulate('', { ...options, files, argv, cwd: folder });
    const { stdout, exitCode, certainty } = report;
    return {
      // A report keeps the end of what was printed.
      real: { stdout: real.stdout.slice(-4096), status: real.status },
      ours: { stdout, status: exitCode, level: certainty.level },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
