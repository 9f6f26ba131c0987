/** What a `# check=` directive asks for. https://docs.docker.com/reference/dockerfile/#check */
export interface CheckOptions {
  /** The build fails where a check finds something. */
  readonly failsBuild: boolean;
  readonly isSkipped: (check: string) => boolean;
  /** Experimental checks run only when they are named. */
  readonly isTried: (check: string) => boolean;
}

/** Reads the directive's value. Throws an `Error` in the builder's words. */
export function readCheckOptions(text: string | undefined): CheckOptions {
  let failsBuild = false;
  let skipped: readonly string[] = [];
  let tried: readonly string[] = [];
  for (const part of splitOptions((text ?? '').trim())) {
    const equals = part.indexOf('=');
    if (equals < 0) throw new Error(`failed to parse check options: invalid check option "${part}"`);
    const name = part.slice(0, equals).trim();
    const value = part.slice(equals + 1).trim();
    if (name === 'skip') skipped = listOf(value);
    else if (name === 'experimental') tried = listOf(value);
    else if (name === 'error') failsBuild = truth(value, part);
    else throw new Error(`failed to parse check options: invalid check option "${name}"`);
  }
  const names = (list: readonly string[]) => (check: string) => list.includes('all') || list.includes(check);
  return { failsBuild, isSkipped: names(skipped), isTried: names(tried) };
}

/** The third part holds all that is left. */
function splitOptions(text: string): string[] {
  if (text === '') return [];
  const [first, second, ...rest] = text.split(';');
  return [first, second, rest.length > 0 ? rest.join(';') : undefined].filter((part) => part !== undefined);
}

function listOf(value: string): string[] {
  return value === 'all' ? ['all'] : value.split(',').map((name) => name.trim());
}

/** The spellings of Go's strconv.ParseBool. */
function truth(value: string, part: string): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) return false;
  const why = `strconv.ParseBool: parsing "${value}": invalid syntax`;
  throw new Error(`failed to parse check options: failed to parse check option "${part}": ${why}`);
}
