import { PosixError } from '../../../filesystem/posix';
import { EMPTY_CONTENT } from '../../../layers/content';
import { parentOf } from '../../../layers/path';
import type { Command, CommandContext } from '../command';
import { asksVersion, readArguments } from './arguments';
import { userId } from './image-facts';
import { change, ensureFolder, lookFor, query } from './model';

/** Folders into which packages of a distribution are unpacked, and to which their scripts write. */
export const INSTALLED = '/usr /etc /var /opt /bin /sbin /lib /lib64 /srv /run /boot'.split(' ');

const LISTS = '/var/lib/apt/lists';
const CACHE = '/var/cache/apt';
const VALUES = 'o option c config-file t target-release default-release a host-architecture';

/** `apt-get`, `apt`, `aptitude`. */
export const apt: Command = async (context) => {
  const options = readArguments(context.args, VALUES);
  const [action = ''] = options.operands;
  if (asksVersion(context.args) || /^(?:list|search|policy|check|moo|help|)$/.test(action))
    return query(context);
  if (/^(?:show|changelog|showsrc|depends|rdepends)$/.test(action)) return lookFor(context);
  if (options.has('s', 'simulate', 'just-print', 'dry-run', 'recon', 'no-act', 'print-uris'))
    return query(context);
  const refused = refusedTo(context, action);
  if (refused) return refused;
  const title = `${context.name} ${action}`;
  const owner = await userId(context, '_apt');
  if (action === 'update') return update(context, owner, title);
  if (/^(?:auto|dist-?)?clean$/.test(action)) return clean(context, owner, action);
  if (action === 'download' || action === 'source')
    return change(context, [context.cwd, CACHE], 'what it downloads is not known', { title });
  quietly(context, () => makeArchives(context, owner));
  const acts = /remove|purge/.test(action) ? 'what it removes' : 'what it installs or removes';
  return change(context, INSTALLED, `${acts} is not known`, { title, except: [LISTS] });
};

/** Only root may lock the lists and the database. */
function refusedTo(context: CommandContext, action: string): number | undefined {
  if (context.fileSystem.credentials.uid === 0 || action === 'download' || action === 'source')
    return undefined;
  const lock = action === 'update' ? `${LISTS}/lock` : '/var/lib/dpkg/lock-frontend';
  context.stderr.write(`E: Could not open lock file ${lock} - open (13: Permission denied)\n`);
  return 100;
}

/** What apt makes whenever it opens its lists: empty folders and a lock (apt-pkg/acquire.cc). */
function makeLists(context: CommandContext, owner: number | undefined): void {
  if (!isFolder(context, parentOf(LISTS))) return;
  ensureFolder(context, LISTS, 0o755);
  makeOwn(context, `${LISTS}/auxfiles`, 0o755, owner);
  makeOwn(context, `${LISTS}/partial`, 0o700, owner);
  makeLock(context, `${LISTS}/lock`);
}

function makeArchives(context: CommandContext, owner: number | undefined): void {
  if (!isFolder(context, CACHE)) return;
  ensureFolder(context, `${CACHE}/archives`, 0o755);
  makeOwn(context, `${CACHE}/archives/partial`, 0o700, owner);
  makeLock(context, `${CACHE}/archives/lock`);
}

/** A folder that apt hands to its own user, under which it downloads. */
function makeOwn(context: CommandContext, folder: string, mode: number, owner: number | undefined): void {
  const { fileSystem } = context;
  const isThere = fileSystem.find(folder).kind === 'present';
  if (!isThere) ensureFolder(context, folder, mode);
  if (owner !== undefined) fileSystem.chown(folder, owner, undefined);
  fileSystem.chmod(folder, mode);
}

function makeLock(context: CommandContext, file: string): void {
  const { fileSystem } = context;
  if (fileSystem.find(file).kind === 'absent') fileSystem.write(file, EMPTY_CONTENT, { mode: 0o640 });
}

function isFolder({ fileSystem }: CommandContext, path: string): boolean {
  const found = fileSystem.find(path);
  return found.kind === 'present' && found.inode.node.kind === 'directory';
}

function update(context: CommandContext, owner: number | undefined, title: string): number {
  quietly(context, () => makeLists(context, owner));
  return change(context, [LISTS, CACHE], 'the package lists are not known', {
    title,
    // Packages are downloaded by an installation only.
    except: [`${CACHE}/archives`],
  });
}

/** Takes all away that lies where packages are downloaded to, and the caches of the lists; the lists stay, or are made empty. */
function clean(context: CommandContext, owner: number | undefined, action: string): number {
  const { fileSystem } = context;
  if (action === 'autoclean')
    return change(context, [`${CACHE}/archives`], 'which packages it removes is not known');
  context.model(`\`${context.name} ${action}\` is modelled: what it finds to remove is not known`);
  quietly(context, () => {
    for (const folder of [`${CACHE}/archives`, `${CACHE}/archives/partial`])
      emptyOf(context, folder, /^(?!lock$|partial$|auxfiles$|lost\+found$)/);
    emptyOf(context, CACHE, /^(?:src)?pkgcache\.bin$/);
    fileSystem.clear(`${CACHE}/`);
    if (/^dist/.test(action)) {
      emptyOf(context, LISTS, /^(?!lock$|partial$|auxfiles$)/);
      fileSystem.clear(`${LISTS}/`);
    }
    makeLists(context, owner);
    makeArchives(context, owner);
  });
  return 0;
}

function emptyOf({ fileSystem }: CommandContext, folder: string, pattern: RegExp): void {
  const found = fileSystem.find(folder);
  if (found.kind === 'absent' || found.inode.node.kind !== 'directory') return;
  for (const name of fileSystem.namesIn(found.inode)) {
    // Folders are not what apt looks for.
    const isFolderThere = fileSystem.child(found.inode, name)?.node.kind === 'directory';
    if (pattern.test(name) && !isFolderThere) fileSystem.removeTree(`${found.path}/${name}`);
  }
}

/** The folders are what apt knows of; that there may be more in them is said by the regions. */
function quietly({ fileSystem }: CommandContext, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof PosixError)) throw error;
  } finally {
    fileSystem.takeDoubts();
  }
}

export const aptMark: Command = (context) => {
  const { operands } = readArguments(context.args, VALUES);
  if (/^show/.test(operands[0] ?? '') || asksVersion(context.args)) return query(context);
  return change(
    context,
    ['/var/lib/apt/extended_states', '/var/lib/dpkg'],
    'which packages it marks is not known',
  );
};

/** `apt-cache`, `apt-config`: `policy` and the like never fail, `show` may find nothing. */
export const aptQuery: Command = (context) =>
  /^(?:show|showpkg|showsrc|madison)$/.test(readArguments(context.args, VALUES).operands[0] ?? '')
    ? lookFor(context)
    : query(context);

export const aptSources: Command = (context) => {
  if (asksVersion(context.args) || /^(?:list|finger|export.*)$/.test(context.args[0] ?? ''))
    return query(context);
  const updates = context.name === 'apt-key' ? [] : [LISTS, CACHE];
  return change(
    context,
    ['/etc/apt', '/usr/share/keyrings', '/root/.gnupg', ...updates],
    'which sources or keys it adds is not known',
    { title: context.name },
  );
};
