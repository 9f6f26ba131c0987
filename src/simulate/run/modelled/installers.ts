import { baseName, containerPath, parentOf } from '../../../layers/path';
import type { Command, CommandContext } from '../command';
import { INSTALLED } from './apt';
import { readArguments } from './arguments';
import { make } from './builds';
import { change, ensureFolder, modelledReason, query } from './model';
import { placesOf } from './tool';
import { PROFILES } from './version-managers';

type Installer = (context: CommandContext, folder: string) => number | Promise<number>;

const INSTALLS = 'what it installs is not known';

const asksHelp = (args: readonly string[]) => args.includes('--help') || args[0] === '-h';

/** The AWS clients: a folder for the program, and links to it. */
const amazon =
  (folder: string, programs: readonly string[]): Installer =>
  (context) => {
    if (asksHelp(context.args)) return query(context);
    const options = readArguments(context.args, 'i install-dir b bin-dir');
    const installed = options.value('i', 'install-dir') ?? folder;
    const links = options.value('b', 'bin-dir') ?? '/usr/local/bin';
    for (const one of [installed, links]) ensureFolder(context, one);
    return change(context, [installed, ...programs.map((name) => `${links}/${name}`)], INSTALLS, {
      title: `${baseName(folder)} install`,
    });
  };

/** `google-cloud-sdk/install.sh`: compiles and adds components in its own folder, and itself to PATH. */
const googleCloud: Installer = (context, folder) => {
  const file = readArguments(context.args, 'rc-path path-update command-completion usage-reporting').value(
    'rc-path',
  );
  const profiles = file === undefined ? PROFILES : [file];
  return change(
    context,
    [folder, ...placesOf(context, ['~/.config/gcloud', ...profiles]), '/tmp'],
    INSTALLS,
    {
      title: 'google-cloud-sdk/install.sh',
    },
  );
};

const dotnet: Installer = (context) => {
  if (asksHelp(context.args) || context.args.includes('--dry-run')) return query(context);
  const args = context.args.map((arg) => arg.replace(/^-(?=\w{2})/, '--'));
  const options = readArguments(
    args,
    'i install-dir v version c channel a architecture q quality runtime jsonfile',
  );
  const folder =
    options.value('i', 'install-dir') ??
    context.env.get('DOTNET_INSTALL_DIR') ??
    placesOf(context, ['~/.dotnet'])[0]!;
  ensureFolder(context, folder);
  return change(context, [folder, '/tmp'], INSTALLS, { title: 'dotnet-install.sh' });
};

/** `Miniconda3-latest-Linux-x86_64.sh -b -p DIR` */
const conda: Installer = (context) => {
  const folder = readArguments(context.args, 'p').value('p') ?? placesOf(context, ['~'])[0]!;
  ensureFolder(context, folder);
  return change(
    context,
    [folder, ...placesOf(context, ['~/.conda', '~/.condarc', '~/.bashrc', '~/.cache'])],
    INSTALLS,
    {
      title: context.name,
    },
  );
};

/** Archives that unpack themselves: `bazel-6-installer-linux-x86_64.sh`, `cmake-3-linux-x86_64.sh`. */
const selfUnpacking: Installer = (context) => {
  const prefix = readArguments(context.args, 'prefix').value('prefix') ?? '/usr/local';
  const own = context.args.includes('--user') ? placesOf(context, ['~/bin', '~/.bazel']) : [];
  return change(context, [prefix, context.cwd, ...own], INSTALLS, { title: context.name });
};

/** Drivers and toolkits in one file. */
const runFile: Installer = (context) =>
  change(context, [...INSTALLED, '/tmp', context.cwd], INSTALLS, { title: context.name });

/** Scripts that prepare or build a project, wherever they are called from. */
const buildScript: Installer = (context, folder) => {
  const status = make(context);
  if (folder !== context.cwd && typeof status === 'number' && !asksHelp(context.args))
    context.openRegion(folder, modelledReason(context, 'what it makes is not known', context.name));
  return status;
};

/** A script that only calls the program it is given: `apt-dpkg-wrap apt-get update`. */
const runsGiven: Installer = async (context) => {
  context.model(
    modelledReason(context, 'with which settings it calls its program is not known', context.name),
  );
  return (await context.run(context.args)).exitCode;
};

/** What a program is by its path: names that say nothing in other folders. */
const BY_PATH: readonly (readonly [RegExp, Installer])[] = [
  [/(?:^|\/)aws\/install$/, amazon('/usr/local/aws-cli', ['aws', 'aws_completer'])],
  [/(?:^|\/)(?:aws-)?sam-(?:cli-)?installation\/install$/, amazon('/usr/local/aws-sam-cli', ['sam'])],
  [/\/google-cloud-sdk\/install\.sh$/, googleCloud],
  [/(?:^|\/)dotnet-install(?:\.sh)?$/, dotnet],
  [/\/(?:Mini(?:conda|forge|mamba)|Mambaforge|Anaconda)[\w.-]*\.sh$/i, conda],
  [/\/(?:bazel|cmake)-?[\w.-]*(?:installer|linux)[\w.-]*\.sh$/i, selfUnpacking],
  [/\/(?:cuda|NVIDIA|cudnn|vulkan)[\w.-]*\.run$/i, runFile],
  [
    /\/(?:bootstrap|bootstrap\.sh|config|otp_build|buildconf|buildconf\.sh|autogen\.sh|autogen|configure\.py|b2|bjam|waf|make\.bash|all\.bash)$/,
    buildScript,
  ],
  [/\/(?:Configure|configure)$/, buildScript],
  [/(?:^|\/)apt-dpkg-wrap$/, runsGiven],
];

/** The model of an installer or a build script that is called by its path. */
export function findInstaller(name: string, cwd: string): Command | undefined {
  const path = name.includes('/') ? containerPath(name, cwd) : name;
  const [, install] = BY_PATH.find(([pattern]) => pattern.test(path)) ?? [];
  return install && ((context) => install(context, parentOf(path)));
}
