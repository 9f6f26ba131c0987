import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext } from '../context/build-context';
import { dockerfileName, Machine } from '../doors';
import { answerWords, type ContextAnswer, explainPath } from '../pages/context-answer';
import { type CliArguments, UsageError } from './arguments';
import { locate } from './source';

export interface Explanation {
  readonly answers: readonly ContextAnswer[];
  /** What is wrong with the ignore file. */
  readonly problems: readonly string[];
}

/** Answers for each PATH why it is in the build context or not. Throws `UsageError`. */
export async function explain(args: CliArguments, machine = new Machine()): Promise<Explanation> {
  const { contextFolder, dockerfile } = await locate(args);
  const name = dockerfileName(contextFolder, dockerfile);
  const context = machine.doors({ contextFolder, dockerfile: name, images: {} }).context();
  if (!context) throw new UsageError(`Cannot read "${args.source}": it is no context folder`);
  const answers = args.paths.map(async (written) => {
    const answer = explainPath(context, await pathIn(contextFolder, written, context));
    return answer.verdict === 'outside' ? { ...answer, path: written } : answer;
  });
  return {
    answers: await Promise.all(answers),
    problems: context.ignore.problems.map(
      ({ line, message }) => `${context.ignoreFile} line ${line + 1}: ${message}`,
    ),
  };
}

/**
 * A PATH is meant from the context's root, as in COPY. What is not there may be meant from the working folder, as
 * a shell completes it; an absolute path is one of this machine.
 */
async function pathIn(contextFolder: string, written: string, context: BuildContext): Promise<string> {
  const fromRoot = portable(written);
  if (!path.isAbsolute(written) && context.find(fromRoot).kind === 'found') return fromRoot;
  const place = path.resolve(written);
  const isThere = await lstat(place).then(
    () => true,
    () => false,
  );
  const relative = path.relative(contextFolder, place);
  const isInside = relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
  if (isInside && (isThere || path.isAbsolute(written))) return portable(relative);
  return path.isAbsolute(written) ? '..' : fromRoot;
}

function portable(place: string): string {
  return place.split(path.sep).join('/');
}

export function explainText({ answers }: Explanation): string {
  return answers.map((answer) => `${answerWords(answer)}\n`).join('');
}

/** Lines count from 1 here, as in problems. */
export function explainJson({ answers, problems }: Explanation): string {
  const rows = answers.map(({ path: place, verdict, rule, ignoreFile }) => ({
    path: place,
    verdict,
    ...(ignoreFile !== undefined && { ignore_file: ignoreFile }),
    ...(rule && { pattern: rule.pattern, line: rule.line + 1 }),
    ...(rule?.through !== undefined && { through: rule.through }),
  }));
  return `${JSON.stringify({ answers: rows, problems }, undefined, 1)}\n`;
}
