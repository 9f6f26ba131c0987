import type { Instruction } from '../dockerfile/instruction';
import { parseDockerfile, triggerText } from '../dockerfile/parse';
import type { ImageConfig } from '../layers/image';
import type { Stage } from './stages';

/** The ONBUILD triggers in a base's configuration, ready for the stage that makes them fire. */
export function triggersFor(stage: Stage, base: ImageConfig): Instruction[] {
  return (base.OnBuild ?? []).map((text) => readTrigger(text, stage.from));
}

/** The ONBUILD triggers of a stage in the same file, as an image configuration keeps them. */
export function triggerTexts({ instructions }: Pick<Stage, 'instructions'>): string[] {
  return instructions.filter(({ keyword }) => keyword === 'ONBUILD').map(triggerOf);
}

/** The instruction after the ONBUILD, its here-documents among it. */
export function triggerOf({ text, heredocs }: Instruction): string {
  return [triggerText(text), ...heredocs.map(({ raw, name }) => raw + name)].join('\n');
}

/** A trigger is read when it fires, as a Dockerfile of its own; it lies where the FROM does. */
function readTrigger(text: string, { range, source }: Instruction): Instruction {
  const { instructions } = parseDockerfile(text);
  const nothing = {
    keyword: '',
    typed: '',
    text,
    flags: [],
    rest: '',
    json: undefined,
    heredocs: [],
    comments: [],
  };
  return { ...(instructions.length === 1 ? instructions[0]! : nothing), range, source };
}
