import * as vscode from 'vscode';

/** Text of a Dockerfile or an image as text in markdown: nothing in it is a link, an icon or HTML. */
export function plain(text: string): string {
  return visible(text)
    .replace(/[\\`*_{}[\]()#+\-.!|~<>&$@:]/g, '\\$&')
    .replace(/\n/g, ' ');
}

/** Text as code inside a line. */
export function code(text: string): string {
  const line = visible(text).replace(/\n/g, ' ');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = line.startsWith('`') || line.endsWith('`') || line === '' ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Text as code inside a table. */
export function cell(text: string): string {
  return code(text).replaceAll('|', '\\|');
}

/** A block of code in a language. */
export function codeBlock(text: string, language: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** A link that runs one of our commands. `label` is markdown. */
export function commandLink(label: string, command: string, args: readonly unknown[], title = ''): string {
  const query = encodeURIComponent(JSON.stringify(args)).replace(/[()']/g, escapeByte);
  const quoted = title === '' ? '' : ` "${title.replace(/["\\]/g, '')}"`;
  return `[${label}](command:${command}?${query}${quoted})`;
}

/** A text of a length that fits a row; the middle of a path matters less than its ends. */
export function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
}

export function trustedMarkdown(value: string, commands: readonly string[]): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString(value, true);
  markdown.isTrusted = { enabledCommands: commands };
  return markdown;
}

/** Characters that turn the direction of text or hide are shown as a mark. */
function visible(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g,
    '\ufffd',
  );
}

function escapeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}
