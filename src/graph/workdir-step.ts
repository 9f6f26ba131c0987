import type { Instruction } from '../dockerfile/instruction';
import { expandWord } from '../dockerfile/words';
import { traitsOf } from './builder';
import { type Environment, expansionAt, workingDirectory } from './environment';
import type { Plan, Scope } from './steps';

/** A relative WORKDIR adds to the one before. Follows BuildKit's `dispatchWorkdir`: to go to `/` makes no layer. */
export function planWorkdir(instruction: Instruction, environment: Environment, scope: Scope): Plan {
  const written = expandWord(instruction.rest, expansionAt(environment, scope));
  const current = workingDirectory(environment.config);
  const traits = traitsOf(scope.options.builder);
  const isWhole = written.startsWith('/');
  const path =
    isWhole && traits.keepsWorkdirSpelling
      ? written
      : written === ''
        ? current
        : joined(isWhole ? '/' : current, written);
  return {
    action: path === '/' ? { kind: 'config' } : { kind: 'workdir', path },
    createdBy: `WORKDIR ${path}`,
    environment: { ...environment, config: { ...environment.config, WorkingDir: path } },
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
