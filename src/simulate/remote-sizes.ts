import type { Step } from '../graph/step';
import type { RemoteSize } from './inputs';

/** Asks a server how large a file is. Never rejects unless `signal` is aborted. */
export type AskRemoteSize = (url: string, signal?: AbortSignal) => Promise<RemoteSize>;

/** The sizes of what an ADD downloads, as far as they may be asked for. */
export async function remoteSizesOf(
  { action }: Step,
  ask: AskRemoteSize | undefined,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, RemoteSize>> {
  if (!ask || action.kind !== 'add') return new Map();
  const urls = action.sources.flatMap((source) => (source.kind === 'url' ? source.url : []));
  return new Map(await Promise.all(urls.map(async (url) => [url, await ask(url, signal)] as const)));
}
