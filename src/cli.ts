import path from 'node:path';
import { version } from '../package.json';
import { type CliArguments, parseArguments, USAGE, UsageError } from './cli/arguments';
import { cacheFolder } from './cli/cache-folder';
import { compare, compareJson } from './cli/compare';
import { explain, explainJson, explainText } from './cli/explain';
import { STORE_LIMIT } from './cli/images';
import { inspectJson, treeJson } from './cli/json';
import { notice } from './cli/notice';
import { fileSystemAt, openSource, type Source } from './cli/source';
import { inspectText, treeText } from './cli/text';
import { Machine } from './doors';
import type { FileSystem } from './filesystem/tree';
import { comparisonText } from './pages/comparison-text';
import type { ContextAnswer } from './pages/context-answer';
import { palette } from './pages/palette';
import { historyTable } from './pages/texts';

/** The command line: the same flow as in the editor, for a terminal and for CI. */
async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 0 || argv.includes('--help') || argv.includes('-h'))
    return say(USAGE, argv.length === 0 ? 2 : 0);
  if (argv[0] === '--version') return say(`${version}\n`, 0);
  const args = parseArguments(argv, process.env);
  if (args.command === 'explain') return answerExplain(args);
  const machine = new Machine({
    indexScript: path.join(__dirname, 'layer-index.worker.js'),
    cacheFolder: cacheFolder(process.env),
    storeLimit: STORE_LIMIT,
    notice,
  });
  if (args.command === 'compare') return answerCompare(args, machine);
  const source = await openSource(args, machine);
  await write(await answer(args, source));
  // What was listed before all of it was read may still turn out to be damaged.
  await machine.settled();
  const fails = source.problems.some(({ severity }) => severity === 'error');
  if (fails && args.command !== 'inspect') reportProblems(source);
  return fails ? 1 : 0;
}

async function answerExplain(args: CliArguments): Promise<number> {
  const explanation = await explain(args);
  await write(args.format === 'json' ? explainJson(explanation) : explainText(explanation));
  for (const problem of explanation.problems) process.stderr.write(`${problem}\n`);
  const isIn = ({ verdict }: ContextAnswer) => verdict === 'in' || verdict === 'partly';
  return explanation.answers.every(isIn) ? 0 : 1;
}

async function answerCompare(args: CliArguments, machine: Machine): Promise<number> {
  const { source, comparison } = await compare(args, machine);
  await write(
    args.format === 'json' ? compareJson(comparison) : comparisonText(comparison, terminalPalette()),
  );
  await machine.settled();
  reportProblems(source);
  return comparison.steps.some(({ verdict }) => verdict === 'differs') ? 1 : 0;
}

async function answer(args: CliArguments, source: Source): Promise<string | Uint8Array> {
  const json = args.format === 'json';
  switch (args.command) {
    case 'inspect':
      return json ? `${await inspectJson(source)}\n` : inspectText(source, terminalPalette());
    case 'tree': {
      const fileSystem = fileSystemAt(source, args);
      return json ? `${await treeJson(fileSystem, source.machine.reader)}\n` : treeText(fileSystem);
    }
    case 'history':
      return json ? `${JSON.stringify(source.history, undefined, 1)}\n` : historyTable(source.history);
    default:
      return readFile(fileSystemAt(source, args), args.paths[0]!, source);
  }
}

function terminalPalette() {
  return palette(process.stdout.isTTY === true && !process.env.NO_COLOR);
}

async function readFile(fileSystem: FileSystem, path: string, source: Source): Promise<Uint8Array> {
  const found = fileSystem.lookup(path);
  if (found.kind === 'unknown')
    throw new Error(`Cannot read "${path}": it is not known whether it is there: ${found.doubt.reason}`);
  if (found.kind === 'absent') throw new Error(`Cannot read "${path}": there is no such file`);
  const { node } = found.entry;
  if (node.kind !== 'file') throw new Error(`Cannot read "${path}": it is a ${node.kind}`);
  if (node.content.kind === 'placeholder') throw new Error(`Cannot read "${path}": ${node.content.reason}`);
  return source.machine.reader.read(node.content);
}

function reportProblems(source: Source): void {
  for (const { severity, message, range } of source.problems) {
    process.stderr.write(`line ${range.start.line + 1}: ${severity}: ${message}\n`);
  }
}

async function say(text: string, exitCode: number): Promise<number> {
  if (exitCode === 0) await write(text);
  else process.stderr.write(text);
  return exitCode;
}

/** Waits until a pipe took everything, because leaving early would cut it off. */
function write(data: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => process.stdout.write(data, () => resolve()));
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of the pipe (`| head`) has gone: there is nobody left to tell.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    const isUsage = error instanceof UsageError;
    process.stderr.write(`dockerfile-layers: ${error instanceof Error ? error.message : String(error)}\n`);
    if (isUsage && /command|SOURCE|argument|--/.test(error.message))
      process.stderr.write('Try dockerfile-layers --help\n');
    process.exitCode = 2;
  },
);
