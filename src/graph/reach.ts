import type { Instruction } from '../dockerfile/instruction';
import type { BuilderTraits } from './builder';
import { type Stage, sourcesOf } from './stages';

/** What a stage's build needs besides its base. */
export type Triggers = (stage: Stage) => readonly Instruction[];

/**
 * The stages that a target reaches: those it stands on and those it copies or mounts from, and theirs. In the order of
 * the file, in which each comes after those it needs.
 */
function reachedBy(target: Stage, stages: readonly Stage[], triggersOf: Triggers): Stage[] {
  const reached = new Set<Stage>();
  const visit = (stage: Stage) => {
    if (reached.has(stage)) return;
    reached.add(stage);
    takenFrom(stage, stages, triggersOf).forEach(visit);
  };
  visit(target);
  return stages.filter((stage) => reached.has(stage));
}

/** The stages that one stands on, copies or mounts from. */
function takenFrom(stage: Stage, stages: readonly Stage[], triggersOf: Triggers): Stage[] {
  if (stage.isReplaced) return [];
  const base = stage.base.kind === 'stage' ? [stages[stage.base.stage]!] : [];
  const instructions = [...triggersOf(stage), ...stage.instructions];
  return [...base, ...instructions.flatMap((instruction) => sourcesOf(instruction, stages).stages)];
}

/** The earlier stages that have to be built before this one; the classic builder builds one after the other. */
export function builtBefore(
  stage: Stage,
  stages: readonly Stage[],
  triggersOf: Triggers,
  { buildsAllStages }: BuilderTraits,
): Stage[] {
  if (buildsAllStages) return stages.slice(0, stage.index);
  return takenFrom(stage, stages, triggersOf).filter(({ index }) => index < stage.index);
}

/** What a build of the target builds: what it needs, or with the classic builder all stages before it as well. */
export function builtFor(
  target: Stage,
  stages: readonly Stage[],
  triggersOf: Triggers,
  { buildsAllStages }: BuilderTraits,
): readonly Stage[] {
  return buildsAllStages ? stages.slice(0, target.index + 1) : reachedBy(target, stages, triggersOf);
}

/** The images that a stage copies or mounts from. */
export function imagesOf(stage: Stage, stages: readonly Stage[], triggersOf: Triggers): string[] {
  const instructions = stage.isReplaced ? [] : [...triggersOf(stage), ...stage.instructions];
  return [...new Set(instructions.flatMap((instruction) => sourcesOf(instruction, stages).images))];
}
