import { type FileSystem, FileSystem as Tree } from '../filesystem/tree';
import type { ContentReader } from '../layers/content';

/** A line of /etc/passwd. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** A line of /etc/group. */
export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** Users and groups of an image. `doubt` says why its files may hold others. */
export interface Accounts {
  readonly users: readonly User[];
  readonly groups: readonly Group[];
  readonly doubt: string | undefined;
}

export const NO_ACCOUNTS: Accounts = { users: [], groups: [], doubt: undefined };

export async function readAccounts(fileSystem: FileSystem, reader: ContentReader): Promise<Accounts> {
  if (fileSystem === Tree.empty) return NO_ACCOUNTS;
  const passwd = await readText(fileSystem, '/etc/passwd', reader);
  const group = await readText(fileSystem, '/etc/group', reader);
  return {
    users: parsePasswd(passwd.text),
    groups: parseGroup(group.text),
    doubt: passwd.doubt ?? group.doubt,
  };
}

async function readText(fileSystem: FileSystem, path: string, reader: ContentReader) {
  const found = fileSystem.lookup(path);
  if (found.kind === 'absent') return { text: '', doubt: undefined };
  if (found.kind === 'unknown') return { text: '', doubt: found.doubt.reason };
  const { node } = found.entry;
  if (node.kind !== 'file') return { text: '', doubt: undefined };
  if (node.content.kind === 'placeholder') return { text: '', doubt: node.content.reason };
  return { text: new TextDecoder().decode(await reader.read(node.content)), doubt: found.doubt?.reason };
}

export function parsePasswd(text: string): User[] {
  return lines(text).map(([name = '', , uid, gid, , home = '']) => ({
    name,
    uid: Number(uid),
    gid: Number(gid),
    home,
  }));
}

export function parseGroup(text: string): Group[] {
  return lines(text).map(([name = '', , gid, members = '']) => ({
    name,
    gid: Number(gid),
    members: members.split(',').filter((member) => member !== ''),
  }));
}

function lines(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length > 2);
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The owner that `--chown` means. A number is its own group; a user that the image lacks is 0:0, a group that it
 * lacks the user's own, both without a word, as the builder has it.
 */
export function ownerOf(spec: string, { users, groups }: Accounts): Owner {
  const colon = spec.indexOf(':');
  const userName = colon < 0 ? spec : spec.slice(0, colon);
  const groupName = colon < 0 ? '' : spec.slice(colon + 1);
  const uid = idOf(userName);
  const gid = idOf(groupName);
  let owner: Owner = { uid: 0, gid: 0 };
  if (uid !== undefined) owner = { uid, gid: uid };
  else if (userName !== '') owner = users.find((user) => user.name === userName) ?? owner;
  // `app:` asks for an empty group, which is none of the image's.
  if (colon >= 0 && groupName === '') return { uid: owner.uid, gid: 0 };
  if (gid !== undefined) return { uid: owner.uid, gid };
  const group = groups.find((item) => item.name === groupName);
  return { uid: owner.uid, gid: group?.gid ?? owner.gid };
}

const HIGHEST_ID = 2 ** 31 - 1;

/** What BuildKit takes for a number: one of 32 bits with a sign, and `root`. Anything else is a name. */
function idOf(text: string): number | undefined {
  if (text === 'root') return 0;
  const id = /^[-+]?\d+$/.test(text) ? Number(text) : Number.NaN;
  return id <= HIGHEST_ID && id >= -HIGHEST_ID - 1 ? id >>> 0 : undefined;
}

/**
 * The owner that `--chown` means to the classic builder: a user alone names the group as well, and both have to be
 * there. Gives the error when one is not.
 */
export function strictOwnerOf(spec: string, { users, groups }: Accounts): Owner | string {
  const [userName = '', groupName = userName] = spec.split(':', 2);
  const uid = isNumber(userName) ? Number(userName) : users.find(({ name }) => name === userName)?.uid;
  const gid = isNumber(groupName) ? Number(groupName) : groups.find(({ name }) => name === groupName)?.gid;
  if (uid === undefined) return `can't find uid for user ${userName}: no such user: ${userName}`;
  if (gid === undefined) return `can't find gid for group ${groupName}: no such group: ${groupName}`;
  return { uid, gid };
}

/** Whether the files of the image have a say in the owner. */
export function namesSomebody(spec: string): boolean {
  return spec.split(':').some((part) => part !== '' && idOf(part) === undefined);
}

/** Who a RUN runs as, or the error of a name that is not there. */
export function runUser(
  spec: string,
  { users, groups }: Accounts,
): (Owner & { groups: number[]; home: string }) | string {
  const [name = '', groupName] = spec.split(':', 2);
  const userName = name === '' ? '0' : name;
  const user = users.find((item) =>
    isNumber(userName) ? item.uid === Number(userName) : item.name === userName,
  );
  if (!user && !isNumber(userName)) {
    return `unable to find user ${userName}: no matching entries in passwd file`;
  }
  const uid = user?.uid ?? Number(userName);
  const home = user?.home || '/';
  if (groupName === undefined || groupName === '') {
    const supplementary = user
      ? groups.filter(({ members }) => members.includes(user.name)).map(({ gid }) => gid)
      : [];
    return { uid, gid: user?.gid ?? 0, groups: supplementary, home };
  }
  const group = groups.find(
    (item) => item.name === groupName || (isNumber(groupName) && item.gid === Number(groupName)),
  );
  if (!group && !isNumber(groupName))
    return `unable to find group ${groupName}: no matching entries in group file`;
  return { uid, gid: group?.gid ?? Number(groupName), groups: [], home };
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}
