import type { FileSystem } from '../filesystem/tree';
import type { Step } from '../graph/step';
import { readAccounts } from './accounts';
import { commitContainer } from './commit-container';
import { simulateCopy } from './copy-step';
import type { Inputs } from './inputs';
import { keptBy } from './layer-changes';
import { BuildError, failure, notSimulated, type Outcome } from './outcome';
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
    const result = await simulateAction(step, fileSystem, inputs);
    return result && keptBy(inputs.traits, result);
  } catch (error) {
    inputs.signal?.throwIfAborted();
    if (error instanceof BuildError) {
      return failure(step, error.message, error.commands);
    }
    // A fault of a file that could not be read, or of ours: never an empty layer that looks exact.
    const reason = error instanceof Error ? error.message : String(error);
    return notSimulated(step, reason);
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
      return inputs.traits.commitsContainers ? commitContainer(step, fileSystem, inputs) : undefined;
    case 'workdir': {
      const accounts = await readAccounts(fileSystem, inputs.reader);
      const { clock, traits } = inputs;
      const user = traits.workdirBelongsToUser ? (environment.config.User ?? '') : '0:0';
      const who = { user, accounts, clock, traits };
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
