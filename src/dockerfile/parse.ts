import { checkInstruction } from './check-instruction';
import { heredocsOf, readHeredocs } from './heredoc';
import type { Dockerfile, Instruction, Problem, Range } from './instruction';
import { jsonForm } from './json-form';
import { WITH_HEREDOCS, WITH_JSON } from './keywords';
import { flagRange, keywordRange } from './parts';
import { type LogicalLine, Scanner } from './scan';
import { splitCommand } from './split-command';

/**
 * Reads a Dockerfile. Never throws: what the builder's parser refuses becomes problems with ranges, all of them, where
 * the builder stops at the first. Follows BuildKit, frontend/dockerfile/parser and instructions.
 */
export function parseDockerfile(text: string): Dockerfile {
  const scanner = new Scanner(text);
  const instructions: Instruction[] = [];
  const problems: Problem[] = [];
  for (let line = scanner.next(); line; line = scanner.next()) {
    const { instruction, isOpen } = readInstruction(line, scanner);
    instructions.push(instruction);
    problems.push(...problemsOf(instruction, scanner.directives.escape));
    if (isOpen) problems.push(error('unterminated heredoc', keywordRange(instruction)));
    if (line.hasEmptyContinuation) problems.push(emptyContinuation(line, scanner));
  }
  const { directives } = scanner;
  problems.unshift(...directives.problems, ...scanner.problems, ...emptiness(text, instructions));
  return { instructions, directives: directives.values, escape: directives.escape, problems };
}

function readInstruction(line: LogicalLine, scanner: Scanner): { instruction: Instruction; isOpen: boolean } {
  const { escape } = scanner.directives;
  const read = readLine(line.text, escape);
  const inner = read.trigger ?? read;
  const words = WITH_HEREDOCS.has(inner.keyword) && !inner.json ? heredocsOf(line.text) : [];
  const { heredocs, isOpen } = readHeredocs(words, () => scanner.takeLine());
  const last = scanner.lastLine;
  const source = scanner.source(line.first, last);
  const range: Range = {
    start: { line: line.first, character: source.length - source.trimStart().length },
    end: { line: last, character: scanner.lineLength(last) },
  };
  const whole = { range, source, comments: line.comments };
  const trigger = read.trigger && { ...read.trigger, ...whole, heredocs };
  return { instruction: { ...read, ...whole, heredocs, ...(trigger && { trigger }) }, isOpen };
}

/** What one line says by itself, without here-documents and a place in the text. */
function readLine(text: string, escape: string): Instruction {
  const { keyword: typed, flags, rest } = splitCommand(text, escape);
  const keyword = typed.toUpperCase();
  const form = WITH_JSON.has(keyword) ? jsonForm(rest) : undefined;
  const nowhere: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  const common = {
    keyword,
    typed,
    text,
    flags,
    rest,
    heredocs: [],
    comments: [],
    range: nowhere,
    source: text,
  };
  const json = form?.kind === 'strings' ? form.strings : undefined;
  if (keyword !== 'ONBUILD' || rest === '') return { ...common, json };
  return { ...common, json, trigger: readLine(triggerText(text), escape) };
}

/** What stands after the ONBUILD, as the image configuration keeps it. */
export function triggerText(text: string): string {
  return text.replace(/^\s*ONBUILD\s*/i, '');
}

function problemsOf(instruction: Instruction, escape: string): Problem[] {
  const fault = checkInstruction(instruction, escape);
  if (!fault) return [];
  const range = fault.flag ? flagRange(instruction, fault.flag, escape) : keywordRange(instruction);
  if (!fault.isLater) return [error(fault.message, range)];
  return [{ severity: 'warning', message: `a build from this image would fail: ${fault.message}`, range }];
}

function emptiness(text: string, instructions: readonly Instruction[]): Problem[] {
  if (instructions.length > 0) return [];
  const message = text === '' ? 'the Dockerfile cannot be empty' : 'file with no instructions';
  return [
    error(message, {
      start: { line: 0, character: 0 },
      end: { line: 0, character: text.split(/\r?\n/, 1)[0]!.length },
    }),
  ];
}

function emptyContinuation({ first, last }: LogicalLine, scanner: Scanner): Problem {
  const range = {
    start: { line: first, character: 0 },
    end: { line: last, character: scanner.lineLength(last) },
  };
  return { severity: 'warning', message: 'Empty continuation line', range, check: 'NoEmptyContinuation' };
}

function error(message: string, range: Range): Problem {
  return { severity: 'error', message, range };
}
