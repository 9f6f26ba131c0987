/** One `name=value` of a `--mount`; a bare name has no value. Names are in lower case. */
export interface MountField {
  readonly name: string;
  readonly value: string | undefined;
  /** As written, for messages. */
  readonly text: string;
}

/**
 * The fields of a `--mount`, which is one line of comma-separated values with quotes as in CSV. Throws an `Error` in
 * the builder's words for a quote in the wrong place.
 */
export function mountFields(value: string): MountField[] {
  if (value === '') throw new Error('failed to parse csv mounts: EOF');
  return csvFields(value).map((text) => {
    const equals = text.indexOf('=');
    return equals < 0
      ? { name: text.toLowerCase(), value: undefined, text }
      : { name: text.slice(0, equals).toLowerCase(), value: text.slice(equals + 1), text };
  });
}

function csvFields(line: string): string[] {
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    const { field, length } = rest.startsWith('"') ? quotedField(rest) : plainField(rest);
    fields.push(field);
    if (length >= rest.length) return fields;
    rest = rest.slice(length + 1);
  }
}

function plainField(text: string): { field: string; length: number } {
  const comma = text.indexOf(',');
  const field = comma < 0 ? text : text.slice(0, comma);
  if (field.includes('"'))
    throw new Error(
      'failed to parse csv mounts: parse error on line 1, column 1: bare " in non-quoted-field',
    );
  return { field, length: field.length };
}

/** Two quotes inside a quoted field are one. */
function quotedField(text: string): { field: string; length: number } {
  const match = /^"((?:[^"]|"")*)"(?=,|$)/.exec(text);
  if (!match) throw new Error('failed to parse csv mounts: extraneous or missing " in quoted-field');
  return { field: match[1]!.replaceAll('""', '"'), length: match[0].length };
}
