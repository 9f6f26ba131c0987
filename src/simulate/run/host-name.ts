import type { Change } from '../../layers/change';

/** The name of the machine that a RUN sees itself on, where BuildKit builds. */
export const HOST_NAME = 'buildkitsandbox';

/** Where a builder makes up another host name for each RUN: why what was written depends on the build, if it holds the name. */
export function hostNameDoubts(changes: readonly Change[]): string[] {
  return changes.flatMap((change) => {
    if (change.kind !== 'put' || change.node.kind !== 'file' || change.node.content.kind !== 'inline')
      return [];
    const text = new TextDecoder().decode(change.node.content.bytes);
    return text.includes(HOST_NAME) ? [`${change.path}: each build has another host name`] : [];
  });
}
