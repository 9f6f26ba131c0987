// Asks the real shells: writes golden.json, what dash, bash and busybox's ash print for each script of scripts.mjs and how they
// end. Run on a machine with dash 0.5.12, bash 5.2 and busybox 1.35 (Debian 12), and shut in, since the scripts write to devices
// and to the home folder:
// bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /root --bind /tmp /tmp --bind "$PWD" "$PWD" node test/core/shell/make-golden.mjs
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { more } from './more-scripts.mjs';
import { bash, both, dash, notForAsh } from './scripts.mjs';

const FOLDER = '/tmp/dlw';
const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' };

const programs = { dash: '/bin/dash', bash: '/bin/bash', ash: '/bin/busybox', posix: '/bin/bash' };
/** As they are called: `posix` is bash under the name of `sh`. */
const names = { dash: '/bin/dash', bash: '/bin/bash', ash: '/bin/ash', posix: '/bin/sh' };

function ask(shell, script, more) {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  const { stdout, status } = spawnSync(programs[shell], ['-c', script], {
    argv0: names[shell],
    cwd: FOLDER,
    env: { ...env, ...more },
    // As in a build; a socket, which pipes of Node are, makes bash read its start-up files.
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: 10_000,
  });
  return { shell, script, ...(more ? { env: more } : {}), stdout, status };
}

process.umask(0o022);
const rows = [
  ...both.flatMap((script) => [ask('dash', script), ask('bash', script)]),
  ...both
    .filter((script) => !notForAsh.some((text) => script.includes(text)))
    .map((script) => ask('ash', script)),
  ...dash.map((script) => ask('dash', script)),
  ...bash.map((script) => ask('bash', script)),
  ...more.flatMap(({ shells, scripts, env }) =>
    scripts.flatMap((script) => shells.map((shell) => ask(shell, script, env))),
  ),
];
rmSync(FOLDER, { recursive: true, force: true });
const target = path.join(path.dirname(fileURLToPath(import.meta.url)), 'golden.json');
writeFileSync(target, `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);
console.log(`${rows.length} rows`);
