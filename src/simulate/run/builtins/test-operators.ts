import { PosixError } from '../../../filesystem/posix';
import type { Inode, WritableLayer } from '../../../filesystem/writable';
import { nodeSize } from '../../../layers/change';
import { compareNames } from '../../../layers/path';
import { absolute } from '../lookup';

/** `-n` and `-z`; undefined for other operators. */
export function textTest(operator: string, operand: string): boolean | undefined {
  if (operator === '-n') return operand !== '';
  return operator === '-z' ? operand === '' : undefined;
}

/** The tests of a file (POSIX XCU test); undefined for an operator that is none. */
export function fileTest(
  fileSystem: WritableLayer,
  cwd: string,
  operator: string,
  operand: string,
): boolean | undefined {
  if (!/^-[bcdefghkprstuwxGLNOS]$/.test(operator)) return undefined;
  if (operator === '-t') return false;
  const follow = operator !== '-h' && operator !== '-L';
  const inode = operand === '' ? undefined : inodeAt(fileSystem, absolute(operand, cwd), follow);
  return inode ? checkInode(fileSystem, operator, inode) : false;
}

function inodeAt(fileSystem: WritableLayer, path: string, follow = true): Inode | undefined {
  try {
    const found = fileSystem.find(path, { follow });
    if (found.kind !== 'present') return undefined;
    return path.endsWith('/') && found.inode.node.kind !== 'directory' ? undefined : found.inode;
  } catch (error) {
    if (error instanceof PosixError) return undefined;
    throw error;
  }
}

function checkInode(fileSystem: WritableLayer, operator: string, inode: Inode): boolean {
  const { node } = inode;
  switch (operator) {
    case '-b':
      return node.kind === 'block';
    case '-c':
      return node.kind === 'character';
    case '-d':
      return node.kind === 'directory';
    case '-f':
      return node.kind === 'file';
    case '-h':
    case '-L':
      return node.kind === 'symlink';
    case '-p':
      return node.kind === 'fifo';
    case '-s':
      // A file of unknown contents is taken to have some.
      return (
        node.kind === 'directory' ||
        nodeSize(node) > 0 ||
        (node.kind === 'file' && node.content.kind === 'placeholder')
      );
    case '-g':
      return (node.mode & 0o2000) !== 0;
    case '-k':
      return (node.mode & 0o1000) !== 0;
    case '-u':
      return (node.mode & 0o4000) !== 0;
    case '-r':
      return fileSystem.allows(inode, 4);
    case '-w':
      return fileSystem.allows(inode, 2);
    case '-x':
      return fileSystem.allows(inode, 1);
    case '-O':
      return node.uid === fileSystem.credentials.uid;
    case '-G':
      return node.gid === fileSystem.credentials.gid;
    case '-S':
    case '-N':
      return false;
    default:
      return true;
  }
}

/**
 * Comparisons of two texts or of two files: `<`, `>`, `-nt`, `-ot`, `-ef`. For bash and GNU any file is newer than one
 * that is not there; dash and busybox need both.
 */
export function compareTexts(
  fileSystem: WritableLayer,
  cwd: string,
  left: string,
  operator: string,
  right: string,
  needsBoth = false,
): boolean {
  if (operator === '<') return compareNames(left, right) < 0;
  if (operator === '>') return compareNames(left, right) > 0;
  const first = inodeAt(fileSystem, absolute(left, cwd));
  const second = inodeAt(fileSystem, absolute(right, cwd));
  if (operator === '-ef')
    return first !== undefined && second !== undefined && (first === second || first.node === second.node);
  const [newer, older] = operator === '-nt' ? [first, second] : [second, first];
  if (newer === undefined || older === undefined) return newer !== undefined && !needsBoth;
  return newer.node.mtime > older.node.mtime;
}
