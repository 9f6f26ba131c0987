import { PosixError } from '../../../filesystem/posix';
import type { CommandContext } from '../command';
import { absolute } from '../lookup';
import { runUnreadable } from '../unreadable';
import { readsOnly } from './code';
import { downloadReason } from './downloads';
import { change, ensureFolder, lookFor, modelledReason, printUnknown, tryWriteUnknown } from './model';
import { placesOf } from './tool';

/** Options before a text of the program, by language. */
const OPTION: Readonly<Record<string, RegExp>> = {
  php: /^-r$/,
  node: /^-(?:e|p|pe)$|^--(?:eval|print)$/,
  perl: /^-\w*[eE]$/,
  ruby: /^-\w*e$/,
  python: /^-\w*c$/,
  erl: /^-eval$/,
  java: /^$/,
  lua: /^-e$/,
};

/**
 * An interpreter that is given its text among the arguments, or by standard input: what only tells something changes
 * nothing, anything else may change all. `undefined` if it is given none.
 */
export function runGivenText(context: CommandContext, language: string): number | undefined {
  const text = textFor(context, language);
  if (text === undefined) return undefined;
  if (language === 'perl' || language === 'ruby') {
    const status = runFilter(context, language);
    if (status !== undefined) return status;
  }
  if (readsOnly(language, text)) return lookFor(context);
  const known = language === 'php' ? runComposerText(context, text) : undefined;
  if (known !== undefined) return known;
  if (language === 'python' && importsOnly(text)) return importing(context);
  return changesAnything(context);
}

/** A text of which nothing is known but that it ends well. */
export function changesAnything(context: CommandContext): number {
  const { name } = context;
  runUnreadable(context, `a text for \`${name}\``, `\`${name}\` is not simulated`);
  return printUnknown(context, `what \`${name}\` prints is not known`);
}

function textFor({ args, stdin }: CommandContext, language: string): string | undefined {
  const option = OPTION[language];
  const texts = args.filter((_, index) => option?.test(args[index - 1] ?? ''));
  if (texts.length > 0) return texts.join('\n');
  const isFromInput = args.every((arg) => /^-(?:u|B|I|E|s|w|q)?$/.test(arg));
  return isFromInput && stdin.kind === 'inline' && stdin.size > 0
    ? new TextDecoder().decode(stdin.bytes)
    : undefined;
}

/** `perl -pi -e` rewrites the files it is given, `perl -pe` writes them out. */
function runFilter(context: CommandContext, language: string): number | undefined {
  const { args } = context;
  const at = args.findIndex((arg) => OPTION[language]!.test(arg));
  const letters = args.filter((arg, index) => index <= at && /^-[a-zA-Z0-9]/.test(arg)).join('');
  if (!/[pn]/.test(letters)) return undefined;
  const text = args[at + 1] ?? '';
  if (/`|\b(?:system|exec|unlink|open|qx|rename|mkdir|require|File)\b/.test(text)) return undefined;
  const files = args.slice(at + 2).filter((arg) => !arg.startsWith('-'));
  if (!/i/.test(letters)) return lookFor(context);
  return change(context, files, 'what it changes is not known', { title: context.name });
}

/** The steps by which a page of Composer has its installer fetched, looked at and taken away again. */
function runComposerText(context: CommandContext, text: string): number | undefined {
  const copied = /^\s*copy\(\s*(['"])(https?:\/\/[^'"]+)\1\s*,\s*(['"])([^'"]+)\3\s*\)\s*;?\s*$/.exec(text);
  if (copied) {
    const reason = downloadReason(context.name, copied[2]!);
    context.model(reason);
    return tryWriteUnknown(context, copied[4]!, reason) ? 1 : 0;
  }
  const removed = /^\s*unlink\(\s*(['"])([^'"]+)\1\s*\)\s*;?\s*$/.exec(text);
  if (removed) return remove(context, removed[2]!);
  if (/^\s*readfile\(\s*(['"])https?:[^'"]+\1\s*\)\s*;?\s*$/.test(text))
    return printUnknown(context, downloadReason(context.name, /https?:[^'"]+/.exec(text)![0]));
  const looks =
    /^\s*if\s*\(\s*!?\s*hash_file\([^)]*\)\s*[=!]==?/.test(text) &&
    !/\b(?:copy|file_put_contents|rename)\b/.test(text);
  return looks ? lookFor(context) : undefined;
}

/** PHP goes on when a file to remove is not there. */
function remove(context: CommandContext, file: string): number {
  context.model(modelledReason(context, 'its text is taken to remove a file', context.name));
  const path = absolute(file, context.cwd);
  try {
    if (context.fileSystem.find(path).kind === 'present') context.fileSystem.unlink(path);
    else context.fileSystem.clear(path);
  } catch (error) {
    if (!(error instanceof PosixError)) throw error;
  } finally {
    context.fileSystem.takeDoubts();
  }
  return 0;
}

/** `import x; print(x.__version__)` */
function importsOnly(text: string): boolean {
  return text
    .split(/[;\n]/)
    .every((line) =>
      /^\s*(?:import [\w., ]+|from [\w.]+ import [\w., ()]+|print\([\w.[\]0-9'" ]*\)|#.*)?\s*$/.test(line),
    );
}

/** Packages keep what they compile beside them, and caches at home. */
function importing(context: CommandContext): number {
  const caches = placesOf(context, ['~/.cache', '~/.config', '~/.local', '/tmp']);
  return change(context, caches, 'what the packages keep that it loads is not known', {
    title: context.name,
  });
}

/** `php composer-setup.php --install-dir=/usr/local/bin --filename=composer`, from a file or a pipe. */
export function runComposerSetup(context: CommandContext): number | undefined {
  const { args, stdin } = context;
  const isSetup = args.some((arg) => /(?:^|\/)composer-(?:setup|installer)(?:\.php)?$/.test(arg));
  const isPiped = stdin.kind === 'placeholder' && /getcomposer/.test(stdin.reason);
  if (!isSetup && !isPiped) return undefined;
  const value = (name: string) => {
    const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
    return at < 0 ? undefined : args[at]!.includes('=') ? args[at]!.slice(name.length + 1) : args[at + 1];
  };
  const folder = absolute(value('--install-dir') ?? '.', context.cwd);
  const reason = modelledReason(context, 'which Composer it installs is not known', 'composer-setup');
  context.model(reason);
  const homes = placesOf(context, ['$COMPOSER_HOME:~/.composer', '~/.config/composer', '~/.cache/composer']);
  for (const place of homes) context.openRegion(place, reason);
  ensureFolder(context, folder);
  const file = `${folder}/${value('--filename') ?? 'composer.phar'}`;
  if (tryWriteUnknown(context, file, reason)) return 1;
  context.fileSystem.chmod(file, 0o755);
  return 0;
}
