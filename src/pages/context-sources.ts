import type { Instruction } from '../dockerfile/instruction';
import { parseDockerfile } from '../dockerfile/parse';

const ENOUGH = 12;

/**
 * The first paths that a Dockerfile takes from its build context, without leading `/` or `./`. Of a pattern the
 * folders before it; what hangs on a variable is left out. Tells which folder may be the context.
 */
export function contextSources(text: string): string[] {
  const sources = new Set<string>();
  for (const instruction of parseDockerfile(text).instructions) {
    if (sources.size >= ENOUGH) break;
    for (const source of sourcesOf(instruction)) {
      const path = fixedPart(source);
      if (path !== '') sources.add(path);
    }
  }
  return [...sources].slice(0, ENOUGH);
}

function sourcesOf({ keyword, flags, json, rest }: Instruction): string[] {
  const takesFromContext = (keyword === 'COPY' || keyword === 'ADD') && !flags.some(isFrom);
  if (!takesFromContext) return [];
  const words = [...(json ?? rest.split(/\s+/))].slice(0, -1);
  return words.filter((word) => !word.startsWith('<<') && !/^\w+:\/\/|^git@/.test(word));
}

function isFrom({ name }: Instruction['flags'][number]): boolean {
  return name === 'from';
}

function fixedPart(source: string): string {
  const names = source.split('/').filter((name) => name !== '' && name !== '.');
  const open = names.findIndex((name) => /[$*?[\\]|^\.\.$/.test(name));
  return (open < 0 ? names : names.slice(0, open)).join('/');
}
