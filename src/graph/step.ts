import type { Heredoc, Instruction, Problem } from '../dockerfile/instruction';
import type { ImageConfig } from '../layers/image';
import type { Environment } from './environment';

/** One instruction of a stage, expanded and ready to be simulated. */
export interface Step {
  readonly stage: number;
  /** Counts the steps of the stage from 0, triggers of the base (ONBUILD) first. */
  readonly ordinal: number;
  readonly instruction: Instruction;
  readonly action: Action;
  /** Where it came from when it does not stand in this stage: an ONBUILD trigger of the base. */
  readonly isTrigger: boolean;
  /** History's words, as the builder writes them. */
  readonly createdBy: string;
  /** What was in force before the instruction. */
  readonly environment: Environment;
  /** The configuration after it. */
  readonly config: ImageConfig;
  readonly problems: readonly Problem[];
}

export type Action = RunAction | CopyAction | WorkdirAction | ConfigAction;

/** An instruction that changes only the configuration: it makes no layer. */
export interface ConfigAction {
  readonly kind: 'config';
}

export interface WorkdirAction {
  readonly kind: 'workdir';
  /** Absolute, as the configuration keeps it. */
  readonly path: string;
}

export interface RunAction {
  readonly kind: 'run';
  /** Program and arguments; the shell form has the shell in front. */
  readonly argv: readonly string[];
  /** ENV and the ARGs in scope. */
  readonly variables: ReadonlyMap<string, string>;
  /** Input of the program, when a here-document feeds it. */
  readonly mounts: readonly Mount[];
  /** A script that the builder puts at `/dev/pipes/NAME`, for a here-document that begins with `#!`. */
  readonly script?: { readonly path: string; readonly text: string };
}

/** https://docs.docker.com/reference/dockerfile/#run---mount */
export interface Mount {
  readonly type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
  readonly target: string;
  readonly options: ReadonlyMap<string, string>;
}

/** COPY and ADD. */
export interface CopyAction {
  readonly kind: 'copy' | 'add';
  readonly sources: readonly CopySource[];
  /** As written, after expansion; relative to the working directory. */
  readonly destination: string;
  readonly from: string | undefined;
  readonly chown: string | undefined;
  readonly chmod: string | undefined;
  readonly link: boolean;
  readonly parents: boolean;
  readonly excludes: readonly string[];
  /** ADD only: undefined when nothing is said, and a local tar is unpacked. */
  readonly unpack: boolean | undefined;
  readonly checksum: string | undefined;
}

export type CopySource =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'heredoc'; readonly heredoc: Heredoc; readonly content: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'git'; readonly url: string };
