import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RealPodman, run } from './real-engines';

/** Everything that a layer can hold without a kernel's help. */
async function fill(root: string): Promise<void> {
  const at = (name: string) => path.join(root, name);
  const write = (name: string, text: string, mode = 0o644, owner: [number, number] = [0, 0]) => {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
    chownSync(at(name), ...owner);
    chmodSync(at(name), mode);
  };
  write('bin/set-uid', 'x', 0o4755);
  write('etc/shadowed', 'secret', 0o640, [0, 42]);
  write('srv/owned', 'mine', 0o600, [1000, 1001]);
  write('srv/long owner', '', 0o644, [3_000_000, 2_100_000]);
  write('srv/name with spaces and ünïcödé', 'y');
  write(`srv/${'long-'.repeat(45)}`, 'z');
  write('opt/replaced/old', 'old');
  write('opt/removed/a/b', 'gone');
  write('opt/file-to-folder', 'file');
  write('opt/folder-to-file/inside', 'inside');
  write('hole', '');
  truncateSync(at('hole'), 1_000_000);
  mkdirSync(at('tmp'));
  chmodSync(at('tmp'), 0o1777);
  mkdirSync(at('empty'), 0o700);
  linkSync(at('srv/owned'), at('srv/same'));
  symlinkSync('owned', at('srv/relative'));
  symlinkSync('/srv/owned', at('srv/absolute'));
  symlinkSync('loop', at('loop'));
  symlinkSync('../../../../outside', at('outward'));
  await run('mkfifo', [at('pipe')]);
}

/** Whiteouts, an opaque folder, and entries of another type or with other metadata. */
function change(root: string): void {
  const at = (name: string) => path.join(root, name);
  rmSync(at('opt/removed'), { recursive: true });
  rmSync(at('opt/replaced'), { recursive: true });
  mkdirSync(at('opt/replaced'));
  writeFileSync(at('opt/replaced/new'), 'new');
  rmSync(at('opt/file-to-folder'));
  mkdirSync(at('opt/file-to-folder'));
  writeFileSync(at('opt/file-to-folder/inside'), 'inside');
  rmSync(at('opt/folder-to-file'), { recursive: true });
  writeFileSync(at('opt/folder-to-file'), 'file');
  chmodSync(at('bin/set-uid'), 0o755);
  rmSync(at('srv/relative'));
  writeFileSync(at('srv/relative'), 'no link');
  rmSync(at('pipe'));
}

/** `localhost/base:1` with one layer and `localhost/changed:1` with one more, both by buildah. */
export async function buildWithBuildah({ buildah }: RealPodman): Promise<void> {
  const steps = [
    { from: 'scratch', to: 'localhost/base:1', work: fill },
    { from: 'localhost/base:1', to: 'localhost/changed:1', work: change },
  ];
  for (const { from, to, work } of steps) {
    const container = await buildah('from', '--pull-never', from);
    await work(await buildah('mount', container));
    await buildah('commit', '--quiet', container, to);
    await buildah('rm', container);
  }
}

/** A build context whose layers need no program of an image. */
export function buildContext(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'layers-context-'));
  mkdirSync(path.join(folder, 'app/lib'), { recursive: true });
  writeFileSync(path.join(folder, 'app/run'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(path.join(folder, 'app/lib/data'), 'x'.repeat(5000));
  symlinkSync('lib/data', path.join(folder, 'app/link'));
  const lines = [
    'FROM scratch',
    'LABEL made-for=tests',
    'COPY app /app',
    'WORKDIR /app/lib',
    'COPY --chown=7:8 app/lib/data copy',
    'CMD ["/app/run"]',
  ];
  writeFileSync(path.join(folder, 'Dockerfile'), lines.join('\n'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
