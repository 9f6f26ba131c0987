import { showUnknown } from '../unknown-text';

const SHOWN = 80;

/** Why the bytes of a download are not known. */
export function downloadReason(program: string, url: string): string {
  const shown = showUnknown(url).replace(/^(https?:\/\/)[^/@]*@/, '$1');
  const cut = shown.length > SHOWN ? `${shown.slice(0, SHOWN)}…` : shown;
  return `\`${program}\` is modelled: what it downloads is not known (${cut})`;
}

/** The last name of a URL's path; `keepsQuery` with what follows a question mark, as wget names its files. */
export function nameInUrl(url: string, { keepsQuery = false } = {}): string {
  const path = url
    .replace(/^\w+:\/\//, '')
    .replace(/#.*$/, '')
    .replace(/\?.*$/, keepsQuery ? '$&' : '');
  const folder = path.replace(/\?.*$/s, '');
  return folder.includes('/') ? path.slice(folder.lastIndexOf('/') + 1) : '';
}

/** The URLs that curl makes of `{a,b}` in one; other patterns stay. */
export function urlsIn(url: string): string[] {
  const set = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(url);
  if (!set) return [url];
  const [, before, choices, after] = set as unknown as [string, string, string, string];
  return choices.split(',').flatMap((choice) => urlsIn(before + choice + after));
}
