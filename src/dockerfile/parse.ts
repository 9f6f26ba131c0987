import { DockerfileParser } from 'dockerfile-ast';
import { splitFlags } from './flags';
import { type HeredocWord, heredocsOf, readHeredocs } from './heredoc';
import type { Dockerfile, Instruction, Problem, Range } from './instruction';
import { jsonArray } from './json-form';
import { joinLines } from './lines';

/** https://docs.docker.com/reference/dockerfile/ */
export const KEYWORDS: ReadonlySet<string> = new Set([
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'MAINTAINER',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]);
const WITH_HEREDOCS = new Set(['ADD', 'COPY', 'RUN']);

/**
 * Reads a Dockerfile. Never throws: what cannot be understood becomes problems with ranges. Where an instruction
 * begins and ends and what the directives say is dockerfile-ast's; the words follow BuildKit's parser.
 */
export function parseDockerfile(text: string): Dockerfile {
  const ast = DockerfileParser.parse(text);
  const escape = ast.getEscapeCharacter();
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const problems: Problem[] = [];
  const instructions: Instruction[] = [];
  for (const node of ast.getInstructions()) instructions.push(...readLines(lines, node.getRange(), escape));
  for (const instruction of instructions) problems.push(...problemsOf(instruction));
  if (!instructions.some(({ keyword }) => keyword === 'FROM')) {
    problems.push({ severity: 'error', message: noStages(instructions), range: firstLine(lines) });
  }
  const directives = new Map(
    ast.getDirectives().map((item) => [item.getName().toLowerCase(), item.getValue()]),
  );
  return { instructions, directives, escape, problems };
}

/**
 * The instruction at a range. It is more than one where dockerfile-ast takes an escaped escape character at the end of
 * a line (`\\\\`) for a continuation, which the builder does not.
 */
function readLines(lines: readonly string[], { start, end }: Range, escape: string): Instruction[] {
  const found: Instruction[] = [];
  for (let line = start.line; line <= end.line; ) {
    const raw = lines.slice(line, end.line + 1);
    const { instruction, used } = takeInstruction(raw, { start: { line, character: 0 }, end }, escape);
    const last = line + used - 1;
    if (instruction) {
      const character = line === start.line ? start.character : 0;
      const stop = last >= end.line ? end : { line: last, character: lines[last]!.length };
      found.push({ ...instruction, range: { start: { line, character }, end: stop } });
    }
    line += used;
  }
  return found;
}

/** Reads one instruction out of its raw lines, such as an ONBUILD trigger of a base image. */
export function readInstruction(
  raw: readonly string[],
  range: Range,
  escape: string,
): Instruction | undefined {
  return takeInstruction(raw, range, escape).instruction;
}

/** `used` counts the lines that belong to the instruction, its here-documents among them. */
function takeInstruction(
  raw: readonly string[],
  range: Range,
  escape: string,
): { instruction: Instruction | undefined; used: number } {
  const { text, used } = joinLines(raw, escape);
  const [, keyword = '', line = ''] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
  if (keyword === '' || keyword.startsWith('#')) return { instruction: undefined, used };
  const upper = keyword.toUpperCase();
  const inner = upper === 'ONBUILD' ? line.split(/\s/, 1)[0]!.toUpperCase() : upper;
  const words: HeredocWord[] = WITH_HEREDOCS.has(inner) ? heredocsOf(line, escape) : [];
  const { heredocs, lines } = readHeredocs(words, raw.slice(used));
  const common = { keyword: upper, range, text, heredocs };
  if (upper === 'ONBUILD') {
    const trigger = readInstruction([line, ...raw.slice(used)], range, escape);
    const onbuild = { ...common, flags: [], rest: line, json: undefined, ...(trigger && { trigger }) };
    return { instruction: onbuild, used: used + lines };
  }
  const { flags, rest } = splitFlags(line);
  return { instruction: { ...common, flags, rest, json: jsonArray(rest) }, used: used + lines };
}

function problemsOf(instruction: Instruction): Problem[] {
  const { keyword, range } = instruction;
  const error = (message: string): Problem[] => [
    { severity: 'error', message, range: headOf(range, keyword) },
  ];
  if (!KEYWORDS.has(keyword)) return error(`unknown instruction: ${keyword}`);
  if (keyword === 'ONBUILD')
    return instruction.trigger
      ? onbuildProblems(instruction.trigger, error)
      : error('ONBUILD requires at least one argument');
  if (
    instruction.rest === '' &&
    instruction.heredocs.length === 0 &&
    keyword !== 'CMD' &&
    keyword !== 'ENTRYPOINT'
  ) {
    return error(
      keyword === 'SHELL'
        ? 'SHELL requires the arguments to be in JSON form'
        : `${keyword} requires at least one argument`,
    );
  }
  if (keyword === 'SHELL' && !instruction.json)
    return error('SHELL requires the arguments to be in JSON form');
  return [];
}

function onbuildProblems(trigger: Instruction, error: (message: string) => Problem[]): Problem[] {
  if (trigger.keyword === 'ONBUILD') return error("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (trigger.keyword === 'FROM' || trigger.keyword === 'MAINTAINER')
    return error(`${trigger.keyword} isn't allowed as an ONBUILD trigger`);
  return KEYWORDS.has(trigger.keyword) ? [] : error(`unknown instruction: ${trigger.keyword}`);
}

function noStages(instructions: readonly Instruction[]): string {
  return instructions.length === 0
    ? 'the Dockerfile is empty: it needs at least one FROM'
    : 'no build stage in current context: a Dockerfile begins with FROM';
}

/** The keyword alone, so that a squiggle does not run over ten lines. */
function headOf(range: Range, keyword: string): Range {
  return {
    start: range.start,
    end: { line: range.start.line, character: range.start.character + keyword.length },
  };
}

function firstLine(lines: readonly string[]): Range {
  return { start: { line: 0, character: 0 }, end: { line: 0, character: lines[0]?.length ?? 0 } };
}
