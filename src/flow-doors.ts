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
}

/** What inspections share: steps that were simulated before, and file systems of images. */
export class Memory {
  readonly steps = new SimulationMemory();
  readonly sources = new SourceMemory();
}
