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
    if (stage.isReplaced) return;
    if (stage.base.kind === 'stage') visit(stages[stage.base.stage]!);
    for (const instruction of [...triggersOf(stage), ...stage.instructions]) {
      sourcesOf(instruction, stages).stages.forEach(visit);
    }
  };
  visit(target);
  return stages.filter((stage) => reached.has(stage));
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
