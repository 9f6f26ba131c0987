import type { CommandContext } from '../command';
import { BACKUP_OPTIONS, backupsOf } from './backups';
import { Copying, type CopyOptions } from './copying';
import { destinationOf } from './destination';
import { absolute } from './input';
import { folderName, withoutTrailingSlashes } from './names';
import { notSimulated, type ParsedOptions, parseOptions } from './options';

const OPTIONS = [
  ...BACKUP_OPTIONS,
  '-a --archive',
  '--attributes-only',
  '-d',
  '-f --force',
  '-H',
  '-l --link',
  '-L --dereference',
  '-n --no-clobber',
  '-P --no-dereference',
  '-p',
  '--preserve[=LIST]',
  '--no-preserve=LIST',
  '--parents',
  '-R -r --recursive',
  '--reflink[=WHEN]',
  '--remove-destination',
  '--sparse=WHEN',
  '--strip-trailing-slashes',
  '-s --symbolic-link',
  '-t --target-directory=DIR',
  '-T --no-target-directory',
  '-u --update',
  '-v --verbose',
  '-x --one-file-system',
];

/** GNU coreutils manual, "cp invocation". Standard input is no terminal; `-i` is not simulated. */
export function cp(context: CommandContext): number {
  const options = parseOptions(context, OPTIONS);
  const destination = destinationOf(context, options);
  if (typeof destination === 'number') return destination;
  // Whether files can share their blocks is a matter of the builder's disk.
  if (/^(|always)$/.test(options.value('reflink') ?? 'auto')) throw notSimulated('cp', '--reflink=always');
  const copying = new Copying(context, copyOptionsOf(context, options));
  for (const { source: written, target } of destination.pairs) {
    const strips = options.has('strip-trailing-slashes') && destination.folder !== undefined;
    const source = strips ? withoutTrailingSlashes(written) : written;
    if (options.has('parents')) {
      if (destination.folder === undefined) throw notSimulated('cp', '--parents` without a folder');
      copyWithParents(context, copying, source, destination.folder);
    } else {
      copying.copy(source, target);
    }
  }
  return copying.failed ? 1 : 0;
}

function copyOptionsOf(context: CommandContext, options: ParsedOptions): CopyOptions {
  const archive = options.has('archive');
  const recursive = archive || options.has('recursive');
  const make = options.has('link')
    ? 'hard links'
    : options.has('symbolic-link')
      ? 'symbolic links'
      : 'copies';
  const { preserve, plainModes } = preserved(options);
  const dereference = dereferenceOf(options, recursive && make !== 'hard links');
  // Busybox keeps hard links in whatever it copies with its folders.
  const keepsLinks = context.flavour === 'busybox' && recursive && dereference === 'never';
  return {
    recursive,
    dereference,
    preserve: { ...preserve, links: preserve.links || keepsLinks },
    plainModes,
    make,
    existing: options.has('no-clobber') ? 'keep' : options.has('update') ? 'update' : 'replace',
    force: options.has('force'),
    removeDestination: options.has('remove-destination'),
    verbose: options.has('verbose'),
    attributesOnly: options.has('attributes-only'),
    backups: backupsOf(context, options),
  };
}

function dereferenceOf(options: ParsedOptions, physical: boolean): CopyOptions['dereference'] {
  const last = options.last('archive', 'd', 'H', 'dereference', 'no-dereference');
  if (last === 'dereference') return 'always';
  if (last === 'H') return 'operands';
  return last !== undefined || physical ? 'never' : 'always';
}

const ATTRIBUTES = ['mode', 'ownership', 'timestamps', 'links'] as const;

/** `-p`, `-a`, `-d`, `--preserve` and `--no-preserve` change one set, in the order given. */
function preserved(options: ParsedOptions): Pick<CopyOptions, 'preserve' | 'plainModes'> {
  const preserve = { mode: false, ownership: false, timestamps: false, links: false };
  let plainModes = false;
  const set = (list: string, value: boolean) => {
    for (const name of list.split(',')) {
      const named = ATTRIBUTES.filter(
        (attribute) => name === 'all' || (name !== '' && attribute.startsWith(name)),
      );
      if (named.length === 0 && !['context', 'xattr'].includes(name))
        throw notSimulated('cp', `--preserve=${list}`);
      for (const attribute of named) preserve[attribute] = value;
      if (named.includes('mode')) plainModes = !value;
    }
  };
  for (const { name, value } of options.list) {
    if (name === 'archive') set('all', true);
    else if (name === 'd') set('links', true);
    else if (name === 'p' || (name === 'preserve' && value === '')) set('mode,ownership,timestamps', true);
    else if (name === 'preserve') set(value, true);
    else if (name === 'no-preserve') set(value, false);
  }
  return { preserve, plainModes };
}

/** `--parents`: the folders of the source are made below the target, with the mode (and under `-p` the rest) of theirs. */
function copyWithParents(context: CommandContext, copying: Copying, source: string, folder: string): void {
  const { fileSystem } = context;
  const names = folderName(withoutTrailingSlashes(source))
    .split('/')
    .filter((name) => name !== '' && name !== '.');
  let from = source.startsWith('/') ? '' : '.';
  let to = folder;
  for (const name of names) {
    from = `${from}/${name}`;
    to = `${to}/${name}`;
    if (fileSystem.find(absolute(context, to)).kind === 'present') continue;
    const found = fileSystem.find(absolute(context, from));
    if (found.kind === 'absent') break;
    copying.makeParent(to, found.inode.node);
  }
  copying.copy(source, `${folder}/${withoutTrailingSlashes(source).replace(/^\/+/, '')}`);
}
