import { type CommandContext, NotSimulated } from '../command';
import { decodeArgument } from './bytes';
import { absolute, openFile, printText, readText } from './input';
import { folderName, lastName, patternToRegExp } from './names';
import { notSimulated, parseOptions } from './options';
import { relativePath } from './real-paths';

/** Modules that only `-f` disables without a question. */
const ESSENTIAL = new Set(
  'alias auth_basic authn_file authz_host authz_user autoindex deflate dir env filter logio mime negotiation setenvif unixd version watchdog'.split(
    ' ',
  ),
);

const KINDS = {
  mod: { kind: 'module', folder: 'mods', suffix: '.load', reload: 'restart' },
  conf: { kind: 'conf', folder: 'conf', suffix: '.conf', reload: 'reload' },
  site: { kind: 'site', folder: 'sites', suffix: '.conf', reload: 'reload' },
} as const;

/** Debian's a2enmod, a2dismod, a2ensite, a2dissite, a2enconf and a2disconf (apache2 2.4): links, and who set them. */
export async function apacheSites(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['-q --quiet', '-f --force', '-m --maintmode', '-p --purge']);
  const [, act, what] = /^a2(en|dis)(mod|site|conf)$/.exec(context.name)!;
  if (options.operands.length === 0) throw notSimulated(context.name, 'that asks for a name');
  const kind = KINDS[what as keyof typeof KINDS];
  const envvars = `${context.env.get('APACHE_CONFDIR') ?? '/etc/apache2'}/envvars`;
  if (
    /APACHE_(CONFDIR|STATE_DIRECTORY|\w+_(AVAILABLE|ENABLED))=/.test((await textOf(context, envvars)) ?? '')
  )
    throw new NotSimulated(`\`${context.name}\` with the folders in ${envvars} is not simulated`);
  const work = new Switching(context, {
    enables: act === 'en',
    ...kind,
    quiet: options.has('quiet'),
    force: options.has('force'),
    purge: options.has('purge'),
    mode: options.has('maintmode') ? 'maint' : 'admin',
  });
  return work.switchAll(options.operands);
}

interface Task {
  readonly enables: boolean;
  readonly kind: 'module' | 'conf' | 'site';
  readonly folder: string;
  readonly suffix: string;
  readonly reload: string;
  readonly quiet: boolean;
  readonly force: boolean;
  readonly purge: boolean;
  readonly mode: 'admin' | 'maint';
}

class Switching {
  private readonly available: string;
  private readonly enabled: string;
  private readonly state: string;
  private needsReload = false;

  constructor(
    private readonly context: CommandContext,
    private readonly task: Task,
  ) {
    const root = context.env.get('APACHE_CONFDIR') ?? '/etc/apache2';
    this.available = `${root}/${task.folder}-available`;
    this.enabled = `${root}/${task.folder}-enabled`;
    this.state = `${context.env.get('APACHE_STATE_DIRECTORY') ?? '/var/lib/apache2'}/${task.kind}`;
  }

  async switchAll(words: readonly string[]): Promise<number> {
    let exitCode = 0;
    const names: string[] = [];
    for (const word of words) {
      const bare = word.endsWith(this.task.suffix) ? word.slice(0, -this.task.suffix.length) : word;
      const found = this.matching(bare);
      names.push(...found);
      if (found.length > 0) continue;
      this.error(`No ${this.task.kind} found matching ${bare}!`);
      exitCode = 1;
    }
    for (const name of names) if (!(await this.switchOne(name))) exitCode = 1;
    if (this.needsReload)
      this.info(`To activate the new configuration, you need to run:\n  service apache2 ${this.task.reload}`);
    return exitCode;
  }

  /** A name without wildcards stands for itself, as Perl's glob has it. */
  private matching(word: string): string[] {
    if (/[{}~\\ ]/.test(word)) throw notSimulated(this.context.name, word);
    if (!/[*?[]/.test(word)) return [word];
    const folder = this.task.enables ? this.available : this.enabled;
    const pattern = patternToRegExp(word + this.task.suffix);
    return this.list(folder)
      .filter((name) => !name.startsWith('.') && pattern.test(name))
      .map((name) => name.slice(0, -this.task.suffix.length));
  }

  private async switchOne(asked: string): Promise<boolean> {
    const { enables, kind, suffix } = this.task;
    this.context.checkBudget();
    let name = asked;
    if (kind === 'module' && enables && name === 'cgi' && this.isThreaded()) {
      this.say('Your MPM seems to be threaded. Selecting cgid instead of cgi.');
      name = 'cgid';
    }
    const target = `${this.available}/${name}${suffix}`;
    const link = `${this.enabled}/${name}${suffix}`;
    const config = kind === 'module' ? `${name}.conf` : undefined;
    const hasConfig = config !== undefined && this.exists(`${this.available}/${config}`);
    if (!this.exists(target)) return this.withoutTarget(name, link);
    if (!(await this.relationsAllow(name, target))) return false;
    const paths = { target, link, ...(hasConfig ? { config } : {}) };
    return enables ? this.enable(name, paths) : this.disable(name, paths);
  }

  private withoutTarget(name: string, link: string): boolean {
    const { enables, kind, purge } = this.task;
    if (this.isLink(link)) {
      if (enables) this.error(`${link} is a dangling symlink!`);
      else {
        for (const path of [link, `${this.enabled}/${name}.conf`]) {
          if (!this.isLink(path) || this.exists(path)) continue;
          this.info(`removing dangling symlink ${path}`);
          this.context.fileSystem.unlink(absolute(this.context, path));
        }
        return true;
      }
    }
    if (purge) {
      this.mark(name);
      return true;
    }
    this.error(`${kind[0]!.toUpperCase()}${kind.slice(1)} ${name} does not exist!`);
    return false;
  }

  /** What a module needs is enabled with it; what needs it stands in the way of disabling it. */
  private async relationsAllow(name: string, target: string): Promise<boolean> {
    const { enables, kind, force } = this.task;
    if (kind !== 'module')
      return !enables || this.modulesAreThere(name, await this.wordsOf(target, 'Depends'));
    if (enables) {
      for (const needed of await this.wordsOf(target, 'Depends'))
        if (!(await this.switchWith(name, needed))) return false;
      return this.conflictsAllow(name, await this.wordsOf(target, 'Conflicts'));
    }
    const needing: string[] = [];
    for (const file of this.list(this.enabled).filter((entry) => /^[^.].*\.load$/.test(entry)))
      if ((await this.wordsOf(`${this.enabled}/${file}`, 'Depends')).includes(name))
        needing.push(file.slice(0, -'.load'.length));
    if (needing.length > 0 && !force) {
      this.error(
        `The following modules depend on ${name} and need to be disabled first: ${needing.join(' ')}`,
      );
      return false;
    }
    for (const other of needing) if (!(await this.switchWith(name, other))) return false;
    return true;
  }

  private async switchWith(name: string, other: string): Promise<boolean> {
    this.info(`Considering dependency ${other} for ${name}:`);
    if (await this.switchOne(other)) return true;
    const verb = this.task.enables ? 'enable' : 'disable';
    this.error(`Could not ${verb} dependency ${other} for ${name}, aborting`);
    return false;
  }

  private modulesAreThere(name: string, needed: readonly string[]): boolean {
    const folder = `${folderName(this.enabled)}/mods-enabled`;
    for (const module of needed) {
      this.info(`Checking dependency ${module} for ${name}:`);
      if (this.exists(`${folder}/${module}.load`)) continue;
      this.context.stderr.write(
        `WARNING: Module ${module} is not enabled, but ${name} depends on it, aborting\n`,
      );
      return false;
    }
    return true;
  }

  private conflictsAllow(name: string, conflicts: readonly string[]): boolean {
    let isAllowed = true;
    for (const other of conflicts) {
      this.info(`Considering conflict ${other} for ${name}:`);
      const { suffix } = this.task;
      if (this.checkLink(`${this.available}/${other}${suffix}`, `${this.enabled}/${other}${suffix}`) !== 'ok')
        continue;
      this.error(
        `Module ${other} is enabled - cannot proceed due to conflicts. It needs to be disabled first!`,
      );
      isAllowed = false;
    }
    return isAllowed;
  }

  private enable(name: string, { target, link, config }: Paths): boolean {
    const title = this.title(name);
    const state = this.checkLink(target, link);
    if (state !== 'ok' && state !== 'missing') return this.error(`${title} not properly enabled: ${state}`);
    const configLink = config && `${this.enabled}/${config}`;
    const configState = configLink && this.checkLink(`${this.available}/${config}`, configLink);
    if (configState !== undefined && configState !== 'ok' && configState !== 'missing')
      return this.error(`Config file ${config} not properly enabled: ${configState}`);
    if (state === 'ok' && configState !== 'missing') {
      this.info(`${title} already enabled`);
      return true;
    }
    if (state === 'ok') this.say(`Enabling config file ${config}.`);
    if (configState === 'missing') this.addLink(`${this.available}/${config}`, configLink!);
    if (state === 'ok') return true;
    this.say(`Enabling ${this.task.kind} ${name}.`);
    this.handleSpecial(name);
    this.addLink(target, link);
    this.mark(name);
    return true;
  }

  private disable(name: string, { link, config }: Paths): boolean {
    const configLink = config && `${this.enabled}/${config}`;
    const hasConfig = configLink !== undefined && this.exists(configLink);
    if (this.exists(link) || this.isLink(link)) {
      this.handleSpecial(name);
      if (this.task.kind === 'module' && ESSENTIAL.has(name) && !this.task.force)
        throw notSimulated(this.context.name, `${name}\` that asks`);
      this.removeLink(link);
      if (hasConfig) this.removeLink(configLink);
      this.mark(name);
      this.say(`${this.title(name)} disabled.`);
    } else if (hasConfig) {
      this.say(`Disabling stale config file ${config}.`);
      this.removeLink(configLink);
    } else {
      this.info(`${this.title(name)} already disabled`);
      if (this.task.purge) this.mark(name);
    }
    return true;
  }

  private handleSpecial(name: string): void {
    if (this.task.kind !== 'module') return;
    if (name === 'cache_disk') throw notSimulated(this.context.name, name);
    if (name === 'ssl' && this.task.enables)
      this.info(
        'See /usr/share/doc/apache2/README.Debian.gz on how to configure SSL and create self-signed certificates.',
      );
  }

  /** Notes down who switched it last. */
  private mark(name: string): void {
    const { fileSystem } = this.context;
    const folder = `${this.state}/${this.task.enables ? 'enabled' : 'disabled'}_by_${this.task.mode}`;
    this.makeFolders(folder);
    for (const other of this.list(this.state)) {
      const marker = absolute(this.context, `${this.state}/${other}/${name}`);
      if (fileSystem.find(marker, { follow: false }).kind === 'present') fileSystem.unlink(marker);
    }
    if (!this.task.purge)
      fileSystem.write(absolute(this.context, `${folder}/${name}`), {
        kind: 'inline',
        bytes: new Uint8Array(0),
        size: 0,
      });
  }

  private makeFolders(folder: string): void {
    if (this.exists(folder)) return;
    this.makeFolders(folderName(folder));
    this.context.fileSystem.mkdir(absolute(this.context, folder));
  }

  private checkLink(target: string, link: string): string {
    const { context } = this;
    if (!this.exists(link)) {
      if (this.isLink(link)) throw notSimulated(context.name, `with the dangling link ${link}`);
      return 'missing';
    }
    if (!this.isLink(link)) return `${link} is a real file, not touching it`;
    const at = (path: string) => context.fileSystem.find(absolute(context, path)).path;
    return at(link) === at(target) ? 'ok' : `${link} exists but does not point to ${target}, not touching it`;
  }

  private addLink(target: string, link: string): void {
    const { context } = this;
    const folder = absolute(context, folderName(link));
    context.fileSystem.symlink(
      relativePath(absolute(context, target), folder),
      `${folder}/${lastName(link)}`,
    );
    this.needsReload = true;
  }

  private removeLink(link: string): void {
    if (this.isLink(link)) {
      this.context.fileSystem.unlink(absolute(this.context, link));
      this.needsReload = true;
    } else if (this.exists(link)) this.error(`${link} is not a symbolic link, not deleting`);
  }

  /** `# Depends:` and the like stand before the first line that is no comment. */
  private async wordsOf(file: string, key: string): Promise<string[]> {
    const text = await textOf(this.context, file);
    if (text === undefined) {
      // Perl's message, and no end of the line.
      this.context.stderr.write(`ERROR: Can't open ${file}: No such file or directory`);
      return [];
    }
    for (const line of text.split('\n')) {
      const words = new RegExp(`^# ${key}:\\s+(.*?)\\s*$`).exec(line)?.[1];
      if (words !== undefined) return words.split(/\s+/).filter((word) => word !== '');
      if (!/^\s*(?:#.*)?$/.test(line)) break;
    }
    return [];
  }

  private isThreaded(): boolean {
    const has = (name: string) => this.exists(`${this.enabled}/mpm_${name}.load`);
    if (has('prefork')) return false;
    if (has('worker') || has('event')) return true;
    throw notSimulated(this.context.name, 'cgi` without a module for processes');
  }

  private list(folder: string): string[] {
    const found = this.context.fileSystem.find(absolute(this.context, folder));
    const isFolder = found.kind === 'present' && found.inode.node.kind === 'directory';
    return isFolder ? [...this.context.fileSystem.list(absolute(this.context, folder))].sort() : [];
  }

  private exists(path: string): boolean {
    return this.context.fileSystem.find(absolute(this.context, path)).kind === 'present';
  }

  private isLink(path: string): boolean {
    const found = this.context.fileSystem.find(absolute(this.context, path), { follow: false });
    return found.kind === 'present' && found.inode.node.kind === 'symlink';
  }

  private title(name: string): string {
    const { kind } = this.task;
    return `${kind[0]!.toUpperCase()}${kind.slice(1)} ${name}`;
  }

  private say(text: string): void {
    printText(this.context, `${text}\n`);
  }

  private info(text: string): void {
    if (!this.task.quiet) this.say(text);
  }

  private error(text: string): false {
    this.context.stderr.write(`ERROR: ${text}\n`);
    return false;
  }
}

interface Paths {
  readonly target: string;
  readonly link: string;
  readonly config?: string;
}

async function textOf(context: CommandContext, path: string): Promise<string | undefined> {
  const found = context.fileSystem.find(absolute(context, path));
  if (found.kind !== 'present' || found.inode.node.kind !== 'file') return undefined;
  return decodeArgument(await readText(context, openFile(context, absolute(context, path))));
}
