import { inlineContent } from '../../../layers/content';
import { encodeText } from '../bytes';
import { type CommandContext, NotSimulated } from '../command';
import { decodeArgument } from './bytes';
import { complain } from './complaints';
import { openFile, printText, readText } from './input';
import { notSimulated } from './options';
import { appendFile } from './output';
import { formatTime } from './times';

const ADMINISTRATION = '/var/lib/dpkg/alternatives';
const LINKS = '/etc/alternatives';
const LOG = '/var/log/alternatives.log';

interface Choice {
  readonly path: string;
  readonly priority: number;
  /** What the choice gives for each slave, by the slave's name. */
  readonly slaves: ReadonlyMap<string, string>;
}

/** One file of `/var/lib/dpkg/alternatives`. */
interface Group {
  readonly name: string;
  readonly status: 'auto' | 'manual';
  readonly link: string;
  /** Slave links by name. */
  readonly slaves: ReadonlyMap<string, string>;
  readonly choices: readonly Choice[];
}

/** update-alternatives(1) of dpkg 1.21: --install with --slave, --set, --auto and --remove. */
export async function updateAlternatives(context: CommandContext): Promise<number> {
  const args = context.args.filter((argument) => argument !== '--force' && argument !== '--quiet');
  const isQuiet = context.args.includes('--quiet');
  const [action, ...rest] = args;
  const name = action === '--install' ? rest[1] : rest[0];
  if (
    !/^--(install|set|auto|remove)$/.test(action ?? '') ||
    name === undefined ||
    context.fileSystem.credentials.uid !== 0
  ) {
    throw notSimulated(context.name, action ?? '');
  }
  const work = new Alternatives(context, isQuiet);
  const group = await work.read(name);
  if (action === '--install') return work.install(group, rest);
  if (!group) {
    if (action === '--remove') return 0;
    complain(context, `error: no alternatives for ${name}`);
    return 2;
  }
  await work.logCall();
  if (action === '--auto') return work.choose({ ...group, status: 'auto' }, group, best(group));
  const choice = group.choices.find(({ path }) => path === rest[1]);
  if (action === '--remove') return choice ? work.remove(group, choice) : 0;
  if (choice) return work.choose({ ...group, status: 'manual' }, group, choice);
  complain(context, `error: alternative ${rest[1]} for ${name} not registered; not setting`);
  return 2;
}

/** The highest priority; of equal ones the first by name. */
function best({ choices }: Group): Choice | undefined {
  return choices.reduce<Choice | undefined>(
    (found, choice) => (!found || choice.priority > found.priority ? choice : found),
    undefined,
  );
}

class Alternatives {
  constructor(
    private readonly context: CommandContext,
    private readonly isQuiet: boolean,
  ) {}

  /** What is refused for its arguments is not in the log. */
  logCall(): Promise<void> {
    return this.log(`run with ${this.context.args.join(' ')}`);
  }

  async log(text: string): Promise<void> {
    if (this.context.fileSystem.find('/var/log').kind === 'absent') return;
    const time = formatTime('%Y-%m-%d %H:%M:%S', Math.floor(this.context.fileSystem.now()));
    const line = encodeText(`update-alternatives ${time}: ${text}\n`);
    const varies = `${LOG} has the time of the build in it`;
    await appendFile(this.context, LOG, { kind: 'inline', bytes: line, size: line.length, varies });
  }

  async read(name: string): Promise<Group | undefined> {
    const path = `${ADMINISTRATION}/${name}`;
    if (this.context.fileSystem.find(path).kind === 'absent') return undefined;
    const lines = decodeArgument(await readText(this.context, openFile(this.context, path))).split('\n');
    const [status, link] = [lines.shift(), lines.shift()];
    if ((status !== 'auto' && status !== 'manual') || !link)
      throw new NotSimulated(`${path} is not understood`);
    const slaves = new Map<string, string>();
    for (let slave = lines.shift(); slave; slave = lines.shift()) slaves.set(slave, lines.shift()!);
    const choices: Choice[] = [];
    for (let choice = lines.shift(); choice; choice = lines.shift()) {
      const priority = Number(lines.shift());
      const given = [...slaves.keys()].map((slave) => [slave, lines.shift() ?? ''] as const);
      choices.push({ path: choice, priority, slaves: new Map(given.filter(([, target]) => target !== '')) });
    }
    return { name, status, link, slaves, choices };
  }

  async install(
    group: Group | undefined,
    [link, name, path, priority, ...rest]: readonly string[],
  ): Promise<number> {
    if (!link?.startsWith('/') || !path?.startsWith('/') || !/^-?\d+$/.test(priority ?? ''))
      throw notSimulated(this.context.name, '--install');
    if (group && group.link !== link)
      throw new NotSimulated('`update-alternatives` that renames a link is not simulated');
    if (this.context.fileSystem.find(path).kind === 'absent') {
      complain(this.context, `error: alternative path ${path} doesn't exist`);
      return 2;
    }
    await this.logCall();
    const links = new Map(group?.slaves);
    const targets = new Map<string, string>();
    for (let at = 0; at < rest.length; at += 4) {
      const [word, slaveLink, slave, target] = rest.slice(at, at + 4);
      if (word !== '--slave' || !slaveLink || !slave || !target)
        throw notSimulated(this.context.name, rest.join(' '));
      links.set(slave, slaveLink);
      targets.set(slave, target);
    }
    const choice: Choice = { path, priority: Number(priority), slaves: targets };
    const others = group?.choices.filter((other) => other.path !== path) ?? [];
    const choices = [...others, choice].sort((a, b) => (a.path < b.path ? -1 : 1));
    const next: Group = { name: name!, status: group?.status ?? 'auto', link, slaves: links, choices };
    if (next.status === 'manual') {
      if (this.current(next) === path && targets.size > 0)
        throw new NotSimulated('`update-alternatives` of the manual choice is not simulated');
      this.write(next);
      return 0;
    }
    return this.choose(next, group, best(next));
  }

  async remove(group: Group, choice: Choice): Promise<number> {
    const choices = group.choices.filter((other) => other !== choice);
    if (choices.length === 0)
      throw new NotSimulated('`update-alternatives` that removes the last choice is not simulated');
    const wasCurrent = this.current(group) === choice.path;
    const next: Group = { ...group, choices, status: wasCurrent ? 'auto' : group.status };
    if (wasCurrent && group.status === 'manual')
      throw new NotSimulated('`update-alternatives` that removes the manual choice is not simulated');
    if (next.status === 'auto') return this.choose(next, group, best(next), 'silent');
    this.write(next);
    return 0;
  }

  private current({ name }: Group): string | undefined {
    const found = this.context.fileSystem.find(`${LINKS}/${name}`, { follow: false });
    return found.kind === 'present' && found.inode.node.kind === 'symlink'
      ? found.inode.node.target
      : undefined;
  }

  /** Lets the links lead to a choice and writes the group. */
  async choose(
    next: Group,
    before: Group | undefined,
    choice: Choice | undefined,
    manner: 'told' | 'silent' = 'told',
  ): Promise<number> {
    if (!choice) throw notSimulated(this.context.name, 'without choices');
    const changes = this.current(next) !== choice.path;
    if (before && before.status !== next.status)
      await this.log(`status of link group ${next.link} set to ${next.status}`);
    if (changes && manner === 'told' && !this.isQuiet) {
      printText(
        this.context,
        `update-alternatives: using ${choice.path} to provide ${next.link} (${next.name}) in ${next.status} mode\n`,
      );
    }
    if (changes) await this.log(`link group ${next.name} updated to point to ${choice.path}`);
    this.point(next.link, next.name, choice.path);
    const slaves = new Map([...next.slaves, ...(before?.slaves ?? [])]);
    for (const [slave, link] of slaves) {
      const target = choice.slaves.get(slave);
      if (target !== undefined && this.context.fileSystem.find(target).kind === 'present')
        this.point(link, slave, target);
      else this.drop(link, slave);
    }
    this.write(next);
    return 0;
  }

  private point(link: string, name: string, target: string): void {
    this.setLink(`${LINKS}/${name}`, target);
    this.setLink(link, `${LINKS}/${name}`);
  }

  /** A link that is right already is left alone; what is no link is never replaced. */
  private setLink(path: string, target: string): void {
    const { fileSystem } = this.context;
    const found = fileSystem.find(path, { follow: false });
    if (found.kind === 'present') {
      if (found.inode.node.kind !== 'symlink')
        throw new NotSimulated(`\`update-alternatives\` over the file ${path} is not simulated`);
      if (found.inode.node.target === target) return;
      fileSystem.unlink(path);
    }
    fileSystem.symlink(target, path);
  }

  private drop(link: string, name: string): void {
    const { fileSystem } = this.context;
    for (const path of [link, `${LINKS}/${name}`]) {
      const found = fileSystem.find(path, { follow: false });
      if (found.kind === 'present' && found.inode.node.kind === 'symlink') fileSystem.unlink(path);
    }
  }

  private write({ name, status, link, slaves, choices }: Group): void {
    const used = [...slaves]
      .filter(([slave]) => choices.some((choice) => choice.slaves.has(slave)))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const lines: string[] = [status, link, ...used.flat(), ''];
    for (const choice of choices) {
      lines.push(
        choice.path,
        String(choice.priority),
        ...used.map(([slave]) => choice.slaves.get(slave) ?? ''),
      );
    }
    const { fileSystem } = this.context;
    const path = `${ADMINISTRATION}/${name}`;
    if (fileSystem.find(path).kind === 'present') fileSystem.unlink(path);
    fileSystem.write(path, inlineContent(`${lines.join('\n')}\n\n`));
  }
}
