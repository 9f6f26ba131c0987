// Makes the large image that the image benchmark reads: `node test/benchmarks/big-image.mjs CACHE_FOLDER`. Twelve layers
// of Debian packages, some 100,000 entries and 600 MB as gzip, the same bytes for the same versions of the packages.
// Needs apt-get with its lists (`apt-get update`), dpkg-deb and GNU tar. What CACHE_FOLDER has already is not made anew:
//   debs/        the packages, as apt-get downloads them
//   layers/      NN.tar and NN.tar.gz, each layer plain and compressed
//   plain.tar    as docker save writes it, with plain layers
//   oci/         an OCI layout with gzip layers
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';

/** A layer each; the newest of several versions is taken where a name has a `*`. */
const LAYERS = [
  'base-files base-passwd bash coreutils dash dpkg libc6 perl-base util-linux sed grep tar gzip tzdata locales',
  'perl-modules-5.36 libperl5.36 git vim-runtime emacs-common emacs-el',
  'gcc-12 g++-12 cpp-12 libstdc++-12-dev libgcc-12-dev libc6-dev binutils-x86-64-linux-gnu linux-libc-dev',
  'linux-headers-6.1.0-*-common',
  'libpython3.11-minimal libpython3.11-stdlib python3-numpy python3-scipy python3-pandas python3-matplotlib python3-sympy python3-django',
  'golang-1.19-src golang-1.19-go',
  'libboost1.74-dev',
  'openjdk-17-jre-headless openjdk-17-jdk-headless',
  'texlive-base texlive-latex-base texlive-latex-recommended',
  'texlive-latex-extra texlive-fonts-extra-links',
  'postgresql-15 libruby3.1 elementary-icon-theme',
];
/** The last layer removes what images often do without. */
const REMOVED = ['usr/share/doc', 'usr/share/man', 'usr/share/emacs/28.2/etc/tutorials'];
const TIME = 1_700_000_000;

/** The places of the image's parts, made if need be. */
export async function makeBigImage(folder) {
  const place = (name) => path.join(folder, name);
  mkdirSync(place('layers'), { recursive: true });
  const names = [...LAYERS, undefined].map((_, index) => String(index + 1).padStart(2, '0'));
  const layers = names.map((name) => ({
    plain: place(`layers/${name}.tar`),
    gzip: place(`layers/${name}.tar.gz`),
  }));
  for (const [index, { plain }] of layers.entries()) {
    if (existsSync(plain)) continue;
    if (LAYERS[index] === undefined) tarOf(plain, removals(folder));
    else tarOf(plain, unpacked(folder, download(place('debs'), LAYERS[index].split(' '))));
  }
  for (const layer of layers) if (!existsSync(layer.gzip)) await compress(layer);
  if (!existsSync(place('oci'))) await writeLayout(place('oci'), layers);
  if (!existsSync(place('plain.tar'))) await writeSaved(place('plain.tar'), layers);
  return { plain: place('plain.tar'), oci: place('oci'), layers };
}

function download(debs, wishes) {
  mkdirSync(debs, { recursive: true });
  const names = wishes.map((wish) => (wish.includes('*') ? newestOf(wish) : wish));
  const fileOf = (name) => readdirSync(debs).find((file) => file.startsWith(`${name}_`));
  const missing = names.filter((name) => !fileOf(name));
  if (missing.length > 0)
    execFileSync('apt-get', ['download', ...missing], { cwd: debs, stdio: ['ignore', 'ignore', 'inherit'] });
  return names.map((name) => path.join(debs, fileOf(name)));
}

function newestOf(wish) {
  const pattern = `^${wish.replaceAll('*', '[0-9]+')}$`;
  const lines = execFileSync('apt-cache', ['search', '--names-only', pattern], { encoding: 'utf8' });
  const names = lines.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ')[0]]));
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
}

function unpacked(folder, debs) {
  const root = mkdtempSync(path.join(folder, 'root-'));
  for (const deb of debs) execFileSync('dpkg-deb', ['-x', deb, root]);
  return root;
}

function removals(folder) {
  const root = mkdtempSync(path.join(folder, 'root-'));
  for (const removed of REMOVED) {
    const { dir, base } = path.parse(path.join(root, removed));
    mkdirSync(dir, { recursive: true });
    writeFileSync(path.join(dir, `.wh.${base}`), '');
  }
  return root;
}

function tarOf(file, root) {
  const options = ['--format=gnu', '--sort=name', '--numeric-owner', '--owner=0', '--group=0'];
  const times = [`--mtime=@${TIME}`, '--clamp-mtime'];
  execFileSync('tar', ['-cf', `${file}.part`, ...options, ...times, '-C', root, ...readdirSync(root).sort()]);
  rmSync(root, { recursive: true });
  renameSync(`${file}.part`, file);
}

async function compress({ plain, gzip }) {
  await pipeline(createReadStream(plain), createGzip(), createWriteStream(`${gzip}.part`));
  renameSync(`${gzip}.part`, gzip);
}

async function digestOf(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

async function configOf(layers) {
  const diffIds = [];
  for (const { plain } of layers) diffIds.push(`sha256:${await digestOf(plain)}`);
  const history = layers.map((_, index) => ({ created_by: LAYERS[index] ?? `rm -r ${REMOVED.join(' ')}` }));
  const config = {
    Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    Cmd: ['bash'],
  };
  const rootfs = { type: 'layers', diff_ids: diffIds };
  return { json: JSON.stringify({ architecture: 'amd64', os: 'linux', config, rootfs, history }), diffIds };
}

async function writeLayout(folder, layers) {
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  const blobs = path.join(part, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (text, mediaType) => {
    const hex = createHash('sha256').update(text).digest('hex');
    writeFileSync(path.join(blobs, hex), text);
    return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(text) };
  };
  const kind = (name) => `application/vnd.oci.image.${name}`;
  const config = put((await configOf(layers)).json, kind('config.v1+json'));
  const described = [];
  for (const { gzip } of layers) {
    const hex = await digestOf(gzip);
    linkSync(gzip, path.join(blobs, hex));
    described.push({
      mediaType: kind('layer.v1.tar+gzip'),
      digest: `sha256:${hex}`,
      size: statSync(gzip).size,
    });
  }
  const manifest = { schemaVersion: 2, mediaType: kind('manifest.v1+json'), config, layers: described };
  const top = put(JSON.stringify(manifest), kind('manifest.v1+json'));
  const named = { ...top, annotations: { 'org.opencontainers.image.ref.name': 'big' } };
  writeFileSync(path.join(part, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  writeFileSync(path.join(part, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  renameSync(part, folder);
}

async function writeSaved(file, layers) {
  const root = `${file}.root`;
  rmSync(root, { recursive: true, force: true });
  const blobs = path.join(root, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const { json, diffIds } = await configOf(layers);
  const hex = createHash('sha256').update(json).digest('hex');
  writeFileSync(path.join(blobs, hex), json);
  const names = diffIds.map((id) => id.replace('sha256:', 'blobs/sha256/'));
  for (const [index, { plain }] of layers.entries()) linkSync(plain, path.join(root, names[index]));
  const item = { Config: `blobs/sha256/${hex}`, RepoTags: ['big:latest'], Layers: names };
  writeFileSync(path.join(root, 'manifest.json'), JSON.stringify([item]));
  tarOf(file, root);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2];
  if (!folder) throw new Error('Usage: node test/benchmarks/big-image.mjs CACHE_FOLDER');
  const { plain, oci } = await makeBigImage(path.resolve(folder));
  console.log(`${plain}\n${oci}`);
}
