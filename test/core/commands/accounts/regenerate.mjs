// Runs the rows of rows.json by the shadow-utils of this machine (Debian 12, as root) in a chroot whose /etc is in
// base.json, and writes what they left to golden.json: node test/core/commands/accounts/regenerate.mjs
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const here = new URL('.', import.meta.url).pathname;
const base = JSON.parse(readFileSync(join(here, 'base.json'), 'utf8'));
const rows = JSON.parse(readFileSync(join(here, 'rows.json'), 'utf8'));
const results = rows.map(record);
writeFileSync(join(here, 'golden.json'), `[\n${results.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);

function record(commands) {
  const root = mkdtempSync(join(tmpdir(), 'accounts-'));
  try {
    // What is below /usr is the machine's own.
    for (const entry of base) if (!entry.path.startsWith('/usr/')) place(root, entry);
    for (const folder of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${folder}`, join(root, folder));
    mkdirSync(join(root, 'usr'));
    const before = new Map(snapshot(root).map((entry) => [entry.path, JSON.stringify(entry)]));
    const script = commands.map((command) => `${command}; echo "$?"`).join('\n');
    const inside = `mount --bind /usr '${root}/usr' && mkdir '${root}/dev' && mount --bind /dev '${root}/dev' && chroot '${root}' /bin/sh -c "$1" 2>/dev/null`;
    const { stdout } = spawnSync('unshare', ['-m', 'sh', '-c', inside, 'sh', script], { encoding: 'utf8' });
    const exitCodes = stdout
      .split('\n')
      .filter((line) => /^\d+$/.test(line))
      .map(Number);
    const changed = snapshot(root).filter((entry) => before.get(entry.path) !== JSON.stringify(entry));
    return { commands, exitCodes, changed };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function place(root, { path, mode, owner, text }) {
  const at = join(root, path);
  mkdirSync(dirname(at), { recursive: true });
  if (text === undefined) mkdirSync(at, { recursive: true });
  else writeFileSync(at, text);
  const [uid, gid] = owner.split(':').map(Number);
  chownSync(at, uid, gid);
  chmodSync(at, Number.parseInt(mode, 8));
}

function snapshot(root) {
  const today = String(Math.floor(Date.now() / 86_400_000));
  const entries = [];
  const visit = (path) => {
    const at = lstatSync(join(root, path));
    const entry = { path, mode: (at.mode & 0o7777).toString(8), owner: `${at.uid}:${at.gid}` };
    if (at.isSymbolicLink()) entry.target = readlinkSync(join(root, path));
    // The day in /etc/shadow is the day of the run.
    else if (at.isFile())
      entry.text = readFileSync(join(root, path), 'utf8').replaceAll(`:${today}:`, ':TODAY:');
    entries.push(entry);
    if (at.isDirectory()) for (const name of readdirSync(join(root, path)).sort()) visit(`${path}/${name}`);
  };
  for (const folder of ['/etc', '/home', '/opt', '/srv']) visit(folder);
  return entries;
}
