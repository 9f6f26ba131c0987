import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { BASES } from '../core/golden/case';

/** Imports `bb:1`: the tree of our own copy of it, with this machine's static busybox where that has a stub. */
export function makeBase(command: readonly string[], work: string): void {
  const folder = path.join(work, 'base-image');
  mkdirSync(folder, { recursive: true });
  const tar = (...args: string[]) => execFileSync('tar', args, { cwd: folder });
  tar('-xf', BASES['bb:1']);
  const manifest = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as {
    Layers: string[];
  }[];
  const layer = manifest[0]!.Layers[0]!;
  tar('--delete', '-f', layer, 'bin/busybox');
  tar('-rf', layer, '--owner=0', '--group=0', '--numeric-owner', '-C', '/', 'bin/busybox');
  const [program, ...words] = command;
  execFileSync(program!, [...words, 'import', path.join(folder, layer), 'bb:1'], { stdio: 'inherit' });
  rmSync(folder, { recursive: true });
}
