import { readFileSync } from 'node:fs';
import path from 'node:path';

/** One script of a list: what a RUN would be given. */
export interface Script {
  /** `topic/name`. */
  readonly name: string;
  readonly text: string;
  readonly shell: '/bin/sh' | '/bin/bash';
  /** A user of the base, root unless given. */
  readonly user: string;
  readonly environment: Readonly<Record<string, string>>;
}

const HEAD = /^### (\S+)((?: \S+)*)$/;

/**
 * Reads a list: scripts one after the other, each below a line `### NAME [bash] [user=NAME] [env=NAME=VALUE]…`.
 * Lines before the first are the list's own remarks. Throws for a name that comes twice and a word it does not know.
 */
export function readScripts(file: string): Script[] {
  const topic = path.basename(file, path.extname(file));
  const scripts: Script[] = [];
  let lines: string[] | undefined;
  let head: Omit<Script, 'text'> | undefined;
  const finish = () => {
    if (head && lines) scripts.push({ ...head, text: lines.join('\n').trimEnd() });
  };
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const found = HEAD.exec(line);
    if (!found) {
      lines?.push(line);
      continue;
    }
    finish();
    head = headOf(`${topic}/${found[1]}`, found[2]!.trim().split(' ').filter(Boolean));
    lines = [];
  }
  finish();
  const names = scripts.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`Cannot read "${file}": ${twice} comes twice`);
  return scripts;
}

function headOf(name: string, words: readonly string[]): Omit<Script, 'text'> {
  const environment: Record<string, string> = {};
  let shell: Script['shell'] = '/bin/sh';
  let user = 'root';
  for (const word of words) {
    const [key, ...rest] = word.split('=');
    if (word === 'bash') shell = '/bin/bash';
    else if (key === 'user') user = rest.join('=');
    else if (key === 'env') environment[rest[0]!] = rest.slice(1).join('=');
    else throw new Error(`${name}: "${word}" is not known; there are bash, user= and env=`);
  }
  return { name, shell, user, environment };
}
