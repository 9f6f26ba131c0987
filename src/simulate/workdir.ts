import type { FileSystem } from '../filesystem/tree';
import { WritableLayer } from '../filesystem/writable';
import type { BuilderTraits } from '../graph/builder';
import { EXACT, modelled } from '../layers/certainty';
import { containerPath } from '../layers/path';
import { type Accounts, namesSomebody, ownerOf } from './accounts';
import { restingOnGuess } from './guesses';
import { changesIn } from './layer-changes';
import { makeFoldersOrFail } from './make-folders';
import { type Outcome, outcome } from './outcome';

/** WORKDIR makes the missing folders, 0755, owned by the USER in force; links on the way are followed. */
export async function simulateWorkdir(
  path: string,
  createdBy: string,
  fileSystem: FileSystem,
  who: { user: string; accounts: Accounts; clock: () => number; traits: BuilderTraits },
): Promise<Outcome> {
  const layer = new WritableLayer(fileSystem, who.clock);
  const target = containerPath(path);
  makeFoldersOrFail(layer, target, { mode: 0o755, ...madeBy(who) });
  const changes = await changesIn(layer, who.traits, {});
  const reasons = [...layer.takeDoubts().values()].map(({ reason }) => reason);
  if (who.accounts.doubt && namesSomebody(who.user)) reasons.push(who.accounts.doubt);
  const [first] = reasons;
  if (first === undefined) return outcome(createdBy, changes, EXACT);
  return restingOnGuess(outcome(createdBy, changes, modelled(...new Set(reasons))), fileSystem, first);
}

/** Without a USER nobody is named, so a setgid folder hands its group on. */
function madeBy({ user, accounts }: { user: string; accounts: Accounts }) {
  return user === '' ? { uid: 0, gid: undefined } : ownerOf(user, accounts);
}
