import { type SourceDoors, SourceMemory } from './build-sources';
import type { BuildContext } from './context/build-context';
import type { Inputs } from './simulate/inputs';
import { SimulationMemory } from './simulate/memory';
import type { AskRemoteSize } from './simulate/remote-sizes';

/** What the flow needs from outside. */
export interface Doors extends SourceDoors {
  /** The build context, opened when a step first asks for it. */
  readonly context: () => BuildContext | undefined;
  /** Asks a server for the size of a file; left out unless the user allowed it. */
  readonly remoteSize?: AskRemoteSize;
  readonly inputs: Omit<Inputs, 'context' | 'source' | 'remoteSizes' | 'signal' | 'architecture' | 'traits'>;
  readonly memory?: Memory;
  readonly watch?: StepWatch;
}

/** Whoever watches over the thread that simulates, and ends it when it hangs. */
export interface StepWatch {
  /** Says what is simulated now; the function says that it is over. */
  begin(name: string): () => void;
  /** Why a step is not to be simulated again, if an earlier thread hung in it or died of it. */
  hung(name: string): string | undefined;
}

/** What inspections share: steps that were simulated before, and file systems of images. */
export class Memory {
  readonly steps = new SimulationMemory();
  readonly sources = new SourceMemory();
}
