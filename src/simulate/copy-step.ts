import type { ArchiveEntry } from '../archive/archive-entries';
import { isArchiveFault } from '../archive/fault';
import { type BuildContext, contextDoubts, ignoreProblemWords } from '../context/build-context';
import { IgnoreRules } from '../context/ignore';
import { PosixError } from '../filesystem/posix';
import { type Doubt, FileSystem } from '../filesystem/tree';
import { WritableLayer } from '../filesystem/writable';
import { COPIED_DIGEST } from '../graph/classic-history';
import { workingDirectory } from '../graph/environment';
import type { CopyAction, CopySource, Step } from '../graph/step';
import { EXACT, modelled, unknown } from '../layers/certainty';
import { type Content, inlineContent } from '../layers/content';
import type { OpenRegion } from '../layers/layer';
import { childPath } from '../layers/path';
import {
  type Accounts,
  NO_ACCOUNTS,
  namesSomebody,
  type Owner,
  ownerOf,
  readAccounts,
  strictOwnerOf,
} from './accounts';
import { unpackArchive } from './add-archive';
import { addDownload, addRepository, type Fetched } from './add-remote';
import { copyThroughArchive, unpackThroughArchive } from './archive-copy';
import { kindOfSources, pickForArchive } from './archive-sources';
import { type CopyOptions, copyTree, type Destination, destinationOf } from './copy';
import { modeRule } from './copy-mode';
import { copyWithParents } from './copy-parents';
import { type CopyRoot, checkLinksInRoot, type Picked, pickSources } from './copy-sources';
import { restingOnGuess, withUnreadWhiteouts } from './guesses';
import type { Inputs } from './inputs';
import { changesIn } from './layer-changes';
import { BuildError, comparing, type Outcome, outcome } from './outcome';

/** COPY and ADD. Throws `BuildError` where the builder fails. */
export async function simulateCopy(
  step: Step,
  action: CopyAction,
  fileSystem: FileSystem,
  inputs: Inputs,
): Promise<Outcome> {
  return new CopyStep(step, action, fileSystem, inputs).run();
}

class CopyStep {
  private readonly layer: WritableLayer;
  private readonly destination: Destination;
  private readonly reasons = new Set<string>();
  private readonly openRegions: OpenRegion[] = [];
  private isGuess = false;
  private granted: string | undefined;

  constructor(
    private readonly step: Step,
    private readonly action: CopyAction,
    private readonly below: FileSystem,
    private readonly inputs: Inputs,
  ) {
    this.layer = new WritableLayer(this.standsAlone() ? FileSystem.empty : below, inputs.clock);
    const { destination } = action;
    const found = destinationOf(destination, workingDirectory(step.environment.config));
    // To the classic builder `.` is a name like any other.
    const isFolder = inputs.traits.copiesThroughArchives ? destination.endsWith('/') : found.isFolder;
    this.destination = { ...found, isFolder };
  }

  /** With --link the layer is made as if nothing were below; --chmod takes that back without a word. */
  private standsAlone(): boolean {
    return this.action.link && !this.action.chmod && this.inputs.traits.linkStandsAlone;
  }

  async run(): Promise<Outcome> {
    const options = await this.options();
    const createdBy = this.historyWords();
    for (const source of this.action.sources) {
      this.inputs.signal?.throwIfAborted();
      try {
        await this.copy(source, options);
      } catch (error) {
        if (error instanceof PosixError) throw new BuildError(error.message);
        throw error;
      }
    }
    const changes = await changesIn(this.layer, this.inputs.traits, {
      compare: comparing(this.inputs.reader),
    });
    for (const doubt of this.layer.takeDoubts().values()) this.takeForGranted(doubt.reason);
    const reasons = [...this.reasons];
    const certainty =
      reasons.length === 0 ? EXACT : this.isGuess ? unknown(...reasons) : modelled(...reasons);
    const done = outcome(createdBy, changes, certainty, { openRegions: this.openRegions });
    const told = withUnreadWhiteouts(done, this.layer);
    return this.granted === undefined ? told : restingOnGuess(told, this.below, this.granted);
  }

  /** What decides where and as whose something is put is not known; the likely is taken for what happens. */
  private takeForGranted(reason: string): void {
    this.reasons.add(reason);
    this.granted ??= reason;
  }

  private async options(): Promise<CopyOptions> {
    const { chown, chmod, excludes, from } = this.action;
    const { ownersMustExist } = this.inputs.traits;
    const needsNames = chown !== undefined && (ownersMustExist || namesSomebody(chown));
    // A layer that stands alone has no /etc/passwd to look names up in, and the builder gives up in these words.
    if (needsNames && !ownersMustExist && (this.standsAlone() || this.below === FileSystem.empty))
      throw new BuildError('invalid user index: -1');
    const accounts = needsNames ? await readAccounts(this.below, this.inputs.reader) : NO_ACCOUNTS;
    if (accounts.doubt) this.takeForGranted(accounts.doubt);
    return {
      owner: this.ownerOf(chown, accounts),
      chmod: chmod === undefined ? undefined : modeRule(chmod),
      excludes: excludesOf(excludes),
      keepsOwners: from !== undefined,
    };
  }

  private ownerOf(chown: string | undefined, accounts: Accounts): Owner | undefined {
    const { copiesThroughArchives, ownersMustExist } = this.inputs.traits;
    if (chown === undefined)
      return copiesThroughArchives && this.action.from === undefined ? { uid: 0, gid: 0 } : undefined;
    if (!ownersMustExist) return ownerOf(chown, accounts);
    const owner = strictOwnerOf(chown, accounts);
    if (typeof owner !== 'string') return owner;
    if (!accounts.doubt)
      throw new BuildError(`unable to convert uid/gid chown string to host mapping: ${owner}`);
    return { uid: 0, gid: 0 };
  }

  /** What a copy through an archive is called depends on what there is to copy. */
  private historyWords(): string {
    const { createdBy } = this.step;
    const readsRoot = this.action.sources.some(({ kind }) => kind === 'path');
    if (!this.inputs.traits.copiesThroughArchives || !readsRoot) return createdBy;
    const kind = kindOfSources(this.action, this.root(), this.destination);
    return createdBy.replace(`file:${COPIED_DIGEST}`, `${kind}:${COPIED_DIGEST}`);
  }

  private async copy(source: CopySource, options: CopyOptions): Promise<void> {
    switch (source.kind) {
      case 'heredoc':
        return this.put(source.heredoc.name, inlineContent(source.content), 0o644, options);
      case 'url': {
        const size = this.inputs.remoteSizes.get(source.url);
        return this.keep(addDownload(source.url, this.action, size, this.target(options)));
      }
      case 'git':
        return this.keep(addRepository(source.url, this.action, this.target(options)));
      default:
        return this.copyPath(source.path, options);
    }
  }

  private target(options: CopyOptions) {
    return { destination: this.destination, layer: this.layer, options };
  }

  /** Something certainly comes, and what it is is not known. */
  private keep({ reason, openRegion }: Fetched): void {
    this.reasons.add(reason);
    if (openRegion) this.openRegions.push(openRegion);
  }

  private async copyPath(path: string, options: CopyOptions): Promise<void> {
    const root = this.root();
    if (!root) return;
    if (this.action.parents) {
      copyWithParents(path, root.fileSystem, this.destination, this.layer, options);
      for (const doubt of root.fileSystem.doubts) this.reasons.add(doubt.reason);
      this.checkContext(root);
      return;
    }
    const pick = this.inputs.traits.copiesThroughArchives ? pickForArchive : pickSources;
    const { picked, doubts, missing, unsent } = pick(path, root);
    for (const reason of unsent) this.takeForGranted(reason);
    for (const doubt of doubts) this.doubtSource(doubt, picked);
    if (missing) this.guess(missing.reason);
    for (const source of picked) {
      checkLinksInRoot(source, root, options.excludes);
      if (!(await this.unpacked(source, options))) this.copyTree(source, options);
    }
    this.checkContext(root);
  }

  private copyTree(source: Picked, options: CopyOptions): void {
    const { traits } = this.inputs;
    if (traits.copiesThroughArchives) copyThroughArchive(source, this.destination, this.layer, options.owner);
    else copyTree(source, this.destination, this.layer, options);
  }

  /** What COPY takes from, unless that is not known. */
  private root(): CopyRoot | undefined {
    const { from } = this.action;
    if (from === undefined) {
      const { context } = this.inputs;
      if (!context) this.guess('there is no build context: the Dockerfile is in no folder');
      if (!context) return undefined;
      return contextRoot(context, 'context');
    }
    const found = this.inputs.source(from, 'copy');
    if (found.kind === 'unknown') {
      this.guess(found.reason);
      return undefined;
    }
    if (found.context) return contextRoot(found.context, from);
    return { fileSystem: found.fileSystem, name: from, keepsOwners: true, isSentByName: false };
  }

  /** Nothing is known about what this source brings: anything may be at the destination afterwards. */
  private guess(reason: string): void {
    this.isGuess = true;
    this.reasons.add(reason);
    this.openRegions.push({ path: this.destination.path, reason });
  }

  /** A doubt inside a copied folder goes along to its copy. */
  private doubtSource(doubt: Doubt, picked: readonly Picked[]): void {
    this.reasons.add(doubt.reason);
    const source = picked.find(({ path }) => doubt.path.startsWith(`${path}/`) || path === '/');
    const rest = source ? doubt.path.slice(source.path === '/' ? 0 : source.path.length) : '';
    const path =
      rest === '' || rest === '/' ? this.destination.path : childPath(this.destination.path, rest.slice(1));
    this.openRegions.push({ path, reason: doubt.reason });
  }

  private checkContext({ context }: CopyRoot): void {
    if (context) for (const doubt of contextDoubts(context)) this.reasons.add(doubt);
  }

  /** ADD unpacks a local tar, told by its content. */
  private async unpacked({ entry }: Picked, options: CopyOptions): Promise<boolean> {
    if (this.action.kind !== 'add' || this.action.unpack === false || entry.node.kind !== 'file')
      return false;
    const entries = await this.archiveEntries(entry.node.content);
    if (!entries) return false;
    if (this.inputs.traits.copiesThroughArchives) unpackThroughArchive(entries, this.destination, this.layer);
    else unpackArchive(entries, this.destination, this.layer, options.owner);
    return true;
  }

  private async archiveEntries(content: Content): Promise<readonly ArchiveEntry[] | undefined> {
    try {
      return await this.inputs.archives.open(content, this.inputs.signal);
    } catch (error) {
      // An archive beyond our limits is not the builder's fault.
      if (isArchiveFault(error) && error.fault !== 'refused') throw new BuildError(error.message);
      throw error;
    }
  }

  private put(
    name: string,
    content: ReturnType<typeof inlineContent>,
    mode: number,
    options: CopyOptions,
  ): void {
    const node = { kind: 'file', content, mode, uid: 0, gid: 0, mtime: this.inputs.clock() } as const;
    copyTree({ entry: { node, layer: 0 }, path: `/${name}`, name }, this.destination, this.layer, options);
  }
}

function contextRoot(context: BuildContext, name: string): CopyRoot {
  const [problem] = context.ignore.problems;
  if (problem)
    throw new BuildError(`failed to match excludepatterns: ${ignoreProblemWords(context, problem)}`);
  const explain = (path: string) => ruleWords(context, path.slice(1));
  return { fileSystem: context.fileSystem, name, keepsOwners: false, isSentByName: true, explain, context };
}

function excludesOf(patterns: readonly string[]): IgnoreRules {
  const rules = patterns.length === 0 ? IgnoreRules.none : IgnoreRules.of(patterns);
  const [problem] = rules.problems;
  if (problem) throw new BuildError(`invalid excludepatterns: ${problem.message}`);
  return rules;
}

/** `.dockerignore line 3 takes it out: *.md`. */
function ruleWords({ ignore, ignoreFile }: BuildContext, path: string): string | undefined {
  const { ignored, rule } = ignore.explain(path);
  return ignored && rule ? `${ignoreFile} line ${rule.line + 1} takes it out: ${rule.pattern}` : undefined;
}
