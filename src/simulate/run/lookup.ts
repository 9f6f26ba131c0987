import { PosixError } from '../../filesystem/posix';
import type { Doubt } from '../../filesystem/tree';
import type { Found, Inode, WritableLayer } from '../../filesystem/writable';
import { baseName, childPath } from '../../layers/path';
import type { Flavour } from './command';
import { holdsUnknown, reasonOfUnknown } from './unknown-text';

/** What `execvp` finds for a name. */
export type ProgramFound =
  | {
      readonly kind: 'present';
      /** As PATH spells it. */
      readonly path: string;
      /** What the kernel is told, which for a script becomes `$0`: relative if the name or the folder of PATH is. */
      readonly spelled: string;
      /** Through all links. */
      readonly real: string;
      readonly inode: Inode;
      readonly flavour: Flavour;
    }
  | { readonly kind: 'absent' }
  /** It may or may not be there. */
  | {
      readonly kind: 'unknown';
      readonly reason: string;
      /** A command of the build may have put it there, while the base is known to lack it. */
      readonly isMade: boolean;
    }
  | { readonly kind: 'denied'; readonly path: string }
  | { readonly kind: 'directory'; readonly path: string };

const EXECUTE = 1;

/** The PATH that `execvp` and shells use when the environment has none. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Looks a program up as the shell does (POSIX XCU 2.9.1.4): a name with a slash is a path, others are sought in the
 * folders of PATH. A folder that may hold more than is known makes absence `unknown`.
 */
export function findProgram(
  fileSystem: WritableLayer,
  name: string,
  where: { readonly path: string | undefined; readonly cwd: string },
): ProgramFound {
  const spellings = name.includes('/') ? [name] : candidates(name, where);
  let refused: ProgramFound | undefined;
  let doubt: { readonly reason: string; readonly isMade: boolean } | undefined;
  for (const spelled of spellings) {
    const place = absolute(spelled, where.cwd);
    if (holdsUnknown(place)) doubt ??= { reason: reasonOfUnknown(place), isMade: true };
    const found = look(fileSystem, place);
    const [met] = fileSystem.takeDoubts().values();
    if (found?.kind !== 'present') {
      if (found && met) doubt ??= { reason: met.reason, isMade: isMade(fileSystem, met) };
      continue;
    }
    const { inode, path: real } = found;
    if (inode.node.kind === 'directory') {
      refused ??= name.includes('/') ? { kind: 'directory', path: place } : undefined;
    } else if (!fileSystem.allows(inode, EXECUTE)) refused ??= { kind: 'denied', path: place };
    else {
      const flavour = flavourOf(fileSystem, real, inode);
      return { kind: 'present', path: place, spelled, real, inode, flavour };
    }
  }
  if (doubt !== undefined) return { kind: 'unknown', ...doubt };
  return refused ?? { kind: 'absent' };
}

/** The doubt began in this RUN, or with one before it. */
function isMade({ lower }: WritableLayer, { layer }: Doubt): boolean {
  const origin = lower.layers[layer];
  return !origin || origin.createdBy.startsWith('RUN');
}

function candidates(name: string, where: { path: string | undefined }): string[] {
  if (name === '') return [];
  return (where.path ?? DEFAULT_PATH)
    .split(':')
    .map((folder) => (folder === '' ? name : childPath(folder, name)));
}

/** The path from `cwd`, with `..` left for the walk, which goes through links first. */
export function absolute(path: string, cwd: string): string {
  return path.startsWith('/') ? path : childPath(cwd, path);
}

function look(fileSystem: WritableLayer, path: string): Found | undefined {
  try {
    return fileSystem.find(path);
  } catch (error) {
    if (error instanceof PosixError) return undefined;
    throw error;
  }
}

/** Busybox is one program under many names: symbolic links, or hard links of `/bin/busybox`. */
function flavourOf(fileSystem: WritableLayer, real: string, inode: Inode): Flavour {
  if (baseName(real) === 'busybox') return 'busybox';
  const busybox = look(fileSystem, '/bin/busybox');
  fileSystem.takeDoubts();
  return busybox?.kind === 'present' && busybox.inode.node === inode.node ? 'busybox' : 'gnu';
}
