import type { Command } from '../command';
import { absolute } from '../lookup';
import { asksVersion, change, homeOf, optionValue, query, unknownContent, writeUnknown } from './model';

/** `gpg`: its own folder, and the file after `-o`. */
export const gpg: Command = (context) => {
  const { args, env } = context;
  if (asksVersion(args)) return query(context);
  const home = optionValue(args, '--homedir') ?? env.get('GNUPGHOME') ?? `${homeOf(context)}/.gnupg`;
  const keyring = optionValue(args, '--keyring');
  const output =
    optionValue(args, '-o', '--output') ?? /^-\w*o$/.exec(args.find((arg) => /^-\w*o$/.test(arg)) ?? '')?.[0];
  const reason = '`gpg` is modelled: the keys are not known';
  const file = output?.startsWith('-') ? args[args.indexOf(output) + 1] : output;
  context.model(reason);
  context.openRegion(absolute(home, context.cwd), reason);
  if (keyring?.includes('/')) writeUnknown(context, keyring.replace(/^gnupg-ring:/, ''), reason);
  if (file !== undefined) writeUnknown(context, file, reason);
  else if (!context.stdout.isLog) context.stdout.write(unknownContent(reason));
  return 0;
};

export const quiet: Command = (context) => query(context);

export const sshKeys: Command = (context) => {
  const file = optionValue(context.args, '-f');
  return file === undefined
    ? query(context)
    : change(context, [file, `${file}.pub`], 'the keys are other ones in every build');
};
