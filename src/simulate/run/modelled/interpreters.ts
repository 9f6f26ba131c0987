import { PosixError } from '../../../filesystem/posix';
import { type Command, type CommandContext, NotSimulated } from '../command';
import { absolute } from '../lookup';
import { runUnreadable } from '../unreadable';
import { asksVersion } from './arguments';
import { runComposerSetup, runGivenText } from './given-text';
import { query } from './model';

/**
 * `node`, `php`, `perl` and the like: their texts are not simulated. A text that was downloaded is an installer, as one
 * for a shell is.
 */
export const interpreter: Command = (context) => {
  const { args, name } = context;
  const words = args.join(' ');
  if (name === 'php' && /^-r exit\(0\);?$/.test(words)) return 0;
  const tells =
    asksVersion(args) || (name === 'php' && (/^-(?:m|i|V:.*)$/.test(words) || PHP_TELLS.test(words)));
  return tells ? query(context) : interpret(context);
};

/** `erl -noshell -eval TEXT`. */
export const erlang: Command = (context) => (asksVersion(context.args) ? query(context) : interpret(context));

/** `php -r 'echo ini_get("extension_dir");'`: texts that do nothing but tell something of the interpreter. */
const PHP_TELLS =
  /^(?:-d [\w.]+=\w+ )*-r echo\s+(?:ini_get\((?:"[\w.]+"|'[\w.]+')\)|phpversion\(\)|PHP_[A-Z_]+)\s*;?$/;

/** The language of a program: `python` of `python3.12`. */
const languageOf = (name: string) => name.replace(/js$|[\d.]+$/, '');

export function interpret(context: CommandContext): number {
  const { args, name } = context;
  const language = languageOf(name);
  const known = language === 'php' ? runComposerSetup(context) : undefined;
  const done = known ?? runGivenText(context, language);
  if (done !== undefined) return done;
  const file = args.find((arg) => !arg.startsWith('-'));
  const reason =
    file === undefined || args.includes('-') ? downloadedInput(context) : downloadedFile(context, file);
  if (reason === undefined || args.some((arg) => /^-\w*[cer]$/.test(arg)))
    throw new NotSimulated(`\`${name}\` is a program that is not simulated`);
  return runUnreadable(context, file === undefined ? 'a script' : `the script ${file}`, reason);
}

function downloadedInput({ stdin }: CommandContext): string | undefined {
  return stdin.kind === 'placeholder' ? stdin.reason : undefined;
}

function downloadedFile({ fileSystem, cwd, stdin }: CommandContext, file: string): string | undefined {
  try {
    const { node } = fileSystem.stat(absolute(file, cwd));
    if (node.kind === 'file' && node.content.kind === 'placeholder') return node.content.reason;
    return undefined;
  } catch (error) {
    if (!(error instanceof PosixError)) throw error;
    return stdin.kind === 'placeholder' ? stdin.reason : undefined;
  }
}
