import type { InspectedStage, Inspection } from '../../src/inspection';
import type { Asked } from './assumed/assume';

/** What a build takes from outside its Dockerfile. */
export interface Needs {
  /** What COPY and ADD name of the context. */
  readonly sources: readonly string[];
  readonly images: ReadonlyMap<string, Asked>;
}

export function needsOf(planned: Inspection): Needs {
  const sources: string[] = [];
  const images = new Map<string, { scripts: string; users: string[]; paths: string[] }>();
  const entryOf = (reference: string) => {
    const entry = images.get(reference) ?? { scripts: '', users: [], paths: [] };
    images.set(reference, entry);
    return entry;
  };
  for (const stage of planned.stages) {
    if (!stage.isReached) continue;
    const reference = rootImage(stage, planned);
    if (reference !== undefined) {
      const entry = entryOf(reference);
      entry.scripts += scriptsOf(stage);
      entry.users.push(...usersOf(stage));
    }
    for (const { step } of stage.steps) {
      if (step.action.kind !== 'copy' && step.action.kind !== 'add') continue;
      const { from } = step.action;
      const paths = step.action.sources.flatMap((source) => (source.kind === 'path' ? [source.path] : []));
      if (from === undefined) sources.push(...paths);
      else if (!isStage(from, planned))
        entryOf(from).paths.push(...paths.map((path) => `/${path.replace(/^\/+/, '')}`));
    }
  }
  for (const entry of images.values()) {
    // A user that a RUN names may be made there.
    const isMade = (name: string) =>
      new RegExp(`\\b\\w*(?:user|group)\\w*\\b[^\\n]*\\b${name}\\b`).test(entry.scripts);
    entry.users = [...new Set(entry.users)].filter((name) => !isMade(name));
  }
  return { sources, images };
}

function isStage(from: string, { stages }: Inspection): boolean {
  return stages.some(({ stage }) => stage.name === from.toLowerCase() || stage.index.toString() === from);
}

function rootImage({ stage: { base } }: InspectedStage, planned: Inspection): string | undefined {
  if (base.kind === 'image') return base.reference;
  return base.kind === 'stage' ? rootImage(planned.stages[base.stage]!, planned) : undefined;
}

function scriptsOf({ steps }: InspectedStage): string {
  const runs = steps.filter(({ step }) => step.action.kind === 'run');
  return runs.map(({ step }) => `${step.instruction.source.replace(/\\\n/g, ' ')}\n`).join('');
}

function usersOf({ steps }: InspectedStage): string[] {
  return steps.flatMap(({ step }) => {
    const { User = '' } = step.after.config;
    const chown = step.action.kind === 'copy' || step.action.kind === 'add' ? (step.action.chown ?? '') : '';
    const names = [User, chown].map((owner) => owner.split(':')[0]!);
    return names.filter((name) => /^[a-z_][\w-]*$/i.test(name) && name !== 'root');
  });
}
