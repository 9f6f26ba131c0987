/** A way to log in that a server offers: https://www.rfc-editor.org/rfc/rfc9110#name-www-authenticate */
export interface Challenge {
  /** In small letters: `bearer`, `basic`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const PARAMETER = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/y;
const GAP = /[\s,]*/y;

/** The challenges of a `WWW-Authenticate` header, which may hold several; what cannot be read ends the list. */
export function parseChallenges(header: string): Challenge[] {
  const found: { scheme: string; parameters: Record<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match) at = pattern.lastIndex;
    return match;
  };
  while (at < header.length) {
    take(GAP);
    const last = found.at(-1);
    const parameter = last && take(PARAMETER);
    if (parameter) {
      const [, name = '', quoted, bare = ''] = parameter;
      last.parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? bare;
      continue;
    }
    const scheme = take(TOKEN)?.[0];
    if (scheme === undefined) break;
    found.push({ scheme: scheme.toLowerCase(), parameters: {} });
  }
  return found;
}
