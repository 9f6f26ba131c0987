import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BASES } from '../golden/case';

const CLI = path.resolve('dist', 'cli.js');

/** The program as a user runs it: the built file, in a folder with the good and the bad. */
describe('the command line', () => {
  let folder = '';

  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'cli-'));
    const put = (name: string, data: string | Buffer) => {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), data);
    };
    put('app/Dockerfile', 'FROM scratch\nCOPY a.txt /x/\nWORKDIR /w\n');
    put('app/a.txt', 'hello\n');
    put('fails/Dockerfile', 'FROM scratch\nCOPY nothing /\n');
    put('fetches/Dockerfile', 'FROM scratch\nADD http://127.0.0.1:1/f /x/\n');
    put('ignores/.dockerignore', '# made\nlogs\n');
    put('ignores/Other', 'FROM scratch\n');
    put('ignores/Other.dockerignore', 'a.txt\n');
    put('ignores/a.txt', '');
    put('ignores/logs/x', '');
    symlinkSync('.', path.join(folder, 'ignores', 'link'));
    put('broken/.dockerignore', '[\n');
    put('broken/x', '');
    put('empty/readme', '');
    put('named/Dockerfile', 'FROM lib\nCOPY --from=lib a.txt /y/\n');
    put('garbage/Dockerfile', 'hello world\n<<EOF\n');
    put('random', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256)));
    put('half.tar', readFileSync(BASES['deb:12']));
    truncateSync(path.join(folder, 'half.tar'), 100_000);
    put('based/Dockerfile', 'FROM base:1\nCOPY a.txt /\n');
    put('based/a.txt', '');
    put('loop/Dockerfile', 'FROM scratch\nCOPY . /all/\n');
    symlinkSync('.', path.join(folder, 'loop', 'self'));
    symlinkSync('b', path.join(folder, 'loop', 'a'));
    symlinkSync('a', path.join(folder, 'loop', 'b'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (...args: string[]) =>
    spawnSync(process.execPath, [CLI, ...args], {
      cwd: folder,
      encoding: 'utf8',
      // Whatever engine and images this machine has.
      env: {
        ...process.env,
        DOCKER_HOST: 'unix:///nowhere',
        CONTAINER_HOST: 'unix:///nowhere',
        XDG_CACHE_HOME: path.join(folder, 'cache'),
      },
    });

  const ROWS: readonly [args: string, status: number, stdout: RegExp, stderr: RegExp][] = [
    ['--help', 0, /^Usage: dockerfile-layers/, /^$/],
    ['--version', 0, /^\d+\.\d+\.\d+\n$/, /^$/],
    ['', 2, /^$/, /^Usage/],
    ['build app', 2, /^$/, /"build" is no command/],
    ['inspect', 2, /^$/, /inspect needs a SOURCE/],
    ['inspect app --nope', 2, /^$/, /--nope/],
    ['inspect app --image x', 2, /^$/, /--image takes REFERENCE=PATH/],
    ['inspect app --build-context x', 2, /^$/, /--build-context takes NAME=PATH, not "x"/],
    ['inspect app --build-context x=', 2, /^$/, /--build-context takes NAME=PATH/],
    [
      'inspect app --build-context X=app',
      2,
      /^$/,
      /invalid context name X: invalid reference format: repository name \(library\/X\) must/,
    ],
    ['inspect app --build-context a::linux/amd64=app', 2, /^$/, /invalid context name a::linux\/amd64/],
    ['inspect named --build-context lib=app', 0, /A \/a\.txt[\s\S]*A \/y\/a\.txt/, /^$/],
    ['inspect named --build-context lib=none', 1, /error: the build context "lib" was not found/, /^$/],
    ['history named --build-context lib=app', 0, /local source for lib/, /^$/],
    ['inspect app --platform a/b/c/d', 2, /^$/, /Cannot read platform "a\/b\/c\/d"/],
    [
      'inspect app --builder podman',
      2,
      /^$/,
      /^dockerfile-layers: --builder: there is no builder "podman": it is one of buildkit, overlay2, classic\n/,
    ],
    [
      'inspect app --builder classic',
      0,
      /^Simulated builder: classic builder\n[\s\S]*#\(nop\) COPY file:… in \/x\/[\s\S]*A \/x\/a\.txt/,
      /^$/,
    ],
    ['inspect nowhere', 2, /^$/, /Cannot read "nowhere": there is no such file or folder/],
    ['inspect empty', 2, /^$/, /Cannot read the Dockerfile "Dockerfile": there is no such file/],
    ['inspect random', 2, /^$/, /neither a Dockerfile nor a readable image archive/],
    [
      'inspect half.tar',
      2,
      /^$/,
      /Cannot read image archive "half.tar": it is truncated: layer sha256:[0-9a-f]+ ends early/,
    ],
    ['inspect app', 0, /COPY a\.txt \/x\/[\s\S]*A \/x\/a\.txt/, /^$/],
    ['inspect app/Dockerfile', 0, /WORKDIR \/w/, /^$/],
    ['inspect fails', 1, /"\/nothing": not found/, /^$/],
    ['inspect garbage', 1, /unknown instruction: hello \(did you mean shell\?\)/, /^$/],
    ['inspect loop', 0, /A \/all\/self -> \./, /^$/],
    ['inspect based', 0, /modelled\n.*what the base image base:1 holds is not known/, /^$/],
    ['inspect based --image base:1=half.tar', 0, /it is truncated/, /^$/],
    ['inspect fetches', 0, /A \/x\/f {2}-rw------- 0:0 {2}size unknown/, /^$/],
    // Port 1 is never asked, so this needs no network.
    ['inspect fetches --network', 0, /its size could not be asked for: the request failed/, /^$/],
    ['explain', 2, /^$/, /explain needs a CONTEXT and a PATH/],
    ['explain app', 2, /^$/, /explain needs a CONTEXT and a PATH/],
    ['explain nowhere x', 2, /^$/, /Cannot read "nowhere"/],
    [
      'explain ignores a.txt',
      0,
      /^a\.txt is in the build context: no pattern of \.dockerignore matches it\.\n$/,
      /^$/,
    ],
    ['explain ignores ignores/a.txt', 0, /^a\.txt is in/, /^$/],
    [
      'explain ignores logs/x a.txt',
      1,
      /^logs\/x is not.*line 2.*through its folder logs\.\na\.txt is in/,
      /^$/,
    ],
    ['explain ignores nope', 1, /there is no such file or folder/, /^$/],
    ['explain ignores ../app/a.txt', 1, /^\.\.\/app\/a\.txt is not.*outside the context folder/, /^$/],
    ['explain ignores /etc/passwd', 1, /^\/etc\/passwd is not.*outside the context folder/, /^$/],
    ['explain ignores link/a.txt', 1, /link is a symbolic link/, /^$/],
    ['explain ignores a.txt -f ignores/Other', 1, /line 1 of Other\.dockerignore leaves it out/, /^$/],
    ['explain ignores/Other a.txt', 1, /line 1 of Other\.dockerignore leaves it out/, /^$/],
    [
      'explain ignores logs/x --format json',
      1,
      /"path": "logs\/x",\s+"verdict": "out",\s+"ignore_file": "\.dockerignore",\s+"pattern": "logs",\s+"line": 2,\s+"through": "logs"/,
      /^$/,
    ],
    ['explain broken x', 0, /^x is in/, /\.dockerignore line 1: syntax error in pattern "\["/],
    ['tree app', 0, /-rw-r--r-- 0:0 +6 \/x\/a\.txt/, /^$/],
    ['tree app --after 2', 0, /^(?!.*\/w\n)[\s\S]*a\.txt/, /^$/],
    ['tree app --after 9', 2, /^$/, /there is no instruction at that line/],
    ['tree app --layer 9', 2, /^$/, /there are only 2 layers/],
    ['inspect docker://', 2, /^$/, /"docker:\/\/": .* docker:\/\/REFERENCE, podman:/],
    ['inspect oci://x', 2, /^$/, /"oci:\/\/x": .* docker:\/\/REFERENCE, podman:/],
    ['inspect app --image a=docker://b', 2, /^$/, /--image takes REFERENCE=PATH of an archive or a layout/],
    ['cat app /x/a.txt', 0, /^hello\n$/, /^$/],
    ['cat app /x', 2, /^$/, /it is a directory/],
    ['cat app /nope', 2, /^$/, /there is no such file/],
    ['cat based /etc/passwd', 2, /^$/, /it is not known whether it is there/],
    ['history app', 0, /SIZE {2}CREATED BY\n +0 B {2}WORKDIR \/w\n +6 B {2}COPY/, /^$/],
  ];
  for (const [args, status, stdout, stderr] of ROWS) {
    test(`dockerfile-layers ${args}`, () => {
      const done = run(...args.split(' ').filter((word) => word !== ''));
      assert.match(done.stderr, stderr);
      assert.match(done.stdout, stdout);
      assert.equal(done.status, status);
    });
  }

  test('an image gives its layers without "base"', () => {
    const done = run('inspect', BASES['bb:1'], '--format', 'json');
    const { layers, problems } = JSON.parse(done.stdout);
    assert.deepEqual(
      [layers.length, layers[0].base, layers[0].certainty, problems.length],
      [1, undefined, 'exact', 0],
    );
    const passwd = layers[0].entries.find((entry: { path: string }) => entry.path === '/etc/passwd');
    assert.match(passwd.sha256, /^[0-9a-f]{64}$/);
  });

  test('no colour where there is no terminal', () => {
    assert.doesNotMatch(run('inspect', 'app').stdout, new RegExp(String.fromCharCode(27)));
  });
});
