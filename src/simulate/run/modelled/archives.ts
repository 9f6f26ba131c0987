import type { Command } from '../command';
import { asksVersion, readArguments } from './arguments';
import { change, ensureFolder, query } from './model';

const UNPACKS = 'what it unpacks is not known';

/** `7z`, `cpio`, `unrar`: archives of which the names inside are not read. */
export const unpacks: Command = (context) => {
  const { args, name } = context;
  if (asksVersion(args)) return query(context);
  const options = readArguments(args, 'd P x o D');
  const seven = args.map((arg) => /^-o(.+)$/.exec(arg)?.[1]).find((folder) => folder !== undefined);
  const folder = options.value('d', 'D') ?? (/^7z/.test(name) ? seven : undefined);
  if (folder !== undefined) ensureFolder(context, folder);
  return change(context, [folder ?? context.cwd], UNPACKS, { title: name });
};

/** `rsync`, `scp`: the last operand. */
export const copies: Command = (context) => {
  if (asksVersion(context.args)) return query(context);
  const operands = context.args.filter((arg) => !arg.startsWith('-'));
  return change(context, operands.slice(-1), 'what it copies is not known', { title: context.name });
};
