import { cutAtBlank } from './blanks';
import { parseDuration } from './durations';
import { textFlag } from './flag-rules';
import type { Instruction } from './instruction';
import { jsonForm, NOT_STRINGS } from './json-form';
import { goQuoted } from './quoted';

/** What a HEALTHCHECK says; times in nanoseconds, 0 where none is given. */
export interface HealthcheckLine {
  readonly test: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly startInterval: number;
  readonly retries: number;
}

const SHORTEST = 1e6;

/** Reads `CMD` or `NONE` with the flags before it. Throws an `Error` in the builder's words. */
export function readHealthcheck(instruction: Instruction): HealthcheckLine {
  const { head, rest } = cutAtBlank(instruction.rest);
  const type = head.toUpperCase();
  if (type === 'NONE') {
    if (rest !== '') throw new Error('HEALTHCHECK NONE takes no arguments');
    return { test: ['NONE'], interval: 0, timeout: 0, startPeriod: 0, startInterval: 0, retries: 0 };
  }
  if (type !== 'CMD') throw new Error(`Unknown type ${goQuoted(type)} in HEALTHCHECK (try CMD)`);
  return {
    test: testOf(rest),
    interval: interval(instruction, 'interval'),
    timeout: interval(instruction, 'timeout'),
    startPeriod: interval(instruction, 'start-period'),
    startInterval: interval(instruction, 'start-interval'),
    retries: retries(textFlag(instruction, 'retries')),
  };
}

function testOf(command: string): string[] {
  const form = jsonForm(command);
  if (form.kind === 'not strings') throw new Error(NOT_STRINGS);
  const words = form.kind === 'strings' ? form.strings : command === '' ? [] : [command];
  if (words.length === 0) throw new Error('Missing command after HEALTHCHECK CMD');
  return [form.kind === 'strings' ? 'CMD' : 'CMD-SHELL', ...words];
}

function interval(instruction: Instruction, name: string): number {
  const text = textFlag(instruction, name);
  if (text === undefined) return 0;
  const duration = parseDuration(text);
  if (duration !== 0 && duration < SHORTEST) throw new Error(`Interval "${name}" cannot be less than 1ms`);
  return duration;
}

function retries(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^[-+]?\d+$/.test(text))
    throw new Error(`strconv.ParseInt: parsing ${goQuoted(text)}: invalid syntax`);
  const count = Number(text);
  if (Math.abs(count) > 0x7fffffff) {
    throw new Error(`strconv.ParseInt: parsing ${goQuoted(text)}: value out of range`);
  }
  if (count < 0) throw new Error(`--retries cannot be negative (${count})`);
  return count;
}
