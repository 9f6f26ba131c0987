import type { CommandContext } from '../command';

/**
 * To be called by a program that says something of each entry of a folder, as it meets them: a real folder lists its
 * entries in an order of chance, so where the order of the lines shows they are a guess.
 */
export function tellsInFolderOrder(context: CommandContext, entries: number): void {
  if (entries > 1 && context.stdout.keepsOrder)
    context.model(`the order in which \`${context.name}\` meets files is not known`);
}
