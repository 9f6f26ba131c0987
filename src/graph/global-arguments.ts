import { argumentsOf } from '../dockerfile/arguments';
import type { Instruction, Problem } from '../dockerfile/instruction';
import { ExpansionError, expandWord } from '../dockerfile/words';
import type { BuildOptions } from './build-options';
import { problem } from './fault';

export interface GlobalArguments {
  /** The ARGs before the first FROM that have a value. */
  readonly values: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

/** What the ARGs before the first FROM come to. Only FROM lines see them, and a bare `ARG NAME` in a stage. */
export function readGlobalArguments(
  lines: readonly Instruction[],
  automatic: ReadonlyMap<string, string>,
  { buildArgs }: Pick<BuildOptions, 'buildArgs'>,
  escape: string,
): GlobalArguments {
  const values = new Map<string, string>();
  const problems: Problem[] = [];
  for (const line of lines) {
    for (const { name, value } of argumentsOf(line, escape)) {
      try {
        const variables = new Map([...automatic, ...values]);
        const given =
          buildArgs[name] ?? (value === undefined ? undefined : expandWord(value, { variables, escape }));
        if (given !== undefined) values.set(name, given);
      } catch (error) {
        if (!(error instanceof ExpansionError)) throw error;
        problems.push(problem(line, error.message));
      }
    }
  }
  return { values, problems };
}
