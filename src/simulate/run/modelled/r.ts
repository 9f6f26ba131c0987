import type { Command, CommandContext } from '../command';
import { asksVersion } from './arguments';
import { readsOnly } from './code';
import { changesAnything } from './given-text';
import { interpret } from './interpreters';
import { change, lookFor, query } from './model';
import { placesOf, tool } from './tool';

/** Libraries of packages, and what is needed to compile them. */
const LIBRARIES = [
  '$R_LIBS_SITE:/usr/local/lib/R',
  '$R_LIBS_USER:~/R',
  '/usr/local/lib/R',
  '/usr/lib/R',
  '/usr/lib64/R',
  '/opt/R',
  '/opt/conda/lib/R',
  '~/.cache',
  '/tmp',
];
const INSTALLS = 'what it installs is not known';

/** Texts that put packages into the libraries, and do nothing else by the names they call. */
const INSTALLING = /\b(?:install\.packages|update\.packages|install_\w+|installspec|install)\s*\(/;
/** What may write elsewhere. */
const WRITES =
  /\b(?:write\w*|save\w*|file\.\w+|unlink|download\.file|system2?|dir\.create|cat|sink|source|setwd)\b/;

/** `R -e TEXT`, `Rscript -e TEXT`, `R CMD INSTALL`. */
export const r: Command = (context) => {
  const { args, name } = context;
  if (asksVersion(args) || args[0] === 'RHOME') return query(context);
  const at = args.indexOf('CMD');
  if (at >= 0) return command(context, args.slice(at + 1));
  const texts = args.filter((_, index) => args[index - 1] === '-e');
  if (texts.length === 0)
    return name === 'R' && context.stdin.kind === 'inline' ? given(context, '') : interpret(context);
  return given(context, texts.join('; '));
};

function given(context: CommandContext, text: string): number {
  if (text !== '' && readsOnly('R', text)) return lookFor(context);
  if (INSTALLING.test(text) && !WRITES.test(text))
    return change(context, placesOf(context, LIBRARIES), INSTALLS, { title: context.name });
  return changesAnything(context);
}

function command(context: CommandContext, [action = '', ...rest]: readonly string[]): number {
  const title = `R CMD ${action}`;
  if (action === 'config') return query(context);
  if (action === 'build' || action === 'check')
    return change(context, [context.cwd, '/tmp'], 'what it makes is not known', { title });
  const places = rest.filter((arg) => !arg.startsWith('-'));
  return change(
    context,
    [...placesOf(context, [...LIBRARIES, '/etc/R', '/usr/share/R']), ...places],
    INSTALLS,
    { title },
  );
}

const packages = tool({ writes: LIBRARIES, outputs: 'l lib libloc', isNamedAlone: true });

export const R: Readonly<Record<string, Command>> = {
  R: r,
  Rscript: r,
  'install2.r': packages,
  'installGithub.r': packages,
  'installBioc.r': packages,
  'install.r': packages,
  littler: packages,
};
