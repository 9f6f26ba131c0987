// What holds for every package manager, downloader and build tool that is modelled.
import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import { findModelled, modelledNames } from '../../../src/simulate/run/modelled/index';
import { simulate, type TestFile } from './simulated';

const ELF = '\x7fELF\0\0\0';

/** Programs whose name is also that of a simulated one, or that are not simulated but for their version. */
const INTERPRETERS = ['node', 'nodejs', 'php', 'perl', 'ruby', 'java'];

/** What they are asked to do; where nothing stands, `install x` is a call that all of them take. */
const CALLS: Readonly<Record<string, string>> = {
  curl: 'curl -fsSLo /opt/f https://x.org/f',
  wget: 'wget -qO /opt/f https://x.org/f',
  git: 'git clone https://x.org/r.git /opt/r',
  gpg: 'gpg --import key',
  gpg2: 'gpg2 --import key',
  python: 'python -m pip install x',
  python2: 'python2 -m pip install x',
  python3: 'python3 -m pip install x',
  npm: 'npm install x',
  'apt-key': 'apt-key add key',
  'docker-php-source': 'docker-php-source extract',
  openssl: 'openssl req -x509 -newkey rsa:2048 -keyout /etc/k -out /etc/c',
  'ssh-keygen': 'ssh-keygen -t ed25519 -f /etc/k',
  gcc: 'gcc -o /opt/a a.c',
  jq: 'jq . x',
  // Simulated but for such options.
  patch: 'patch --posix -p1',
  dos2unix: 'dos2unix -c mac x',
  nginx: 'nginx -t',
  openresty: 'openresty -t',
  'php-fpm': 'php-fpm --test',
  httpd: 'httpd -t',
  apache2: 'apache2 -t',
  apachectl: 'apachectl configtest',
  apache2ctl: 'apache2ctl configtest',
  'catalina.sh': 'catalina.sh configtest',
  sshd: 'sshd -t',
  haproxy: 'haproxy -c -f /etc/h.cfg',
  visudo: 'visudo -c',
  caddy: 'caddy validate',
  R: `R -q -e 'install.packages("x")'`,
  Rscript: `Rscript -e 'install.packages("x")'`,
  erl: `erl -noshell -eval 'file:write_file("x", "y").'`,
  lua: `lua -e 'os.execute("x")'`,
};

/** Programs that only tell something: they are in no list of what changes. */
const TELLING = new Set(
  'apt-cache apt-config dpkg-query dpkg-architecture debconf-show lsb_release dpkg-buildflags file ldd scanelf readelf nm objdump jq yq pkgconf pkg-config gpgv gpgconf gpg-agent ssh-keyscan xx-info'.split(
    ' ',
  ),
);

/** Programs that keep something of every run, be it for their version only: settings, logs, checks for a newer one. */
const KEEPING = new Set(
  'az gcloud gsutil terraform packer ansible-galaxy firebase flutter dart bazel bazelisk bower rabbitmq-plugins rabbitmqctl'.split(
    ' ',
  ),
);

/** `name` where PATH finds it, which no program of the image shadows. */
function imageWith(name: string): Record<string, TestFile> {
  return {
    [`/usr/local/bin/${name}`]: { mode: 0o755, text: ELF },
    '/opt': { mode: 0o755 },
    '/tmp/package.json': { text: '{}' },
  };
}

function callOf(name: string): string {
  return CALLS[name] ?? `${name} install x`;
}

const CHANGING = modelledNames.filter((name) => !TELLING.has(name) && !INTERPRETERS.includes(name));

describe('every modelled program', () => {
  for (const name of modelledNames.filter((one) => one !== 'nvm')) {
    test(`${name} that is not there ends with 127`, async () => {
      // Some are simulated as well, in other images of these tests.
      const report = await simulate(`PATH=/nowhere; ${callOf(name)}`);
      assert.equal(report.exitCode, 127);
      assert.equal(report.certainty.level, 'exact');
      assert.deepEqual(report.openRegions, []);
    });

    if (KEEPING.has(name)) continue;
    test(`${name} --version for the log changes nothing`, async () => {
      const report = await simulate(`${name} --version && echo end`, { files: imageWith(name) });
      const told = JSON.stringify(report.certainty);
      assert.equal(report.exitCode, 0, told);
      assert.deepEqual(report.openRegions, [], told);
      assert.ok(report.stdout.endsWith('end\n'));
      if (!['gpgv', 'pkgconf', 'pkg-config', 'lsb_release'].includes(name))
        assert.equal(report.certainty.level, 'exact', told);
    });
  }

  // What these make goes to files, and what they say to the log.
  const silent = new Set(['wget', 'openssl', 'gcc', 'g++', 'cc', 'c++', 'clang', 'clang++', 'rustc']);
  for (const name of CHANGING) {
    test(`${name} is modelled, by a reason that names it`, async () => {
      const report = await simulate(`${callOf(name)} && echo on`, { files: imageWith(name) });
      assert.equal(report.certainty.level, 'modelled', JSON.stringify(report.certainty));
      const { reasons } = report.certainty;
      assert.ok(
        reasons.some((reason) => reason.includes(`\`${name}`) || /^`pip/.test(reason)),
        reasons.join(),
      );
      assert.equal(report.exitCode, 0);
      assert.equal(report.stdout, 'on\n');
    });

    if (silent.has(name)) continue;
    test(`${name}: what it prints is not known where it is used`, async () => {
      const report = await simulate(`${callOf(name).replace(/ -q?[fsSL]*[oO] \S+/, '')} > /tmp/said`, {
        files: imageWith(name),
      });
      assert.equal(report.certainty.level, 'modelled');
      assert.equal(report.text('/tmp/said'), 'placeholder');
    });
  }
});

/** A manager, where it keeps what it fetched, and how a Dockerfile takes that away again. */
const CACHES: readonly (readonly [call: string, folder: string, cleanUp: string])[] = [
  ['apt-get update', '/var/lib/apt/lists', 'rm -rf /var/lib/apt/lists/*'],
  ['apt-get update && apt-get install -y x', '/var/lib/apt/lists', 'rm -rf /var/lib/apt/lists/*'],
  ['apt-get update && apt-get install -y x', '/var/cache/apt', 'rm -rf /var/lib/apt/lists /var/cache/apt/*'],
  ['apt-get install -y x', '/var/cache/apt/archives', 'apt-get clean'],
  ['apk update && apk add x', '/var/cache/apk', 'rm -rf /var/cache/apk/*'],
  ['apk add --no-cache x', '/var/cache/apk', 'true'],
  ['yum install -y x', '/var/cache/yum', 'yum clean all && rm -rf /var/cache/yum'],
  ['dnf install -y x', '/var/cache/dnf', 'dnf clean all && rm -rf /var/cache/dnf'],
  ['microdnf install x', '/var/cache/dnf', 'rm -rf /var/cache/*'],
  ['pip install x', '/root/.cache', 'rm -rf ~/.cache'],
  ['pip install --no-cache-dir x', '/root/.cache', 'true'],
  ['npm install x', '/root/.npm/_cacache', 'npm cache clean --force'],
  ['npm install x', '/root/.npm', 'rm -rf /root/.npm'],
  ['yarn install', '/usr/local/share/.cache/yarn', 'yarn cache clean'],
  ['pnpm install', '/root/.local/share/pnpm', 'rm -rf /root/.local/share/pnpm'],
  ['gem install x', '/root/.gem', 'rm -rf ~/.gem'],
  ['bundle install', '/root/.bundle', 'rm -rf ~/.bundle'],
  ['composer install', '/root/.composer', 'rm -rf ~/.composer ~/.cache'],
  ['go install x@latest', '/root/go/pkg/mod', 'go clean -modcache'],
  ['go install x@latest', '/root/.cache', 'rm -rf /root/.cache'],
  ['cargo install x', '/root/.cargo/registry', 'rm -rf ~/.cargo/registry'],
  ['git clone https://x.org/r', '/tmp/r', 'rm -rf r'],
  ['curl -fsSLo a.tgz https://x.org/a && tar xzf a.tgz', '/tmp', 'rm -rf /tmp/*'],
  ['gpg --recv-keys x', '/root/.gnupg', 'rm -rf "$HOME/.gnupg"'],
  ['docker-php-source extract', '/usr/src/php', 'docker-php-source delete'],
];

describe('a cache that is emptied again', () => {
  const names =
    'apt-get apk yum dnf microdnf pip npm yarn pnpm gem bundle composer go cargo git curl gpg docker-php-source';
  const files = Object.assign({}, ...names.split(' ').map(imageWith), {
    '/var/lib/apt': {},
    '/var/cache/apt': {},
    '/var/lib/apt/lists': {},
  });
  for (const [call, folder, cleanUp] of CACHES) {
    test(`${call}; ${cleanUp}`, async () => {
      const report = await simulate(`${call} && ${cleanUp}`, { files });
      assert.equal(report.exitCode, 0, report.stderr);
      report.fileSystem.takeDoubts();
      for (const path of [folder, `${folder}/x`, `${folder}/a/b`].filter((one) => one !== '/tmp')) {
        const found = report.fileSystem.find(path);
        const doubts = [...report.fileSystem.takeDoubts().keys()];
        if (path !== folder) assert.equal(found.kind, 'absent', path);
        // Of the folder itself a manager that is emptied by `folder/*` leaves that it is there.
        if (path !== folder) assert.deepEqual(doubts, [], `${path} is still in doubt`);
      }
    });
  }
});

const ROWS: readonly {
  readonly name: string;
  readonly script: string;
  readonly level?: 'exact' | 'modelled' | 'unknown';
  readonly stdout?: string;
  readonly reason?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly regions?: readonly string[];
  readonly exitCode?: number;
}[] = [
  // What it may have installed
  {
    name: 'a program it may have installed',
    script: 'apt-get install -y foo; foo',
    level: 'unknown',
    reason: '`foo` is not simulated, and may not be in the image: `apt-get install` is modelled',
  },
  {
    name: 'a modelled program it may have installed',
    script: 'apt-get install -y yarn; yarn add x',
    reason: '`yarn` may not be in the image: `apt-get install`',
  },
  {
    name: 'an installed file is copied',
    script: 'apt-get install -y foo; cp /usr/share/foo/conf /opt/conf',
    regions: ['/opt/conf'],
    reason: '`apt-get install` is modelled',
  },
  // Where downloads go
  {
    name: 'curl -O by the name in the URL',
    script: 'curl -sSLO https://x.org/d/b.zip?v=1',
    files: { '/tmp/b.zip': 'placeholder' },
  },
  {
    name: 'curl --output-dir --create-dirs',
    script: 'curl --create-dirs --output-dir /opt/n/m -o f https://x.org/f',
    files: { '/opt/n/m/f': 'placeholder' },
  },
  {
    name: 'curl with a name from the server',
    script: 'curl -OJ https://x.org/latest',
    regions: ['/tmp'],
    files: {},
  },
  {
    name: 'curl of several',
    script: 'curl --remote-name-all https://x.org/{a,b}',
    files: { '/tmp/a': 'placeholder', '/tmp/b': 'placeholder' },
  },
  {
    name: 'curl into a folder that is not there',
    script: 'curl -so /no/f https://x.org/f || echo $?',
    stdout: '23\n',
  },
  {
    name: 'wget -P',
    script: 'wget -qP /opt/d https://x.org/a.tgz',
    files: { '/opt/d/a.tgz': 'placeholder' },
  },
  {
    name: 'wget beside a file of that name',
    script: 'echo a > f; wget -q https://x.org/f',
    files: { '/tmp/f': 'a\n', '/tmp/f.1': 'placeholder' },
  },
  { name: 'wget -O- in a pipe', script: 'wget -qO- https://x.org/a.tgz | tar xz -C /opt', regions: ['/opt'] },
  {
    name: 'gpg --dearmor -o',
    script: 'curl -s https://x.org/k | gpg --dearmor -o /etc/k.gpg',
    files: { '/etc/k.gpg': 'placeholder' },
  },
  { name: 'go build -o', script: 'go build -o /opt/bin/app .', files: { '/opt/bin/app': 'placeholder' } },
  { name: 'cargo install --root', script: 'cargo install --root /opt/c x', regions: ['/opt/c/bin'] },
  { name: 'gem install --install-dir', script: 'gem install --install-dir /opt/g x', regions: ['/opt/g'] },
  {
    name: 'composer --working-dir',
    script: 'mkdir /opt/w; composer install --working-dir=/opt/w',
    regions: ['/opt/w'],
  },
  { name: 'npm --prefix', script: 'npm install --prefix /opt/w x', regions: ['/opt/w/node_modules'] },
  { name: 'pip --target', script: 'pip install --no-cache-dir -t /opt/l x', regions: ['/opt/l'] },
  {
    name: 'docker-php-ext-install',
    script: 'docker-php-ext-install gd',
    files: { '/usr/local/etc/php/conf.d/docker-php-ext-gd.ini': 'placeholder' },
  },
  // What rests on a guess
  {
    name: 'an archive that was downloaded',
    script:
      'curl -so a.tgz https://x.org/a && tar xzf a.tgz -C /opt && mv /opt/a-1 /opt/a && chmod +x /opt/a/bin && rm a.tgz && echo end',
    stdout: 'end\n',
    regions: ['/opt', '/opt/a', '/opt/a/bin'],
    reason: 'what an archive holds is not known (`curl` is modelled',
  },
  {
    name: 'a folder that was cloned is moved with its doubt',
    script: 'git clone https://x.org/r && mv r /opt/q && ls /opt/q/sub',
    regions: ['/opt/q'],
  },
  {
    name: 'a folder that was cloned is copied with its doubt',
    script: 'git clone https://x.org/r && cp -r r /opt/q',
    regions: ['/tmp/r', '/opt/q'],
  },
  {
    name: 'a folder in an archive',
    script: 'curl -s https://x.org/a | tar xz && cd a-1 && make && echo b > built && cd .. && rm -rf a-1',
    regions: ['/tmp'],
  },
  {
    name: 'a downloaded checksum',
    script: 'curl -so f https://x.org/f && curl -s https://x.org/f.sha | sha256sum -c - && echo ok',
    stdout: 'ok\n',
  },
  {
    name: 'a script that was downloaded',
    script: 'curl -so i.sh https://x.org/i && sh i.sh --all',
    regions: ['/'],
    reason: 'what the script i.sh changes is not known (`curl` is modelled',
  },
  { name: 'a script for another interpreter', script: 'curl -s https://x.org/i | python3 -', regions: ['/'] },
  {
    name: 'a program that was downloaded',
    script: 'curl -so p https://x.org/p && chmod +x p && ./p --all',
    level: 'unknown',
    reason: 'is a program that is not simulated (`curl` is modelled',
  },
  {
    name: 'an environment of Python',
    script: 'python3 -m venv /opt/v && . /opt/v/bin/activate && echo $VIRTUAL_ENV && pip install x',
    stdout: '/opt/v\n',
    reason: 'what `. /opt/v/bin/activate` sets is not known',
  },
  {
    name: 'a build with what was installed',
    script: 'npm install && npm run build',
    reason: '`npm run build` rests on a guess: `npm install` is modelled',
  },
  {
    name: 'a package that was downloaded',
    script: 'wget -q https://x.org/a.deb && dpkg -i a.deb',
    reason: '`dpkg` rests on a guess: `wget` is modelled',
  },
  {
    name: 'names that are not known for a modelled program',
    script: 'curl -s https://x.org/l | sort -u | xargs -r pip install --no-cache-dir -t /opt/l',
    regions: ['/opt/l'],
    reason: '`xargs -r pip install',
  },
  {
    name: 'names that are not known for a program that changes them',
    script: 'curl -s https://x.org/l | xargs rm -f',
    regions: ['/'],
  },
  {
    name: 'the version of what was installed',
    script: 'apt-get install -y foo && foo --version && echo on',
    stdout: 'on\n',
    reason:
      '`foo --version` is taken to change nothing: `foo` is not simulated, and may not be in the image: `apt-get install`',
  },
  {
    name: 'packages that are marked again',
    script: 'm="$(apt-mark showmanual)"; [ -z "$m" ] || apt-mark manual $m; apt-get purge -y x',
    reason: 'text that is not known is taken not to be empty (what `apt-mark showmanual` prints',
  },
  // Text that is not known
  {
    name: 'a version that was looked up',
    script:
      'V=$(curl -s https://x.org/v | grep tag | cut -d: -f2) && curl -so /opt/a https://x.org/$V && mkdir /opt/a-$V && echo "$V" > /opt/v && rm -r /opt/a-$V',
    files: { '/opt/a': 'placeholder', '/opt/v': 'placeholder' },
  },
  {
    name: 'a version that decides',
    script: 'V=$(curl -s https://x.org/v); case $V in 1*) mkdir /opt/a;; esac',
    regions: ['/opt/a'],
    reason: 'whether it runs is not known: `curl` is modelled',
  },
  {
    name: 'a length that is not known',
    script: 'V=$(curl -s https://x.org/v); echo ${#V} ${V%.*} > /opt/l',
    files: { '/opt/l': 'placeholder' },
  },
  {
    name: 'a number that is not known',
    script: 'V=$(curl -s https://x.org/v); echo $((V + 1))',
    level: 'unknown',
  },
  {
    name: 'a list that is not known',
    script: 'for f in $(curl -s https://x.org/v); do touch $f; done',
    regions: ['/'],
    reason: 'whether it runs is not known: `curl` is modelled',
  },
  // What is certain
  {
    name: 'the lists that apt makes',
    script: 'apt-get update && cd /var/lib/apt/lists && stat -c "%a %n" *',
    stdout: '755 auxfiles\n640 lock\n700 partial\n',
  },
  {
    name: 'apt cleans after the lists are gone',
    script:
      'apt-get update; rm -rf /var/lib/apt/lists/*; apt-get clean; cd /var/lib/apt/lists; echo *; ls /var/cache/apt/archives',
    stdout: 'auxfiles lock partial\nlock\npartial\n',
  },
  // What is known
  {
    name: 'the architecture of Debian',
    script: 'echo $(dpkg --print-architecture) $(dpkg-architecture -q DEB_HOST_MULTIARCH)',
    level: 'exact',
    stdout: 'amd64 x86_64-linux-gnu\n',
  },
  {
    name: 'the architecture of Alpine',
    script: 'echo $(apk --print-arch)',
    level: 'exact',
    stdout: 'x86_64\n',
  },
  {
    name: 'the order of versions',
    script:
      'dpkg --compare-versions 1.10 gt 1.9 && dpkg --compare-versions 1.0~rc1 lt 1.0 && ! dpkg --compare-versions 1:1 lt 2 && echo y',
    level: 'exact',
    stdout: 'y\n',
  },
  { name: 'npm ci without a lock file fails', script: 'npm ci', level: 'exact', exitCode: 1 },
  {
    name: 'the release of a distribution',
    script: "printf 'ID=debian\\nVERSION_CODENAME=bookworm\\n' > /etc/os-release; echo $(lsb_release -cs)",
    level: 'exact',
    stdout: 'bookworm\n',
  },
  {
    name: 'the processor, which distributions tell otherwise',
    script:
      "for id in debian ubuntu; do printf 'ID=%s\\n' $id > /etc/os-release; echo $(uname -p) $(uname -i); done",
    level: 'exact',
    stdout: 'unknown unknown\nx86_64 x86_64\n',
  },
  {
    name: 'a package that is not installed',
    script: 'mkdir -p /var/lib/dpkg/info; dpkg -L foo || dpkg -s foo || echo none',
    level: 'exact',
    stdout: 'none\n',
  },
  {
    name: 'what a text tells of php',
    script:
      'd=$(php -r \'echo ini_get("extension_dir");\'); [ -z "$(php -r \'exit(0);\')" ]; echo $d > /opt/d',
    files: { '/opt/d': 'placeholder' },
  },
  // What was downloaded and has the name of something else
  {
    name: 'an installer of the name of a program',
    script: 'curl -so /opt/install https://x.org/i; chmod +x /opt/install; cd /opt; ./install --update',
    level: 'unknown',
    reason: '`install` is a program that is not simulated',
  },
  {
    name: 'a program that was unpacked',
    script: 'curl -s https://x.org/a.tgz | tar xz -C /opt; /opt/tool/install',
    level: 'unknown',
    reason: '`install` is not simulated, and may not be in the image',
  },
  {
    name: 'names and values that are downloaded',
    script: 'export $(curl -s https://x.org/v); echo $V > /opt/v',
    files: { '/opt/v': 'placeholder' },
  },
  {
    name: 'files that are found where more may be',
    script: 'git clone https://x.org/r.git /opt/r; find /opt/r -name "*.py" -print0 | xargs -0 -n1 chmod a+r',
    regions: ['/opt/r'],
  },
  {
    name: 'a query that may fail',
    script: 'dpkg -s foo',
    reason: 'whether `dpkg -s foo` succeeds is not known',
  },
  {
    name: 'queries for the log',
    script: 'apt-cache policy x; pip list; go env; git --version; gem list',
    level: 'exact',
  },
  {
    name: 'a query that keeps a log',
    script: 'npm config get registry',
    reason: '`npm config` is modelled: the log of its run is not known',
    regions: ['/root/.npm'],
  },
  {
    name: 'who is not root',
    script: 'su app -c "apt-get update" || echo $?',
    level: 'exact',
    stdout: '100\n',
  },
];

describe('what a modelled program leaves', () => {
  const names =
    'apt-get apt-cache apt-mark apk dpkg dpkg-architecture lsb_release curl wget git gpg go cargo gem composer npm pip python3 php make docker-php-ext-install sha256sum su';
  const files = Object.assign({}, ...names.split(' ').map(imageWith), {
    '/usr/local/etc/php/conf.d': {},
    '/var/lib/apt/lists': {},
    '/var/cache/apt/archives': {},
  });
  for (const {
    name,
    script,
    level = 'modelled',
    stdout,
    reason,
    files: left = {},
    regions = [],
    exitCode = 0,
  } of ROWS) {
    test(name, async () => {
      const report = await simulate(script, { files });
      const { certainty } = report;
      const told = JSON.stringify({ certainty, stderr: report.stderr, commands: report.commands });
      assert.equal(report.exitCode, exitCode, told);
      assert.equal(certainty.level, level, told);
      if (stdout !== undefined) assert.equal(report.stdout, stdout, told);
      const all =
        certainty.level === 'exact'
          ? []
          : [
              ...certainty.reasons,
              ...report.commands.flatMap(({ certainty: one }) => (one.level === 'exact' ? [] : one.reasons)),
            ];
      if (reason !== undefined)
        assert.ok(
          all.some((one) => one.includes(reason)),
          told,
        );
      for (const [path, text] of Object.entries(left)) assert.equal(report.text(path), text, path);
      const open = report.openRegions.map(({ path }) => path);
      for (const region of regions)
        assert.ok(open.includes(region), `${region} is not among ${open.join(' ')}`);
    });
  }
});

test('a name that looks like a property of every object is not modelled', () => {
  for (const name of ['constructor', '__proto__', 'toString']) assert.equal(findModelled(name), undefined);
});
