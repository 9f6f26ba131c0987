import type { FileSystem } from '../filesystem/tree';
import type { Step } from '../graph/step';
import { unknown } from '../layers/certainty';
import { readAccounts } from './accounts';
import { simulateCopy } from './copy-step';
import type { Inputs } from './inputs';
import { BuildError, failure, type Outcome, outcome } from './outcome';
import { simulateRun } from './run-step';
import { simulateWorkdir } from './workdir';

/**
 * What a step does to the file system it starts from. `undefined` for a step that makes no layer. A failing build
 * is an outcome with `error`; only a cancelled simulation throws.
 */
export async function simulate(
  step: Step,
  fileSystem: FileSystem,
  inputs: Inputs,
): Promise<Outcome | undefined> {
  try {
    return await simulateAction(step, fileSystem, inputs);
  } catch (error) {
    inputs.signal?.throwIfAborted();
    if (error instanceof BuildError) {
      return failure(step, error.message);
    }
    // A fault of a file that could not be read, or of ours: never an empty layer that looks exact.
    const reason = error instanceof Error ? error.message : String(error);
    return outcome(step.createdBy, [], unknown(reason), { openRegions: [{ path: '/', reason }] });
  }
}

async function simulateAction(
  step: Step,
  fileSystem: FileSystem,
  inputs: Inputs,
): Promise<Outcome | undefined> {
  const { action, environment } = step;
  switch (action.kind) {
    case 'config':
      return undefined;
    case 'workdir': {
      const accounts = await readAccounts(fileSystem, inputs.reader);
      const who = { user: environment.config.User ?? '', accounts, clock: inputs.clock };
      return simulateWorkdir(action.path, step.createdBy, fileSystem, who);
    }
    case 'run':
      return simulateRun(step, action, fileSystem, inputs);
    case 'copy':
    case 'add':
      return simulateCopy(step, action, fileSystem, inputs);
    default:
      return action satisfies never;
  }
}
