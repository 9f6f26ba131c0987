import type { CommandContext } from '../command';
import { encodeArgument } from './bytes';
import { fail } from './complaints';
import { print, printText, readText } from './input';
import { parseOptions } from './options';

const VARIABLE = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g;

/** envsubst(1) of gettext 0.21: variables of the environment in a text, all of them or those that its argument names. */
export async function envsubst(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['-v --variables']);
  const [format, ...more] = options.operands;
  if (more.length > 0) return fail(context, 'too many arguments');
  const names =
    format === undefined ? undefined : [...format.matchAll(VARIABLE)].map((match) => match[1] ?? match[2]!);
  if (options.has('variables')) {
    if (names === undefined) return fail(context, 'missing arguments');
    printText(context, names.map((name) => `${name}\n`).join(''));
    return 0;
  }
  const text = await readText(context, context.stdin);
  print(
    context,
    text.replace(VARIABLE, (whole, plain?: string, braced?: string) => {
      const name = (plain ?? braced)!;
      if (names && !names.includes(name)) return whole;
      return encodeArgument(context.env.get(name) ?? '');
    }),
  );
  return 0;
}
