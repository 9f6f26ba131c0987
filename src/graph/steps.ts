import type { Instruction, Problem } from '../dockerfile/instruction';
import { readInstruction } from '../dockerfile/parse';
import { ExpansionError } from '../dockerfile/words';
import type { ImageConfig } from '../layers/image';
import type { BuildOptions } from './build-options';
import { applyToConfig, type Scope } from './config-instructions';
import { planCopy } from './copy-step';
import { type Environment, startOf } from './environment';
import { planRun } from './run-step';
import type { Stage, StageGraph } from './stages';
import { problem } from './stages';
import type { Action, Step } from './step';
import { planWorkdir } from './workdir-step';

/** What an instruction comes to: what to do, history's words for it, and what is in force after it. */
export interface Plan {
  readonly action: Action;
  readonly createdBy: string;
  readonly environment: Environment;
  readonly problems?: readonly Problem[];
}

/**
 * The steps of a stage, given the configuration of its base: ENV, ARG, WORKDIR, USER and SHELL followed from line
 * to line, variables expanded, ONBUILD triggers of the base put first.
 */
export function planSteps(
  stage: Stage,
  base: ImageConfig,
  graph: StageGraph,
  options: BuildOptions,
  escape: string,
): Step[] {
  const { OnBuild = [], ...inherited } = base;
  const scope: Scope = { options, globals: graph.globalArguments, escape };
  const triggers = OnBuild.map((line) => readInstruction(line.split('\n'), stage.from.range, escape)).filter(
    (item) => item !== undefined,
  );
  const steps: Step[] = [];
  let environment = startOf(inherited);
  for (const [index, instruction] of [...triggers, ...stage.instructions].entries()) {
    const plan = planInstruction(instruction, environment, scope);
    steps.push({
      stage: stage.index,
      ordinal: index,
      instruction,
      action: plan.action,
      isTrigger: index < triggers.length,
      createdBy: plan.createdBy,
      environment,
      config: plan.environment.config,
      problems: plan.problems ?? [],
    });
    environment = plan.environment;
  }
  return steps;
}

function planInstruction(instruction: Instruction, environment: Environment, scope: Scope): Plan {
  try {
    switch (instruction.keyword) {
      case 'RUN':
        return planRun(instruction, environment, scope);
      case 'COPY':
      case 'ADD':
        return planCopy(instruction, environment, scope);
      case 'WORKDIR':
        return planWorkdir(instruction, environment, scope);
      default:
        return applyToConfig(instruction, environment, scope);
    }
  } catch (error) {
    if (!(error instanceof ExpansionError)) throw error;
    const message = `failed to process "${instruction.rest}": ${error.message}`;
    return {
      action: { kind: 'config' },
      createdBy: instruction.text,
      environment,
      problems: [problem(instruction, message)],
    };
  }
}

/** The configuration that a stage ends with. */
export function configAfter(steps: readonly Step[], base: ImageConfig): ImageConfig {
  const last = steps[steps.length - 1];
  if (last) return last.config;
  const { OnBuild: _fired, ...inherited } = base;
  return startOf(inherited).config;
}
