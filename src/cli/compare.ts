import { type Comparison, compareWithImage } from '../comparison';
import type { Machine } from '../doors';
import { layerSize } from '../layers/layer';
import { type CliArguments, UsageError } from './arguments';
import { openSource, type Source } from './source';

/** A Dockerfile beside an image that was built from it. Throws `UsageError` where one of them cannot be read. */
export async function compare(
  args: CliArguments,
  machine: Machine,
): Promise<{ source: Source; comparison: Comparison }> {
  const source = await openSource(args, machine);
  if (!source.inspection) throw new UsageError(`Cannot compare "${args.source}": it is not a Dockerfile`);
  const built = await openSource({ ...args, source: args.paths[0]! }, machine);
  if (!built.image) throw new UsageError(`Cannot compare with "${args.paths[0]}": it is not an image`);
  try {
    return { source, comparison: await compareWithImage(source.inspection, built.image, machine.reader) };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

export function compareJson({ image, steps, base, unmatched, isSameBase }: Comparison): string {
  const row = ({ index, entry, layer }: Comparison['base'][number]) => ({
    row: index,
    createdBy: entry.created_by ?? '',
    ...(layer && { size: layerSize(layer), diffId: layer.diffId }),
  });
  return `${JSON.stringify(
    {
      image: image.name,
      ...(isSameBase !== undefined && { sameBase: isSameBase }),
      base: base.map(row),
      steps: steps.map(({ step, row: found, by, verdict, differences }) => ({
        line: step.step.instruction.range.start.line + 1,
        createdBy: step.step.createdBy,
        verdict,
        ...(step.outcome && {
          predictedSize: layerSize(step.outcome.layer),
          certainty: step.outcome.layer.certainty.level,
        }),
        ...(found && { real: row(found) }),
        ...(by === 'kind' && { otherWords: true }),
        differences: differences.map(({ path, kind, aspects, doubt }) => ({ path, kind, aspects, doubt })),
      })),
      unmatched: unmatched.map(row),
    },
    undefined,
    1,
  )}\n`;
}
