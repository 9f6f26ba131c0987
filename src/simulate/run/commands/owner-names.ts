import type { CommandContext } from '../command';
import { byteStringOf, decodeArgument } from './bytes';
import { readBytes } from './input';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly gecos: string;
  readonly home: string;
  readonly shell: string;
}

export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** Users and groups as the image's `/etc/passwd` and `/etc/group` have them: passwd(5), group(5). */
export interface OwnerNames {
  readonly users: readonly User[];
  readonly groups: readonly Group[];
  user(nameOrId: string | number): User | undefined;
  group(nameOrId: string | number): Group | undefined;
}

export async function readOwnerNames(context: CommandContext): Promise<OwnerNames> {
  const users = (await rows(context, '/etc/passwd')).map(userOf).filter((user) => user !== undefined);
  const groups = (await rows(context, '/etc/group')).map(groupOf).filter((group) => group !== undefined);
  return {
    users,
    groups,
    user: (key) => users.find((user) => (typeof key === 'number' ? user.uid === key : user.name === key)),
    group: (key) =>
      groups.find((group) => (typeof key === 'number' ? group.gid === key : group.name === key)),
  };
}

async function rows(context: CommandContext, path: string): Promise<string[][]> {
  const found = context.fileSystem.find(path);
  if (found.kind !== 'present' || found.inode.node.kind !== 'file') return [];
  const text = decodeArgument(byteStringOf(await readBytes(context, found.inode.node.content)));
  return text.split('\n').map((line) => line.split(':'));
}

function userOf([name, , uid, gid, gecos = '', home = '', shell = '']: string[]): User | undefined {
  if (!name || !isId(uid) || !isId(gid)) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), gecos, home, shell };
}

function groupOf([name, , gid, members = '']: string[]): Group | undefined {
  if (!name || !isId(gid)) return undefined;
  return { name, gid: Number(gid), members: members.split(',').filter((member) => member !== '') };
}

function isId(text: string | undefined): text is string {
  return text !== undefined && /^\d+$/.test(text) && Number(text) < 4294967295;
}

/** What `chown` takes: `user`, `user:group`, `user:` (the user's login group), `:group`, ids with or without `+`. */
export type OwnerSpec = { readonly uid?: number; readonly gid?: number } | { readonly error: string };

/** Follows gnulib's userspec.c, also in that `user.group` is taken when no user has that name. */
export function parseOwner(names: OwnerNames, spec: string): OwnerSpec {
  const first = parseParts(names, spec, spec.indexOf(':'));
  if (!('error' in first) || spec.includes(':') || !spec.includes('.')) return first;
  const second = parseParts(names, spec, spec.indexOf('.'));
  return 'error' in second ? first : second;
}

function parseParts(names: OwnerNames, spec: string, separator: number): OwnerSpec {
  const owner = separator < 0 ? spec : spec.slice(0, separator);
  const group = separator < 0 ? undefined : spec.slice(separator + 1);
  const result: { uid?: number; gid?: number } = {};
  if (owner !== '') {
    const user = owner.startsWith('+') ? undefined : names.user(owner);
    const uid = user?.uid ?? numericId(owner);
    if (uid === undefined) return { error: 'invalid user' };
    result.uid = uid;
    if (group === '') {
      if (!user) return { error: 'invalid spec' };
      result.gid = user.gid;
    }
  }
  if (group) {
    const gid = parseGroup(names, group);
    if (gid === undefined) return { error: 'invalid group' };
    result.gid = gid;
  }
  return result;
}

export function parseGroup(names: OwnerNames, group: string): number | undefined {
  return (group.startsWith('+') ? undefined : names.group(group)?.gid) ?? numericId(group);
}

function numericId(text: string): number | undefined {
  return /^\+?\d+$/.test(text) && Number(text) < 4294967295 ? Number(text) : undefined;
}
