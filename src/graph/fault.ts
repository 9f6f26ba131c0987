import type { Instruction, Problem, Range } from '../dockerfile/instruction';

/** Why the builder refuses an instruction when it plans the build, in its words. No step of the build runs then. */
export class PlanFault extends Error {}

export function problem(
  where: Instruction | Range,
  message: string,
  severity: Problem['severity'] = 'error',
): Problem {
  return { severity, message, range: 'range' in where ? where.range : where };
}
