import { inlineContent } from '../../../layers/content';
import { encodeText } from '../bytes';
import type { CommandContext } from '../command';
import { decodeArgument } from './bytes';
import { openFile, readText } from './input';

/** The account databases, by the number of fields of a line. */
export type Database = 'passwd' | 'group' | 'shadow' | 'gshadow' | 'subuid' | 'subgid';

/**
 * The account files of an image, changed as shadow-utils 4.13 (lib/commonio.c) changes them: each file that changed
 * is written anew, its old state goes to the name with a `-`, and `/etc/.pwd.lock` stays behind.
 */
export class AccountFiles {
  private readonly lines = new Map<Database, string[]>();
  private readonly changed = new Set<Database>();
  private readonly missing = new Set<Database>();

  private constructor(private readonly context: CommandContext) {}

  static async read(context: CommandContext): Promise<AccountFiles> {
    const files = new AccountFiles(context);
    for (const name of ['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid'] as const) {
      const found = context.fileSystem.find(`/etc/${name}`);
      if (found.kind === 'absent') {
        files.missing.add(name);
        files.lines.set(name, []);
        continue;
      }
      const text = decodeArgument(await readText(context, openFile(context, `/etc/${name}`)));
      files.lines.set(
        name,
        text
          .replace(/\n$/, '')
          .split('\n')
          .filter((line, _, all) => all.length > 1 || line !== ''),
      );
    }
    return files;
  }

  has(name: Database): boolean {
    return !this.missing.has(name);
  }

  /** Lines split into their fields. */
  rows(name: Database): string[][] {
    return this.lines.get(name)!.map((line) => line.split(':'));
  }

  row(name: Database, key: string): string[] | undefined {
    return this.rows(name).find(([first]) => first === key);
  }

  append(name: Database, fields: readonly (string | number)[]): void {
    if (!this.has(name)) return;
    this.lines.get(name)!.push(fields.join(':'));
    this.changed.add(name);
  }

  /** Replaces the line of `key`; without fields it goes. */
  replace(name: Database, key: string, fields: readonly (string | number)[] | undefined): void {
    const lines = this.lines.get(name)!;
    const index = lines.findIndex((line) => line.split(':')[0] === key);
    if (index < 0) return;
    if (fields) lines[index] = fields.join(':');
    else lines.splice(index, 1);
    this.changed.add(name);
  }

  /** Puts the lines into another order, which alone is no change to write. */
  sort(name: Database, compare: (a: readonly string[], b: readonly string[]) => number): void {
    this.lines.get(name)!.sort((a, b) => compare(a.split(':'), b.split(':')));
  }

  /** Another name is another entry to commonio.c: it goes to the end. */
  rename(name: Database, key: string, fields: readonly (string | number)[]): void {
    const stays = fields[0] === key;
    this.replace(name, key, stays ? fields : undefined);
    if (!stays) this.append(name, fields);
  }

  /** Adds a user to a group or takes him out, in group and gshadow. */
  setMember(group: string, user: string, isMember: boolean): void {
    for (const name of ['group', 'gshadow'] as const) {
      const row = this.row(name, group);
      if (!row) continue;
      const members = (row[3] ?? '').split(',').filter((member) => member !== '');
      if (members.includes(user) === isMember) continue;
      const next = isMember ? [...members, user] : members.filter((member) => member !== user);
      this.replace(name, group, [...row.slice(0, 3), next.join(',')]);
    }
  }

  markChanged(name: Database): void {
    if (this.has(name)) this.changed.add(name);
  }

  /** Writes what changed. */
  write(): void {
    const { fileSystem } = this.context;
    this.lock();
    for (const name of this.changed) {
      const path = `/etc/${name}`;
      const { node } = fileSystem.stat(path);
      if (node.kind !== 'file') continue;
      const { mode, uid, gid, mtime } = node;
      this.put(`${path}-`, { mode, uid, gid, mtime }, node.content);
      const text = this.lines
        .get(name)!
        .map((line) => `${line}\n`)
        .join('');
      this.put(path, { mode, uid, gid, mtime: fileSystem.now() }, inlineContent(encodeText(text)));
    }
  }

  lock(group?: number): void {
    const { fileSystem } = this.context;
    if (fileSystem.find('/etc/.pwd.lock').kind === 'present') return;
    fileSystem.write('/etc/.pwd.lock', inlineContent(''), { mode: 0o600 });
    if (group !== undefined) fileSystem.chown('/etc/.pwd.lock', undefined, group);
  }

  private put(
    path: string,
    metadata: { mode: number; uid: number; gid: number; mtime: number },
    content: ReturnType<typeof inlineContent> | Parameters<CommandContext['fileSystem']['write']>[1],
  ): void {
    this.context.fileSystem.place(path, { kind: 'file', content, ...metadata });
  }
}

/** `NAME VALUE` lines of `/etc/login.defs`, or `NAME=VALUE` lines of a file such as `/etc/default/useradd`. */
export async function readSettings(
  context: CommandContext,
  path: string,
): Promise<ReadonlyMap<string, string>> {
  const settings = new Map<string, string>();
  if (context.fileSystem.find(path).kind === 'absent') return settings;
  const text = decodeArgument(await readText(context, openFile(context, path)));
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Z][A-Z0-9_]*)[\s=]+"?([^"]*?)"?\s*$/.exec(line);
    if (match) settings.set(match[1]!, match[2]!);
  }
  return settings;
}

/** Days since 1970, as `/etc/shadow` counts. */
export function today(context: CommandContext): number {
  return Math.floor(context.fileSystem.now() / 86_400);
}
