// What is in the sample's base image `sample-base:1`: a small Debian, then Node.js and nginx on top of it. No
// program is in it: an executable is a bare ELF header, since nothing of an image is ever run here.

/** Layer 1: a Debian skeleton, with merged /usr. */
export function debianLayer() {
  return [
    ...folders(
      'boot',
      'etc',
      'etc/alternatives',
      'etc/apt',
      'etc/apt/sources.list.d',
      'etc/skel',
      'home',
      'media',
    ),
    ...folders(
      'mnt',
      'opt',
      'run',
      'srv',
      'usr',
      'usr/bin',
      'usr/lib',
      'usr/lib/x86_64-linux-gnu',
      'usr/lib64',
    ),
    ...folders('usr/local', 'usr/local/bin', 'usr/local/lib', 'usr/local/sbin', 'usr/sbin', 'usr/share'),
    ...folders(
      'usr/share/doc',
      'usr/share/doc/base-files',
      'var',
      'var/cache',
      'var/cache/apt',
      'var/lib',
      'var/log',
    ),
    ...folders(
      'var/cache/apt/archives',
      'var/lib/apt',
      'var/lib/apt/lists',
      'var/lib/dpkg',
      'dev',
      'proc',
      'sys',
    ),
    { path: 'root', type: 'dir', mode: 0o700 },
    { path: 'tmp', type: 'dir', mode: 0o1777 },
    { path: 'var/tmp', type: 'dir', mode: 0o1777 },
    { path: 'var/mail', type: 'dir', mode: 0o2775, gid: 8 },
    symlink('bin', 'usr/bin'),
    symlink('lib', 'usr/lib'),
    symlink('lib64', 'usr/lib64'),
    symlink('sbin', 'usr/sbin'),
    symlink('var/run', '/run'),
    symlink('usr/bin/sh', 'dash'),
    symlink('usr/bin/awk', '/etc/alternatives/awk'),
    symlink('etc/alternatives/awk', '/usr/bin/mawk'),
    symlink('etc/os-release', '../usr/lib/os-release'),
    ...programs(
      'usr/bin',
      `[ apt-get base64 basename bash cat chgrp chmod chown cp cut date dash dd df dirname dpkg
      du echo env expr false find getent grep gzip head hostname id install ln ls mawk mkdir mktemp mv nproc od
      printf pwd readlink realpath rm rmdir sed seq sha256sum sleep sort stat tail tar tee test touch tr true
      truncate uname uniq wc which xargs yes`,
    ),
    ...programs('usr/sbin', 'addgroup adduser groupadd ldconfig nologin useradd usermod'),
    ...['su', 'passwd'].map((name) => ({ ...program(`usr/bin/${name}`), mode: 0o4755 })),
    file('usr/bin/gunzip', '#!/bin/sh\nexec gzip -d "$@"\n', { mode: 0o755 }),
    { path: 'usr/bin/uncompress', type: 'hardlink', linkname: 'usr/bin/gunzip', mode: 0o755 },
    program('usr/lib/x86_64-linux-gnu/libc.so.6', 1_900_000),
    symlink('usr/lib64/ld-linux-x86-64.so.2', '/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'),
    program('usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', 210_000),
    file('etc/passwd', passwd()),
    file('etc/group', group()),
    file('etc/shadow', 'root:*:20000:0:99999:7:::\nwww-data:*:20000:0:99999:7:::\n', {
      mode: 0o640,
      gid: 42,
    }),
    file('etc/shells', '/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n/usr/bin/dash\n'),
    file('etc/debian_version', '12.12\n'),
    file('etc/motd', 'The programs in this image are placeholders.\n'),
    file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
    file('etc/apt/sources.list.d/debian.sources', 'Types: deb\nSuites: bookworm\nComponents: main\n'),
    file('etc/skel/.bashrc', "alias ll='ls -l'\n"),
    file('root/.bashrc', "PS1='# '\n"),
    file('usr/lib/os-release', osRelease()),
    file('usr/share/doc/base-files/README', 'A skeleton of Debian, made for the sample workspace.\n'),
    file('var/lib/dpkg/status', dpkgStatus()),
    // Left behind by a careless install; the next layer removes it, which hides the bytes and keeps their weight.
    file('var/cache/apt/archives/nginx_1.22.1_amd64.deb', Buffer.alloc(560_000, 'nginx package ')),
  ];
}

/** Layer 2: Node.js, npm, nginx and the user `node`; removes the greeting and the package left behind. */
export function nodeLayer() {
  const npm = 'usr/local/lib/node_modules/npm';
  return [
    ...folders(
      'etc',
      'home',
      'usr',
      'usr/local',
      'usr/local/bin',
      'usr/local/lib',
      'usr/sbin',
      'var',
      'var/cache',
    ),
    ...folders(
      'usr/local/lib/node_modules',
      npm,
      `${npm}/bin`,
      'var/cache/apt',
      'var/cache/apt/archives',
      'var/log',
    ),
    ...folders('etc/nginx', 'etc/nginx/conf.d', 'var/log/nginx', 'var/www', 'var/www/html'),
    program('usr/local/bin/node', 8_400_000),
    symlink('usr/local/bin/nodejs', 'node'),
    symlink('usr/local/bin/npm', '../lib/node_modules/npm/bin/npm-cli.js'),
    symlink('usr/local/bin/npx', '../lib/node_modules/npm/bin/npx-cli.js'),
    file(`${npm}/package.json`, '{ "name": "npm", "version": "10.9.3" }\n'),
    file(`${npm}/bin/npm-cli.js`, "#!/usr/bin/env node\nrequire('../lib/cli.js')(process)\n", {
      mode: 0o755,
    }),
    file(`${npm}/bin/npx-cli.js`, "#!/usr/bin/env node\nrequire('../lib/cli.js')(process)\n", {
      mode: 0o755,
    }),
    program('usr/sbin/nginx', 1_300_000),
    file('etc/nginx/nginx.conf', nginxConfig()),
    file('etc/nginx/mime.types', 'types {\n  text/html html;\n  text/css css;\n  text/javascript js;\n}\n'),
    file(
      'etc/nginx/conf.d/default.conf',
      'server {\n  listen 80 default_server;\n  root /var/www/html;\n}\n',
    ),
    file('var/www/html/index.html', '<!DOCTYPE html>\n<title>Welcome to nginx!</title>\n'),
    { path: 'home/node', type: 'dir', uid: 1000, gid: 1000 },
    file('home/node/.bashrc', "alias ll='ls -l'\n", { uid: 1000, gid: 1000 }),
    file('etc/passwd', `${passwd()}node:x:1000:1000::/home/node:/bin/bash\n`),
    file('etc/group', `${group()}node:x:1000:\n`),
    file('etc/.wh.motd', ''),
    file('var/cache/apt/archives/.wh.nginx_1.22.1_amd64.deb', ''),
  ];
}

/** Configuration and history of the image; the tool that writes the archive adds the layers' digests. */
export function imageConfig() {
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const created = '2026-01-15T00:00:00Z';
  const step = (created_by, rest) => ({ created, created_by, comment: 'buildkit.dockerfile.v0', ...rest });
  return {
    architecture: 'amd64',
    os: 'linux',
    created,
    config: { Env: [path, 'NODE_VERSION=22.21.1'], Cmd: ['node'], WorkingDir: '/' },
    history: [
      { created, created_by: "# debian.sh --arch 'amd64' out/ 'bookworm'" },
      step('ENV NODE_VERSION=22.21.1', { empty_layer: true }),
      step(
        'RUN /bin/sh -c ./install-node-and-nginx.sh && rm /etc/motd /var/cache/apt/archives/*.deb # buildkit',
      ),
      step('CMD ["node"]', { empty_layer: true }),
    ],
  };
}

function folders(...paths) {
  return paths.map((path) => ({ path, type: 'dir' }));
}

function symlink(path, linkname) {
  return { path, type: 'symlink', linkname, mode: 0o777 };
}

function file(path, content, rest) {
  return { path, type: 'file', content: Buffer.from(content), ...rest };
}

function programs(folder, names) {
  return names.split(/\s+/).map((name) => program(`${folder}/${name}`));
}

// A 64-bit ELF header for x86-64; zeros after it, where a real size makes the sample look real.
function program(path, size = 64) {
  const content = Buffer.alloc(size);
  content.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  content.writeUInt16LE(3, 16);
  content.writeUInt16LE(62, 18);
  content.writeUInt32LE(1, 20);
  content.writeUInt16LE(64, 52);
  return { path, type: 'file', mode: 0o755, content };
}

function passwd() {
  return [
    'root:x:0:0:root:/root:/bin/bash',
    'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
    'mail:x:8:8:mail:/var/mail:/usr/sbin/nologin',
    'www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin',
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
    '',
  ].join('\n');
}

function group() {
  return 'root:x:0:\ndaemon:x:1:\nmail:x:8:\nwww-data:x:33:\nshadow:x:42:\nstaff:x:50:\nnogroup:x:65534:\n';
}

function osRelease() {
  return [
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
    'NAME="Debian GNU/Linux"',
    'VERSION_ID="12"',
    'VERSION="12 (bookworm)"',
    'VERSION_CODENAME=bookworm',
    'ID=debian',
    '',
  ].join('\n');
}

function dpkgStatus() {
  const packages = ['base-files 12.4', 'bash 5.2.15-2', 'coreutils 9.1-1', 'dash 0.5.12-2', 'dpkg 1.21.22'];
  return packages
    .map((entry) => entry.split(' '))
    .map(
      ([name, version]) =>
        `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n`,
    )
    .join('\n');
}

function nginxConfig() {
  return [
    'user www-data;',
    'worker_processes auto;',
    'error_log /var/log/nginx/error.log;',
    '',
    'events {',
    '  worker_connections 768;',
    '}',
    '',
    'http {',
    '  include mime.types;',
    '  access_log /var/log/nginx/access.log;',
    '  include conf.d/*.conf;',
    '}',
    '',
  ].join('\n');
}
