// Runs every row of rows/*.json by the real programs of this machine (Debian 12, as root) and writes what they did to
// golden/*.json: node test/core/commands/regenerate.mjs [NAME...]
import { execFileSync, spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const here = new URL('.', import.meta.url).pathname;
const STANDARD = readFileSync(join(here, 'standard-tree.sh'), 'utf8');
const OLD = '2021-03-04 05:06:07 UTC';
const asked = process.argv.slice(2);

// What busybox does is only of interest where its tree, output or exit code may differ: its messages are its own.
const BUSYBOX = [
  'archives',
  'awk',
  'tar',
  'files',
  'files-in-depth',
  'find',
  'grep',
  'modes',
  'sed',
  'text',
  'text-in-depth',
];
// Programs that are not installed here, in a folder of their own (unpacked Debian packages).
const TOOLS = process.env.GOLDEN_TOOLS ? `:${process.env.GOLDEN_TOOLS}` : '';
const sets = readdirSync(join(here, 'rows')).map((file) => ({
  name: basename(file, '.json'),
  file,
  flavour: 'gnu',
}));
for (const { name, file } of [...sets])
  if (BUSYBOX.includes(name)) sets.push({ name: `busybox-${name}`, file, flavour: 'busybox' });

for (const { name, file, flavour } of sets) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const rows = JSON.parse(readFileSync(join(here, 'rows', file), 'utf8')).map((row) =>
    flavour === 'busybox' ? { ...row, flavour, anyMessage: true } : row,
  );
  const trees = {};
  const results = rows.map((row) => record(row, trees)).filter(({ seen }) => seen.exitCode !== null);
  mkdirSync(join(here, 'golden'), { recursive: true });
  const text = [
    '{"trees": {',
    Object.entries(trees)
      .map(([key, tree]) => `${JSON.stringify(key)}: [\n${lines(tree)}]`)
      .join(',\n'),
    '},',
    '"rows": [',
    lines(results),
    ']}',
  ];
  writeFileSync(join(here, 'golden', `${name}.json`), `${text.join('\n')}\n`);
}

function lines(list) {
  return list.map((item) => JSON.stringify(item)).join(',\n');
}

function record(row, trees) {
  const folder = mkdtempSync(join(tmpdir(), 'golden-'));
  const { setup = '', stdin = '', env = {} } = row;
  const run = row.flavour === 'busybox' ? ['busybox', ...row.run] : row.run;
  try {
    execFileSync(
      '/bin/sh',
      ['-ec', `umask 022\n${STANDARD}\n${setup}\nfind . -exec touch -h -d '${OLD}' {} +`],
      { cwd: folder },
    );
    // An archive that the setup makes differs from run to run, so that every row starts from its own tree.
    const start = snapshot(folder);
    trees[setup] ??= start;
    const wrapper = `umask ${row.umask ?? '022'}; exec "$@"`;
    const started = Math.floor(Date.now() / 1000) - 1;
    const result = spawnSync('/bin/sh', ['-c', wrapper, 'sh', ...run], {
      cwd: folder,
      input: Buffer.from(stdin, 'latin1'),
      env: { PATH: `/usr/sbin:/usr/bin:/sbin:/bin${TOOLS}`, ...env },
      timeout: 10_000,
    });
    const after = snapshot(folder, started);
    const before = new Map(start.map((entry) => [entry.path, JSON.stringify(entry)]));
    const changed = after.filter((entry) => before.get(entry.path) !== JSON.stringify(entry));
    const kept = new Set(after.map(({ path }) => path));
    const gone = [...before.keys()].filter((path) => !kept.has(path));
    const seen = { exitCode: result.status };
    if (result.stdout.length > 0) seen.stdout = result.stdout.toString('latin1').replaceAll(folder, '/w');
    if (result.stderr.length > 0 && (!row.anyMessage || row.flavour === 'busybox'))
      seen.stderr = result.stderr.toString('latin1').replaceAll(folder, '/w');
    if (changed.length > 0) seen.changed = changed;
    if (gone.length > 0) seen.gone = gone;
    return { ...row, seen };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function snapshot(root, since = Number.POSITIVE_INFINITY) {
  const entries = [];
  const inodes = new Map();
  const visit = (path) => {
    const at = lstatSync(join(root, path));
    const kind = at.isDirectory()
      ? 'directory'
      : at.isSymbolicLink()
        ? 'symlink'
        : at.isFIFO()
          ? 'fifo'
          : 'file';
    const entry = { path, kind, mode: (at.mode & 0o7777).toString(8), owner: `${at.uid}:${at.gid}` };
    if (kind === 'symlink') entry.target = readlinkSync(join(root, path));
    if (kind === 'file') {
      const bytes = readFileSync(join(root, path));
      if (bytes.includes(0)) entry.base64 = bytes.toString('base64');
      else entry.text = bytes.toString('latin1');
    }
    if (kind !== 'directory') {
      const mtime = Math.floor(at.mtimeMs / 1000);
      entry.mtime = mtime >= since ? 'now' : mtime;
      const first = inodes.get(at.ino);
      if (first && kind !== 'symlink') entry.link = first;
      else inodes.set(at.ino, path);
    }
    if (path !== '.') entries.push(entry);
    if (kind === 'directory')
      for (const name of readdirSync(join(root, path)).sort()) visit(path === '.' ? name : `${path}/${name}`);
  };
  visit('.');
  return entries;
}
