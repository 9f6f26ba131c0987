import type { CommandContext } from '../command';

export interface TextLocale {
  /** Bytes beyond 0x7f are characters of UTF-8, not bytes on their own. */
  readonly utf8: boolean;
  /** Texts are ordered by bytes, as in the locales C, POSIX and C.UTF-8. */
  readonly byteOrder: boolean;
}

/** The locale in force for characters and for order, by `setlocale(3)`'s rules: LC_ALL, then the category, then LANG. */
export function localeOf({ env, flavour }: Pick<CommandContext, 'env' | 'flavour'>): TextLocale {
  // busybox knows no locales in these programs.
  if (flavour === 'busybox') return { utf8: false, byteOrder: true };
  const characters = env.get('LC_ALL') || env.get('LC_CTYPE') || env.get('LANG') || 'C';
  const order = env.get('LC_ALL') || env.get('LC_COLLATE') || env.get('LANG') || 'C';
  return {
    utf8: /\.utf-?8$/i.test(characters),
    byteOrder: /^(C|POSIX)(\.|$)/i.test(order),
  };
}
