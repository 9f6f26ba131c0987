import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { BASES } from '../core/golden/case';
import { must } from './real-shell';

/** A Debian to run scripts in: `root` is its folder, `image` the same as an OCI layout for us. */
export interface Root {
  readonly root: string;
  readonly image: string;
}

/** Makes both in `folder` unless they are there: Debian 12 of the machine's own mirror, with the files of `/seed`. */
export function prepareRoot(folder: string): Root {
  const [root, image] = [path.join(folder, 'root'), path.join(folder, 'image')];
  if (existsSync(image)) return { root, image };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  console.log(`Making a Debian in ${folder}…`);
  must('debootstrap', '--variant=minbase', 'bookworm', root, ...mirror());
  seed(root, folder);
  const archive = path.join(folder, 'root.tar');
  const left = ['dev', 'proc', 'sys'].map((name) => `--exclude=./${name}/*`);
  must('tar', '--sort=name', '--numeric-owner', ...left, '-C', root, '-cf', archive, '.');
  writeLayout(archive, image);
  return { root, image };
}

/** The mirror that this machine's apt uses, where it is not the usual one. */
function mirror(): string[] {
  const found = spawnSync('apt-get', ['indextargets', '--format', '$(SITE)'], { encoding: 'utf8' });
  const site = found.stdout?.split('\n').find((line) => /^https?:/.test(line) && !/security/.test(line));
  return site ? [site] : [];
}

function seed(root: string, folder: string): void {
  const outer = path.join(folder, 'skeleton');
  mkdirSync(outer);
  must('tar', '-C', outer, '-xf', BASES['deb:12']);
  const script =
    'for blob in "$1"/blobs/sha256/*; do tar -C "$2" -xf "$blob" seed 2>/dev/null && exit; done; exit 1';
  must('sh', '-c', script, 'sh', outer, root);
  rmSync(outer, { recursive: true });
  for (const [file, text] of [
    ['etc/hostname', 'debian\n'],
    ['etc/resolv.conf', '# filled in at run time\n'],
    ['etc/hosts', '127.0.0.1\tlocalhost\n'],
  ] as const)
    writeFileSync(path.join(root, file), text);
  rmSync(path.join(root, 'etc/.pwd.lock'), { force: true });
}

/** One layer, as the OCI image layout wants it. */
function writeLayout(archive: string, image: string): void {
  const building = `${image}.part`;
  const blobs = path.join(building, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (value: unknown, mediaType: string) => {
    const text = JSON.stringify(value);
    const hash = createHash('sha256').update(text).digest('hex');
    writeFileSync(path.join(blobs, hash), text);
    return { mediaType, digest: `sha256:${hash}`, size: text.length };
  };
  const layer = digestOf(archive);
  renameSync(archive, path.join(blobs, layer.hash));
  const digest = `sha256:${layer.hash}`;
  const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const config = put(
    {
      architecture: 'amd64',
      os: 'linux',
      config: { Env: [`PATH=${PATH}`] },
      rootfs: { type: 'layers', diff_ids: [digest] },
    },
    'application/vnd.oci.image.config.v1+json',
  );
  const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: layer.size }];
  const manifest = put(
    { schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers },
    'application/vnd.oci.image.manifest.v1+json',
  );
  writeFileSync(path.join(building, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(
    path.join(building, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [manifest] }),
  );
  renameSync(building, image);
}

function digestOf(file: string): { hash: string; size: number } {
  const hash = createHash('sha256');
  const handle = openSync(file, 'r');
  const buffer = Buffer.alloc(1 << 20);
  let size = 0;
  for (let read = 1; read > 0; ) {
    read = readSync(handle, buffer);
    hash.update(buffer.subarray(0, read));
    size += read;
  }
  closeSync(handle);
  return { hash: hash.digest('hex'), size };
}
