// What single families of modelled programs write.
import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import { reasonsOf } from '../../../src/layers/certainty';
import { simulate, type TestFile } from './simulated';

const ELF = '\x7fELF\0\0\0';

interface Row {
  readonly name: string;
  readonly script: string;
  readonly level?: 'exact' | 'modelled' | 'unknown';
  readonly reason?: string;
  readonly stdout?: string;
  /** Open folders, all of them. */
  readonly regions?: readonly string[];
  readonly files?: Readonly<Record<string, string | undefined>>;
  readonly exitCode?: number;
}

const UNPACK = 'curl -s https://x.org/a.tgz | tar xz -C /opt';

const INSTALLERS: readonly Row[] = [
  {
    name: 'the installer of the AWS client',
    script: `${UNPACK}; cd /opt; ./aws/install -i /opt/cli -b /opt/bin; cd /; rm -rf /opt`,
    reason: '`aws-cli install` is modelled',
    regions: [],
  },
  {
    name: 'its usual folders',
    script: `${UNPACK}; /opt/aws/install --update; rm -rf /opt`,
    regions: ['/usr/local/aws-cli', '/usr/local/bin/aws', '/usr/local/bin/aws_completer'],
  },
  {
    name: 'its sibling',
    script: `${UNPACK}; /opt/sam-installation/install; rm -rf /opt`,
    regions: ['/usr/local/aws-sam-cli', '/usr/local/bin/sam'],
  },
  {
    name: 'that of Rust, which leaves PATH alone',
    script:
      'curl -so rustup-init https://x.org/r; chmod +x rustup-init; CARGO_HOME=/opt/c RUSTUP_HOME=/opt/r ./rustup-init -y --no-modify-path',
    reason: '`rustup-init` is modelled',
    regions: ['/opt/c', '/opt/r', '/tmp'],
  },
  {
    name: 'that of Rust with PATH',
    script:
      'curl -so rustup-init https://x.org/r; chmod +x rustup-init; ./rustup-init -y; rm -rf /tmp/* ~/.cargo',
    regions: [
      '/root/.bash_profile',
      '/root/.bashrc',
      '/root/.config/fish/conf.d',
      '/root/.profile',
      '/root/.rustup',
      '/root/.zprofile',
      '/root/.zshenv',
      '/root/.zshrc',
      '/tmp',
    ],
  },
  {
    name: 'that of .NET, whose -v is a version',
    script:
      'curl -so dotnet-install.sh https://x.org/d; chmod +x dotnet-install.sh; ./dotnet-install.sh -v 8.0.1 --install-dir /opt/d; rm -rf /tmp/*',
    reason: '`dotnet-install.sh` is modelled',
    regions: ['/opt/d', '/tmp'],
  },
  {
    name: 'a build script of what was cloned',
    script: 'git clone https://x.org/r /opt/r; cd /opt/r; ./bootstrap; cd /; rm -rf /opt/r /tmp/*',
    regions: ['/tmp'],
  },
  {
    name: 'a build script that is at hand runs',
    script: "printf '#!/bin/sh\\necho mine > made\\n' > bootstrap; chmod +x bootstrap; ./bootstrap",
    level: 'exact',
    files: { '/tmp/made': 'mine\n' },
  },
  {
    name: 'a script that calls what it is given',
    script: `${UNPACK}; /opt/apt-dpkg-wrap mkdir /made; rm -rf /opt`,
    reason: '`apt-dpkg-wrap` is modelled',
    regions: [],
  },
  {
    name: 'what is not known by its path',
    script: `${UNPACK}; /opt/tool/setup --all`,
    level: 'unknown',
    reason: '`setup` is not simulated, and may not be in the image',
  },
  { name: 'what is certainly not there', script: './aws/install', level: 'exact', exitCode: 127 },
];

const TEXTS: readonly Row[] = [
  {
    name: 'a text that only reads',
    script: 'v=$(python3 -c "import sys; print(sys.version_info[0])"); echo $v > v',
    reason: 'whether `python3 -c',
    files: { '/tmp/v': 'placeholder' },
    regions: [],
  },
  {
    name: 'a text that may write',
    script: `python3 -c "open('a', 'w')"`,
    reason: 'what a text for `python3` changes is not known',
    regions: ['/'],
  },
  {
    name: 'a text from a here-document',
    script: "python3 - <<'E'\nimport os\nos.remove('a')\nE",
    regions: ['/'],
  },
  { name: 'a text that hides its names', script: `ruby -e 'puts \`rm a\`'`, regions: ['/'] },
  { name: 'a text in strings', script: `ruby -e 'puts "#{Gem.dir}"'`, regions: ['/'] },
  { name: 'what ruby tells', script: `ruby -e 'puts Gem.dir'`, regions: [] },
  {
    name: 'what php tells',
    script: `php -r 'echo PHP_MAJOR_VERSION . "." . PHP_MINOR_VERSION;'`,
    regions: [],
  },
  { name: 'what php removes by a text', script: `php -r 'echo unlink("a");'`, regions: ['/'] },
  { name: 'perl in place', script: "echo a > a; perl -pi -e 's/a/b/' a", regions: ['/tmp/a'] },
  {
    name: 'perl as a filter',
    script: "echo a | perl -pe 's/a/b/' > b",
    regions: [],
    files: { '/tmp/b': 'placeholder' },
  },
  {
    name: 'the steps of Composer',
    script:
      "php -r \"copy('https://getcomposer.org/installer', 'composer-setup.php');\" && php -r \"if (hash_file('sha384', 'composer-setup.php') === 'x') { echo 'ok'; } else { unlink('composer-setup.php'); }\" && php composer-setup.php --install-dir=/opt --filename=composer && php -r \"unlink('composer-setup.php');\"",
    files: { '/opt/composer': 'placeholder', '/tmp/composer-setup.php': undefined },
    regions: ['/root/.cache/composer', '/root/.composer', '/root/.config/composer'],
  },
  {
    name: 'packages of R',
    script: `R -q -e 'install.packages("x")'`,
    reason: '`R` is modelled: what it installs is not known',
  },
  { name: 'what R tells', script: `R -q -e 'sessionInfo()'`, regions: [] },
  {
    name: 'what R writes',
    script: `Rscript -e 'install.packages("x"); writeLines("a", "b")'`,
    regions: ['/'],
  },
  {
    name: 'shared classes of Java',
    script: 'java -Xshareclasses:name=a,cacheDir=/opt/scc,createLayer -Xscmx50M -version',
    regions: ['/opt/scc'],
  },
  { name: 'a program of Java', script: 'java -jar app.jar', level: 'unknown' },
  { name: 'a script of the project', script: 'echo 1 > a.py; python3 a.py', level: 'unknown' },
];

const OTHERS: readonly Row[] = [
  {
    name: 'settings that are looked at',
    script: 'catalina.sh configtest',
    reason: '`catalina.sh` is modelled: its settings are taken to be good',
    regions: ['conf/Catalina', 'logs', 'temp', 'work'].map((name) => `/usr/local/${name}`),
  },
  { name: 'a server that starts', script: 'nginx -g "daemon off;"', level: 'unknown' },
  { name: 'what a version keeps', script: 'terraform --version', regions: ['/root/.terraform.d'] },
  { name: 'permissions', script: 'fix-permissions /opt -P', regions: ['/opt'] },
  { name: 'labels', script: 'restorecon -R /opt', reason: 'without SELinux', regions: [] },
  {
    name: 'versions of Ruby',
    script: 'RBENV_ROOT=/opt/rb rbenv install 3; rm -rf /opt/rb /tmp/*',
    regions: ['/tmp', '/tmp/.ruby-version'],
  },
  { name: 'a second Composer', script: 'composer-2 install', reason: '`composer install`' },
  {
    name: 'a plugin that tells its version',
    script: 'apt-get install -y docker && docker compose version',
    reason: '`docker compose version` is taken to change nothing',
  },
  {
    name: 'a version behind switches',
    script: 'apt-get install -y tool && tool --allow-root --version',
    reason: 'is taken to change nothing',
  },
  {
    name: 'a password in a file',
    script: 'echo p | vncpasswd -f > /opt/p',
    files: { '/opt/p': 'placeholder' },
    regions: [],
  },
];

const NAMES =
  'curl tar git apt-get python3 ruby php perl R Rscript java catalina.sh nginx terraform fix-permissions restorecon rbenv composer-2 vncpasswd';

const files: Record<string, TestFile> = { '/opt': { mode: 0o755 } };
for (const name of NAMES.split(' ')) files[`/usr/local/bin/${name}`] = { mode: 0o755, text: ELF };

for (const [title, rows] of Object.entries({ installers: INSTALLERS, texts: TEXTS, others: OTHERS })) {
  describe(title, () => {
    for (const {
      name,
      script,
      level = 'modelled',
      reason,
      stdout,
      regions,
      files: left = {},
      exitCode = 0,
    } of rows) {
      test(name, async () => {
        const report = await simulate(script, { files });
        const told = JSON.stringify({ certainty: report.certainty, stderr: report.stderr });
        assert.equal(report.exitCode, exitCode, told);
        assert.equal(report.certainty.level, level, told);
        if (stdout !== undefined) assert.equal(report.stdout, stdout);
        const reasons = [report.certainty, ...report.commands.map((one) => one.certainty)].flatMap(reasonsOf);
        if (reason !== undefined)
          assert.ok(
            reasons.some((one) => one.includes(reason)),
            reasons.join('\n'),
          );
        for (const [path, text] of Object.entries(left)) assert.equal(report.text(path), text, path);
        const open = [...new Set(report.openRegions.map(({ path }) => path))].sort();
        if (regions !== undefined) assert.deepEqual(open, [...regions].sort());
      });
    }
  });
}
