import type { Instruction } from '../dockerfile/instruction';
import { expandWord } from '../dockerfile/words';
import type { Scope } from './config-instructions';
import { type Environment, expansionAt, workingDirectory } from './environment';
import type { Plan } from './steps';

/** A relative WORKDIR adds to the one before. */
export function planWorkdir(instruction: Instruction, environment: Environment, { escape }: Scope): Plan {
  const written = expandWord(instruction.rest, expansionAt(environment, escape));
  const path = written.startsWith('/') ? written : joined(workingDirectory(environment.config), written);
  const config = { ...environment.config, WorkingDir: path };
  return {
    action: { kind: 'workdir', path },
    createdBy: `WORKDIR ${path}`,
    environment: { ...environment, config },
  };
}

/** Go's path.Join: cleaned, as only relative paths are. */
function joined(folder: string, path: string): string {
  const names: string[] = [];
  for (const name of `${folder}/${path}`.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}
