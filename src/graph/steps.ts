import { checkInstruction } from '../dockerfile/check-instruction';
import type { Instruction } from '../dockerfile/instruction';
import { type Expansion, ExpansionError } from '../dockerfile/words';
import type { ImageConfig } from '../layers/image';
import type { BuildOptions } from './build-options';
import { traitsOf } from './builder';
import { classicHistory } from './classic-history';
import { classicSyntax } from './classic-syntax';
import { applyToConfig } from './config-instructions';
import { planCopy } from './copy-step';
import { type Environment, environmentVariables, startOf } from './environment';
import { PlanFault } from './fault';
import { planRun } from './run-step';
import type { Stage, StageGraph } from './stages';
import type { Action, Step } from './step';
import { triggersFor } from './triggers';
import { planWorkdir } from './workdir-step';

/** What an instruction comes to: what to do, history's words for it, and what is in force after it. */
export interface Plan {
  readonly action: Action;
  readonly createdBy: string;
  readonly environment: Environment;
}

/** What a stage's instructions may look at outside the stage. */
export interface Scope {
  readonly options: BuildOptions;
  readonly globals: ReadonlyMap<string, string>;
  readonly escape: string;
  readonly onAsked?: Expansion['onAsked'];
  readonly stage: Stage;
  readonly stages: readonly Stage[];
}

/**
 * The steps of a stage, given the configuration of its base, and where it stands on another stage, what was in force at
 * the end of that: ENV, ARG, WORKDIR, USER and SHELL followed from line to line, variables expanded, ONBUILD triggers
 * of the base put first.
 */
export function planSteps(
  stage: Stage,
  base: { readonly config: ImageConfig; readonly parent?: Environment | undefined },
  graph: StageGraph,
  options: BuildOptions,
  escape: string,
): Step[] {
  const scope: Scope = { options, globals: graph.globalArguments, escape, stage, stages: graph.stages };
  const triggers = triggersFor(stage, base.config);
  const steps: Step[] = [];
  const traits = traitsOf(options.builder);
  let environment = startOf(base.config, traits.inheritsArguments ? base.parent : undefined);
  for (const [index, instruction] of [...triggers, ...stage.instructions].entries()) {
    const unset = new Set<string>();
    const onAsked = (name: string, isSet: boolean) => isSet || unset.add(name);
    if (!traits.lastVariableWins) environment = withEnvFirst(environment);
    const plan = planFor(instruction, environment, { ...scope, onAsked });
    steps.push({
      stage: stage.index,
      ordinal: index,
      instruction,
      action: plan.action,
      isTrigger: index < triggers.length,
      createdBy: plan.createdBy,
      inHistory: !traits.historyIsOfBuildkit || instruction.keyword !== 'ONBUILD',
      environment,
      after: plan.environment,
      unset,
      fault: plan.fault,
    });
    environment = plan.environment;
  }
  return steps;
}

type PlanOrFault = Plan & { readonly fault: string | undefined };

/** The plan as the chosen builder reads the instruction, with history in its words. */
function planFor(instruction: Instruction, environment: Environment, scope: Scope): PlanOrFault {
  const traits = traitsOf(scope.options.builder);
  if (traits.readsNewSyntax) return planOrFault(instruction, environment, scope);
  const { instruction: read, fault } = classicSyntax(instruction);
  const plan = planOrFault(read, environment, scope);
  const createdBy = classicHistory(read, plan, environment, scope);
  return { ...plan, createdBy, fault: fault ?? plan.fault };
}

function withEnvFirst(environment: Environment): Environment {
  const variables = new Map([...environment.variables, ...environmentVariables(environment.config)]);
  return { ...environment, variables };
}

function planOrFault(instruction: Instruction, environment: Environment, scope: Scope): PlanOrFault {
  const refused = checkInstruction(instruction, scope.escape);
  try {
    if (instruction.keyword === '') throw new PlanFault('onbuild trigger should be a single expression');
    if (refused && !refused.isLater) throw new PlanFault(refused.message);
    return { ...planInstruction(instruction, environment, scope), fault: undefined };
  } catch (error) {
    if (!(error instanceof ExpansionError || error instanceof PlanFault)) throw error;
    return { action: { kind: 'config' }, createdBy: instruction.text, environment, fault: error.message };
  }
}

function planInstruction(instruction: Instruction, environment: Environment, scope: Scope): Plan {
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
}
