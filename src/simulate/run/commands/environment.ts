import { baseName } from '../../../layers/path';
import { type CommandContext, NotSimulated } from '../command';
import { HOST_NAME } from '../host-name';
import { osRelease } from '../modelled/image-facts';
import { complain, fail, failUsage, quote } from './complaints';
import { absolute, printsDoubtful, printText } from './input';
import { notSimulated, parseOptions } from './options';

const ENV_OPTIONS = [
  '-i --ignore-environment',
  '-u --unset=NAME',
  '-C --chdir=DIR',
  '-0 --null',
  '-S --split-string=S',
  '-v --debug',
];

/** GNU coreutils manual, "env invocation". */
export async function env(context: CommandContext): Promise<number> {
  const args = context.args[0] === '-' ? ['-i', ...context.args.slice(1)] : context.args;
  const options = parseOptions({ name: context.name, args }, ENV_OPTIONS, { stopAtOperand: true });
  if (options.has('split-string', 'debug')) throw notSimulated('env', '-S');
  const variables = new Map(options.has('ignore-environment') ? [] : context.env);
  for (const name of options.values('unset')) variables.delete(name);
  const words = [...options.operands];
  while (words[0]?.includes('=')) {
    const word = words.shift()!;
    const equals = word.indexOf('=');
    variables.set(word.slice(0, equals), word.slice(equals + 1));
  }
  if (words.length === 0) {
    orderByChance(context, variables);
    for (const [name, value] of variables)
      printText(context, `${name}=${value}${options.has('null') ? '\0' : '\n'}`);
    return 0;
  }
  const folder = options.value('chdir');
  if (folder !== undefined && context.fileSystem.find(absolute(context, folder)).kind === 'absent') {
    return fail(context, `cannot change directory to ${quote(folder)}: No such file or directory`, 125);
  }
  const cwd = folder === undefined ? {} : { cwd: absolute(context, folder) };
  const { stdin, stdout, stderr } = context;
  const { exitCode } = await context.run(words, { stdin, stdout, stderr, env: variables, ...cwd });
  if (exitCode === 127 && !words[0]!.includes('/'))
    complain(context, `${quote(words[0]!)}: No such file or directory`);
  return exitCode;
}

/** Shells hand variables on in the order of their hash tables. */
function orderByChance(context: CommandContext, variables: ReadonlyMap<string, string>): void {
  if (variables.size > 1 && context.stdout.keepsOrder)
    context.model('the order of environment variables is not known');
}

/** GNU coreutils manual, "printenv invocation". */
export function printenv(context: CommandContext): number {
  const options = parseOptions(context, ['-0 --null'], { stopAtOperand: true });
  const end = options.has('null') ? '\0' : '\n';
  const names = options.operands;
  if (names.length === 0) orderByChance(context, context.env);
  if (names.length === 0)
    for (const [name, value] of context.env) printText(context, `${name}=${value}${end}`);
  for (const name of names) {
    const value = context.env.get(name);
    if (value !== undefined) printText(context, value + end);
  }
  return names.every((name) => context.env.has(name)) ? 0 : 1;
}

/** As `uname -m` spells the architectures of the OCI spec. */
const MACHINES: Record<string, string> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  '386': 'i686',
  arm: 'armv7l',
  ppc64le: 'ppc64le',
  s390x: 's390x',
  riscv64: 'riscv64',
  loong64: 'loongarch64',
};

function machineOf(context: CommandContext): string {
  const machine = MACHINES[context.architecture];
  if (!machine) throw new NotSimulated(`the machine name of ${context.architecture} is not known`);
  return machine;
}

const UNAME_OPTIONS = [
  '-a --all',
  '-s --kernel-name',
  '-n --nodename',
  '-r --kernel-release',
  '-v --kernel-version',
  '-m --machine',
  '-p --processor',
  '-i --hardware-platform',
  '-o --operating-system',
];

/** GNU coreutils manual, "uname invocation". The kernel is the builder's own. */
export async function uname(context: CommandContext): Promise<number> {
  const options = parseOptions(context, UNAME_OPTIONS);
  const all = options.has('all');
  const parts: string[] = [];
  const asks = (...names: string[]) => all || options.has(...names);
  if (asks('kernel-name') || options.list.length === 0) parts.push('Linux');
  if (asks('nodename')) parts.push(HOST_NAME);
  if (asks('kernel-release', 'kernel-version')) {
    printsDoubtful(context, '`uname` gives the kernel of the machine that builds');
    if (asks('kernel-release')) parts.push('6.0.0');
    if (asks('kernel-version')) parts.push('#1 SMP');
  }
  if (asks('machine')) parts.push(machineOf(context));
  const processor =
    all || options.has('processor', 'hardware-platform') ? await processorOf(context) : undefined;
  if (asks('processor') && (!all || processor !== 'unknown')) parts.push(processor ?? 'unknown');
  if (asks('hardware-platform') && (!all || processor !== 'unknown')) parts.push(processor ?? 'unknown');
  if (asks('operating-system')) parts.push(context.flavour === 'busybox' ? 'Linux' : 'GNU/Linux');
  printText(context, `${parts.join(' ')}\n`);
  return 0;
}

/** Distributions whose coreutils have `uname -p` and `-i` tell the machine; upstream, and so Debian, has no word for it. */
const TELL_PROCESSOR = /^(?:ubuntu|rhel|centos|rocky|almalinux|ol|amzn)$/;

async function processorOf(context: CommandContext): Promise<string> {
  if (context.flavour === 'busybox') return 'unknown';
  const id = (await osRelease(context)).get('ID');
  if (id !== undefined && TELL_PROCESSOR.test(id)) return machineOf(context);
  if (id !== 'debian') printsDoubtful(context, 'what `uname -p` says differs between distributions');
  return 'unknown';
}

export function arch(context: CommandContext): number {
  printText(context, `${machineOf(context)}\n`);
  return 0;
}

/** BuildKit names every RUN's host so. */
export function hostname(context: CommandContext): number {
  const options = parseOptions(context, ['-s --short', '-f --fqdn', '-i', '-I', '-d', '-A']);
  if (options.operands.length > 0) return fail(context, 'you must be root to change the host name');
  if (options.has('fqdn', 'i', 'I', 'd', 'A')) throw notSimulated('hostname', '-f, -i, -d or -A');
  printText(context, `${HOST_NAME}\n`);
  return 0;
}

export function nproc(context: CommandContext): number {
  parseOptions(context, ['--all', '--ignore=N']);
  printsDoubtful(context, '`nproc` gives the processors of the machine that builds');
  printText(context, '4\n');
  return 0;
}

/** glibc's getconf(1) for the names that do not depend on the machine. */
export function getconf(context: CommandContext): number {
  const { operands } = parseOptions(context, ['-a'], { stopAtOperand: true });
  const is32 = context.architecture === 'arm' || context.architecture === '386';
  const values: Record<string, string> = {
    LONG_BIT: is32 ? '32' : '64',
    WORD_BIT: '32',
    ARG_MAX: '2097152',
    PATH_MAX: '4096',
    NAME_MAX: '255',
    PATH: '/bin:/usr/bin',
  };
  const name = operands[0] ?? '';
  if (name === '_NPROCESSORS_ONLN' || name === '_NPROCESSORS_CONF') {
    printsDoubtful(context, '`getconf` gives the processors of the machine that builds');
    printText(context, '4\n');
    return 0;
  }
  const value = values[name];
  if (value === undefined) throw notSimulated('getconf', name);
  printText(context, `${value}\n`);
  return 0;
}

/** Nothing to wait for in a simulation, and only in the background does it make a difference. */
export function sleep(context: CommandContext): number {
  if (context.args.length === 0) return failUsage(context, 'missing operand');
  let sum = 0;
  for (const argument of context.args) {
    const seconds = secondsOf(argument);
    sum += seconds ?? 0;
    if (seconds === undefined) {
      if (argument.startsWith('-') || argument === 'infinity') throw notSimulated('sleep', argument);
      return failUsage(context, `invalid time interval ${quote(argument)}`);
    }
  }
  context.sleep(sum);
  return 0;
}

export function doNothing(): number {
  return 0;
}

/** GNU coreutils manual, "nice", "nohup", "timeout", "stdbuf", "setsid", "ionice": all they change is how a program runs. */
export async function runWrapped(context: CommandContext): Promise<number> {
  const declarations: Record<string, readonly string[]> = {
    nice: ['-n --adjustment=N'],
    nohup: [],
    setsid: ['-c --ctty', '-f --fork', '-w --wait'],
    timeout: ['-k --kill-after=D', '-s --signal=S', '--preserve-status', '--foreground', '-v --verbose'],
    stdbuf: ['-i --input=M', '-o --output=M', '-e --error=M'],
    ionice: ['-c --class=N', '-n --classdata=N', '-t --ignore'],
    chrt: ['-i --idle', '-b --batch'],
  };
  const options = parseOptions(context, declarations[context.name] ?? [], { stopAtOperand: true });
  const words = options.operands.slice(context.name === 'timeout' ? 1 : 0);
  if (words.length === 0) throw notSimulated(context.name, 'without a command');
  if (context.name === 'timeout') {
    const time = options.operands[0]!;
    if (context.flavour === 'busybox' && !/^\d+[smhd]?$/.test(time))
      throw notSimulated('timeout', `${time}\` of busybox`);
    const allowed = secondsOf(time);
    if (allowed === undefined) return failUsage(context, `invalid time interval ${quote(time)}`, 125);
    if (allowed > 0 && isTooSlow(allowed, words)) return options.has('preserve-status') ? 143 : 124;
  }
  const { stdin, stdout, stderr } = context;
  const { exitCode } = await context.run(words, { stdin, stdout, stderr });
  if (exitCode === 127 && !words[0]!.includes('/'))
    complain(context, `failed to run command ${quote(words[0]!)}: No such file or directory`);
  return exitCode;
}

/** All that takes time here is `sleep`: whether it takes longer than is allowed, in seconds. */
function isTooSlow(allowed: number, [name, ...args]: readonly string[]): boolean {
  if (baseName(name!) === 'sleep')
    return args.reduce((sum, text) => sum + (secondsOf(text) ?? 0), 0) > allowed;
  if (args.some((arg) => /\bsleep\b/.test(arg)))
    throw notSimulated('timeout', `${name}\` that sleeps is not simulated`);
  return false;
}

/** `1.5m`, as `sleep` and `timeout` take it. */
function secondsOf(text: string): number | undefined {
  const found = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(text);
  const unit = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }[found?.[2] ?? ''];
  return found && unit !== undefined ? Number(found[1]) * unit : undefined;
}
