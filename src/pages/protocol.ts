import type { Problem, Range } from '../dockerfile/instruction';
import type { Builder } from '../graph/builder';
import type { NamedContexts } from '../graph/named-contexts';
import type { Certainty } from '../layers/certainty';
import type { FetchedImage, StoredSource } from '../layers/stored-image';
import type { RemoteSize } from '../simulate/inputs';
import type { CommandReport } from '../simulate/run/engine';
import type { ContextAnswer } from './context-answer';

/**
 * What crosses between the thread that holds the inspections and the extension host: questions and pages of plain
 * data. An inspection is named by its `key`; a newer one of the same key replaces the older.
 */
export interface Questions {
  inspectDockerfile(question: DockerfileQuestion): InspectionPage;
  inspectImage(question: { key: string; file: string; platform: string }): InspectionPage;
  /** Forgets an inspection. */
  close(question: { key: string }): undefined;
  /** The files of this context folder, main or named, changed. */
  contextChanged(question: { contextFolder: string }): undefined;
  layerFolder(question: { key: string; layer: LayerAddress; path: string }): ChangeRow[];
  folder(question: { key: string; moment: Moment; path: string }): FileRow[];
  file(question: { key: string; moment: Moment; path: string; follow: boolean }): FileRow | undefined;
  read(question: { key: string; moment: Moment; path: string }): Uint8Array;
  find(question: { key: string; moment: Moment; query: string; limit: number }): FileRow[];
  line(question: { key: string; line: number }): LineFacts | undefined;
  text(question: { key: string; text: TextAddress }): string;
  explainContext(question: { key: string; path: string }): ContextAnswer | undefined;
  /** The first paths that a Dockerfile takes from its build context, as far as they can be told without variables. */
  contextSources(question: { text: string }): readonly string[];
  /** Answered at once by a thread that is well. */
  ping(question: Record<string, never>): undefined;
}

export type QuestionName = keyof Questions;

export interface DockerfileQuestion {
  readonly key: string;
  readonly text: string;
  /** Absolute path of the file, when it has one. */
  readonly dockerfile: string | undefined;
  readonly contextFolder: string | undefined;
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly builder: Builder;
  readonly contexts: NamedContexts;
  /** Image reference → absolute path of an archive or layout. */
  readonly images: Readonly<Record<string, string>>;
  /** Whether the host may be asked for the sizes of downloads. */
  readonly asksSizes: boolean;
  /** Whether the host may be asked for images. */
  readonly asksImages: boolean;
  readonly contextCap: number;
  readonly runMilliseconds: number;
  readonly runBytes: number;
}

/**
 * A state of a file system: after a step (`step` is its ordinal), or before the first one (`step` is -1). With
 * `base`, after that many layers of what the stage stands on.
 */
export interface Moment {
  readonly stage: number;
  readonly step: number;
  readonly base?: number;
}

/** A layer: of a step, or the `base`-th of the layers that the stage stands on. */
export type LayerAddress =
  | { readonly stage: number; readonly step: number }
  | { readonly stage: number; readonly base: number };

/** Texts that are made, not stored. */
export type TextAddress =
  | { readonly kind: 'history' }
  | { readonly kind: 'layer'; readonly layer: LayerAddress }
  | { readonly kind: 'heredoc'; readonly moment: Moment; readonly name: string }
  /** An image, an archive's path or `docker://REF` and the like, beside the Dockerfile. */
  | { readonly kind: 'comparison'; readonly image: string };

export interface InspectionPage {
  readonly stages: readonly StagePage[];
  /** Index into `stages`. */
  readonly target: number | undefined;
  readonly problems: readonly Problem[];
  /** Bytes of all layers of the target, bases included. */
  readonly size: number;
  /** Who builds, in words, unless it is the default. */
  readonly builder?: string | undefined;
  /** Milliseconds that it took. */
  readonly took: number;
}

export interface StagePage {
  readonly index: number;
  readonly name: string | undefined;
  readonly range: Range;
  /** What stands after FROM, expanded. */
  readonly from: string;
  readonly isReached: boolean;
  readonly base: BasePage;
  readonly steps: readonly StepPage[];
  readonly certainty: Certainty;
  /** Bytes of the stage's own layers. */
  readonly size: number;
  readonly layers: number;
}

export interface BasePage {
  readonly kind: 'scratch' | 'stage' | 'image' | 'context' | 'missing';
  /** Which stage it is. */
  readonly stage?: number;
  /** Why it is missing. */
  readonly reason?: string;
  /** Of what is missing: the image that an archive could be mapped to. */
  readonly image?: string;
  /** The named context that leads to an image: `docker-image://alpine:3`. */
  readonly context?: string;
  readonly layers: readonly LayerPage[];
  readonly size: number;
}

export interface LayerPage {
  readonly createdBy: string;
  readonly size: number;
  readonly added: number;
  readonly changed: number;
  readonly deleted: number;
  readonly certainty: Certainty;
  /** It brings more than is known, as an install does: `size` is what is known. */
  readonly holdsMore: boolean;
  readonly diffId?: string;
}

export interface StepPage {
  readonly ordinal: number;
  readonly range: Range;
  readonly keyword: string;
  /** The instruction in one line, as written. */
  readonly text: string;
  readonly createdBy: string;
  readonly isTrigger: boolean;
  /** `undefined` for an instruction that makes no layer. */
  readonly layer: LayerPage | undefined;
  /** It would make a layer, but changed nothing, and the builder keeps none for that. */
  readonly isDropped?: true;
  readonly error?: string;
  readonly notReached?: string;
}

export type FileType = 'file' | 'directory' | 'symlink' | 'character' | 'block' | 'fifo';

/** A row of a layer: a changed entry, or a folder on the way to changed entries. */
export interface ChangeRow {
  readonly path: string;
  readonly name: string;
  readonly kind: 'added' | 'changed' | 'deleted' | 'carried';
  readonly why: readonly string[];
  readonly type: FileType;
  /** `-rw-r--r-- 0:0`; empty for a deleted entry. */
  readonly words: string;
  /** Of a file; of everything below it for a folder. */
  readonly size: number;
  /** A file of which only a real build knows the size. */
  readonly isSizeUnknown?: boolean;
  readonly linkTarget?: string;
  readonly hasChildren: boolean;
}

/** An entry of a merged file system. */
export interface FileRow {
  readonly path: string;
  readonly name: string;
  readonly type: FileType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** In seconds. */
  readonly mtime: number;
  readonly linkTarget?: string;
  /** For a link: what it leads to; undefined when that is not there. */
  readonly linkType?: FileType;
  /** Who put it there, in words: `line 12: COPY . .`. */
  readonly from: string;
  /** Why it, or its content, is not certain. */
  readonly doubt?: string;
}

/** What a hover tells about an instruction. */
export interface LineFacts {
  readonly stage: number;
  readonly stageName: string;
  readonly step: StepPage | undefined;
  readonly range: Range;
  /** Sum of the layers up to this one, bases included. */
  readonly runningTotal: number;
  /** The largest entries of the layer, files only. */
  readonly largest: readonly ChangeRow[];
  readonly commands: readonly CommandReport[];
  /** After expansion, when that differs from what is written. */
  readonly expanded: string | undefined;
  readonly environment: {
    readonly variables: readonly (readonly [string, string])[];
    /** Names of the variables that the base image does not have, or has with another value. */
    readonly own: readonly string[];
    readonly args: readonly (readonly [string, string])[];
    readonly workdir: string;
    readonly user: string;
    readonly shell: string;
  };
  /** Deleted bytes that stay in lower layers. */
  readonly hiddenBytes: number;
  /** Names of the instruction's here-documents. */
  readonly heredocs: readonly string[];
  /** For a FROM. */
  readonly base: BasePage | undefined;
}

/** A message to the worker, and its answer. */
export interface Envelope {
  readonly id: number;
  readonly name: QuestionName;
  readonly question: unknown;
}
export type Reply =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: string; readonly code?: ReadFault };

/** What the thread is started with. */
export interface WorkerData {
  /** Where indexes of layers, and images from engines and registries, are kept. */
  readonly cacheFolder: string;
  /** Bytes of images that may lie there. */
  readonly storeLimit: number;
}

/** What the thread tells about itself: the steps that it is simulating, so that the host knows them when it hangs. */
export interface Simulating {
  readonly simulating: readonly string[];
}

/** Told to a new thread before anything else: steps in which earlier ones hung, and why they were ended. */
export interface HungSteps {
  readonly hung: readonly (readonly [step: string, reason: string])[];
}

/** What the thread asks the host for, where requests to the network are made; `cancel` takes it back. */
export type HostRequest = { readonly request: number } & (HostQuestion | { readonly kind: 'cancel' });
export type HostQuestion =
  /** The size of a file on a server. */
  | { readonly kind: 'remote size'; readonly url: string }
  /** An image for the store, from wherever the user's settings say; what takes long counts as missing until it came. */
  | { readonly kind: 'image'; readonly reference: string; readonly platform: string }
  /** An image for the store from one place, waited for. */
  | {
      readonly kind: 'image of';
      readonly source: StoredSource;
      readonly reference: string;
      readonly platform?: string;
    };
export interface HostAnswers {
  readonly 'remote size': RemoteSize;
  readonly image: FetchedImage;
  readonly 'image of': FetchedImage;
}
export interface HostAnswer {
  readonly request: number;
  readonly answer: HostAnswers[keyof HostAnswers];
}

/** Why a path cannot be read, as the editor tells faults apart. */
export type ReadFault = 'not found' | 'not known' | 'not a file' | 'no content' | 'superseded' | 'closed';

export class PageError extends Error {
  constructor(
    readonly code: ReadFault,
    message: string,
  ) {
    super(message);
  }
}
