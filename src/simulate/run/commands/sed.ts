import type { Inode } from '../../../filesystem/writable';
import { type CommandContext, NotSimulated } from '../command';
import { type ByteString, encodeArgument } from './bytes';
import { causeOf, complain } from './complaints';
import { absolute, contentOf, linesOf, openInput, print, readText } from './input';
import { randomLetters } from './late-doubts';
import { localeOf } from './locale';
import { folderName, lastName } from './names';
import { type ParsedOptions, parseOptions } from './options';
import { writeFile } from './output';
import { RegexError } from './posix-regex';
import { type SedFiles, type SedInput, type SedRules, SedRun } from './sed-run';
import { parseSed, type SedCommand, SedError, type SedScript } from './sed-script';

const OPTIONS = [
  '-n --silent --quiet',
  '-e --expression=SCRIPT',
  '-f --file=FILE',
  '-E -r --regexp-extended',
  '--in-place[=SUFFIX]',
  '-i[SUFFIX]',
  '-s --separate',
  '-z --zero-terminated --null-data',
  '--follow-symlinks',
  '-u --unbuffered',
  '-l --line-length=N',
  '-b --binary',
  '--sandbox',
];

/** GNU sed 4.9, by its manual. */
export async function sed(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  const operands = [...options.operands];
  let text: ByteString | undefined;
  try {
    text = await scriptOf(context, options, operands);
  } catch (error) {
    complain(context, `couldn't open file ${options.value('file')}: ${causeOf(error)}`);
    return context.flavour === 'gnu' ? 4 : 1;
  }
  if (text === undefined) {
    context.stderr.write(
      `Usage: ${context.name} [OPTION]... {script-only-if-no-other-script} [input-file]...\n`,
    );
    return 1;
  }
  try {
    const syntax = options.has('regexp-extended') ? 'extended' : 'basic';
    const script = parseSed(text, { syntax, utf8: localeOf(context).utf8 });
    if (context.flavour === 'busybox') refuseBeyondBusybox(text, script);
    return await new Editing(context, options, script).run(operands);
  } catch (error) {
    if (context.flavour === 'busybox' && (error instanceof SedError || error instanceof RegexError)) {
      throw new NotSimulated(`this script of \`sed\` is not simulated for busybox: ${error.message}`);
    }
    if (error instanceof SedError) {
      complain(context, error.message);
      if (error.message.startsWith("can't find label")) return 4;
    } else if (error instanceof RegexError)
      complain(context, `-e expression #1, char ${text.length}: ${error.message}`);
    else throw error;
    return 1;
  }
}

async function scriptOf(
  context: CommandContext,
  options: ParsedOptions,
  operands: string[],
): Promise<ByteString | undefined> {
  const given = options.list.filter(({ name }) => name === 'expression' || name === 'file');
  if (given.length === 0) {
    const first = operands.shift();
    return first === undefined ? undefined : encodeArgument(first);
  }
  const pieces: ByteString[] = [];
  for (const { name, value } of given) {
    if (name === 'expression') pieces.push(encodeArgument(value));
    else {
      const script = await readText(context, openInput(context, value));
      pieces.push(script.replace(/\n$/, ''));
    }
  }
  return pieces.join('\n');
}

/** What GNU sed has and busybox' has not, or has otherwise. */
function refuseBeyondBusybox(text: ByteString, { commands }: SedScript): void {
  const isForeign = commands.some((command) => {
    const { from, to, substitution: s } = command;
    if (from?.kind === 'step' || to?.kind === 'multiple' || (from?.kind === 'line' && from.line === 0))
      return true;
    if ('QlRFzWL'.includes(command.name) || (command.name === 'q' && command.text !== '')) return true;
    if (!s) return false;
    return (
      s.escapesDelimiter ||
      (s.global && s.occurrence > 1) ||
      s.replacement.some(({ kind }) => kind === 'case')
    );
  });
  // A label ends only with its line, and escapes by number are unknown.
  const hasOddText =
    /[btT:][ \t]*[\w-]+[ \t]*\}/.test(text) ||
    /\\[oxdc][0-9A-Fa-f]/.test(text) ||
    /\\[dDe]/.test(text) ||
    /\/I[,\s]/.test(text);
  if (isForeign || hasOddText) throw new NotSimulated('this script of `sed` is not simulated for busybox');
}

class Editing {
  private readonly read = new Map<string, ByteString | undefined>();
  private readonly written = new Map<string, ByteString>();
  private readonly inPlace: string | undefined;
  private failure = 0;

  constructor(
    private readonly context: CommandContext,
    private readonly options: ParsedOptions,
    private readonly script: SedScript,
  ) {
    const name = options.last('i', 'in-place');
    this.inPlace = name === undefined ? undefined : options.value(name);
  }

  async run(operands: readonly string[]): Promise<number> {
    await this.prepareFiles();
    const found = await this.inputs(operands.length > 0 ? operands : ['-']);
    const separator = this.options.has('null-data') ? '\0' : '\n';
    const rules: SedRules = {
      quiet: this.options.has('quiet'),
      separate: this.inPlace !== undefined || this.options.has('separate'),
      separator,
    };
    const result = this.runAll(found, rules, separator);
    for (const [file, text] of this.written) {
      if (file === '/dev/stdout') print(this.context, text);
      else writeFile(this.context, absolute(this.context, file), contentOf(text));
    }
    const failure = this.context.flavour === 'busybox' ? Math.min(this.failure, 1) : this.failure;
    return result !== 0 ? result : failure;
  }

  private runAll(
    found: readonly { name: string; text: ByteString; inode?: Inode }[],
    rules: SedRules,
    separator: string,
  ): number {
    const inputs = found.map(({ name, text }): SedInput => ({ name, ...linesOf(text, separator) }));
    if (this.inPlace === undefined) {
      const { outputs, exitCode } = new SedRun(this.context, this.script, inputs, rules, this.files()).run();
      print(this.context, outputs.join(''));
      return exitCode;
    }
    if (inputs.length > 1 && this.script.commands.some(({ name }) => 'hHgGx'.includes(name))) {
      // The hold space goes from file to file.
      const { outputs, exitCode, begun } = new SedRun(
        this.context,
        this.script,
        inputs,
        rules,
        this.files(),
      ).run();
      for (const [index, { name, inode }] of found.entries())
        if (index < begun && !this.replace(name, outputs[index]!, inode!)) return 4;
      return exitCode;
    }
    for (const [index, { name, inode }] of found.entries()) {
      const { outputs, exitCode, quit } = new SedRun(
        this.context,
        this.script,
        [inputs[index]!],
        rules,
        this.files(),
      ).run();
      if (!this.replace(name, outputs[0]!, inode!)) return 4;
      // What q leaves unread of its file is lost, and later files are not touched.
      if (quit) return exitCode;
    }
    return 0;
  }

  /** What `r`, `R` and `w` name is read or emptied beforehand, as sed opens it. */
  private async prepareFiles(): Promise<void> {
    const isReading = ({ name }: SedCommand) => name === 'r' || name === 'R';
    for (const command of this.script.commands) {
      const file = command.substitution?.file ?? ('wW'.includes(command.name) ? command.text : undefined);
      if (file !== undefined) this.written.set(file, '');
      if (!isReading(command)) continue;
      try {
        const path = command.text === '/dev/stdin' ? '-' : command.text;
        this.read.set(command.text, await readText(this.context, openInput(this.context, path)));
      } catch (error) {
        if (error instanceof NotSimulated) throw error;
        this.read.set(command.text, undefined);
      }
    }
  }

  private files(): SedFiles {
    return {
      read: (file) => this.read.get(file),
      write: (file, text) => {
        if (file === '/dev/stdout' && this.inPlace === undefined)
          throw new NotSimulated('`sed` with w /dev/stdout is not simulated');
        this.written.set(file, (this.written.get(file) ?? '') + text);
      },
    };
  }

  private async inputs(
    operands: readonly string[],
  ): Promise<{ name: string; text: ByteString; inode?: Inode }[]> {
    const { context } = this;
    const found: { name: string; text: ByteString; inode?: Inode }[] = [];
    for (const name of operands) {
      if (name === '-' && this.inPlace !== undefined) {
        complain(context, "couldn't edit -: not a regular file");
        this.failure = 4;
        continue;
      }
      try {
        if (name === '-') {
          found.push({ name, text: await readText(context, context.stdin) });
          continue;
        }
        const inode =
          this.inPlace === undefined ? undefined : context.fileSystem.stat(absolute(context, name));
        if (inode && inode.node.kind !== 'file') {
          complain(context, `couldn't edit ${name}: not a regular file`);
          this.failure = 4;
          continue;
        }
        found.push({
          name,
          text: await readText(context, openInput(context, name)),
          ...(inode ? { inode } : {}),
        });
      } catch (error) {
        const cause = causeOf(error);
        if (this.options.has('follow-symlinks') && this.options.has('i', 'in-place')) {
          complain(context, `couldn't readlink ${name}: ${cause}`);
          this.failure = 4;
          continue;
        }
        complain(
          context,
          cause === 'Is a directory' ? `couldn't read ${name}: ${cause}` : `can't read ${name}: ${cause}`,
        );
        this.failure = 2;
      }
    }
    return found;
  }

  /**
   * `-i` writes a new file and renames it over the old name: the inode is new even when no line changed, mode and
   * owner are kept, and a link becomes a file unless --follow-symlinks.
   */
  private replace(name: string, text: ByteString, original: Inode): boolean {
    const { context } = this;
    const { fileSystem } = context;
    const follows = this.options.has('follow-symlinks');
    const path = follows ? fileSystem.find(absolute(context, name)).path : absolute(context, name);
    const temporary = `${folderName(path)}/sed${randomLetters(fileSystem, 6)}`;
    const { mode, uid, gid } = original.node;
    try {
      fileSystem.write(temporary, contentOf(text), { mode: 0o600, exclusive: true });
    } catch (error) {
      complain(context, `couldn't open temporary file ${folderName(name)}/sedXXXXXX: ${causeOf(error)}`);
      return false;
    }
    const made = fileSystem.stat(temporary).node;
    if (made.uid !== uid || made.gid !== gid) this.giveAway(temporary, uid, gid);
    // busybox gives the file away after its mode, and the kernel takes the setuid bits for that.
    fileSystem.chmod(temporary, this.context.flavour === 'gnu' ? mode : mode & 0o1777);
    const suffix = this.inPlace!;
    if (this.context.flavour === 'busybox' && /[*/]/.test(suffix))
      throw new NotSimulated('`sed -i` of busybox with such a suffix is not simulated');
    if (suffix !== '' && !this.backUp(name, path, suffix)) {
      fileSystem.unlink(temporary);
      return false;
    }
    fileSystem.rename(temporary, path);
    return true;
  }

  private backUp(name: string, path: string, suffix: string): boolean {
    try {
      this.context.fileSystem.rename(path, this.backupName(path, suffix));
      return true;
    } catch (error) {
      const words = this.context.flavour === 'gnu' ? `cannot rename ${name}` : name;
      complain(this.context, `${words}: ${causeOf(error)}`);
      return false;
    }
  }

  private giveAway(path: string, uid: number, gid: number): void {
    try {
      this.context.fileSystem.chown(path, uid, gid);
    } catch (error) {
      causeOf(error);
    }
  }

  /** A suffix without `*` is added; `*` stands for the name, and a slash makes it a path of its own. */
  private backupName(path: string, suffix: string): string {
    const name = lastName(path);
    const backup = suffix.includes('*') ? suffix.replaceAll('*', name) : `${name}${suffix}`;
    return backup.includes('/') ? absolute(this.context, backup) : `${folderName(path)}/${backup}`;
  }
}
