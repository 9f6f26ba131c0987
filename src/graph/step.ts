import type { Heredoc, Instruction } from '../dockerfile/instruction';
import type { Environment } from './environment';
import type { RemoteSource } from './remote-source';

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
  /** False for an instruction of which history says nothing: ONBUILD. */
  readonly inHistory: boolean;
  /** What was in force before the instruction. */
  readonly environment: Environment;
  /** What is in force after it. */
  readonly after: Environment;
  /** The variables that have no value where the instruction's words ask for them. */
  readonly unset: ReadonlySet<string>;
  /** Why the builder refuses the instruction before anything is built. */
  readonly fault: string | undefined;
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
  readonly mounts: readonly Mount[];
  /** A script that the builder puts at `/dev/pipes/NAME`, for a here-document that begins with `#!`. */
  readonly script?: { readonly path: string; readonly text: string };
}

/** https://docs.docker.com/reference/dockerfile/#run---mount */
export interface Mount {
  readonly type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
  /** Absolute; empty for a secret that only goes to a variable. */
  readonly target: string;
  /** Stage or image; the build context when undefined. */
  readonly from: string | undefined;
  /** Place in what is mounted. */
  readonly source: string;
  readonly readOnly: boolean;
  /** Of a cache, a secret or an agent. */
  readonly id: string | undefined;
  readonly required: boolean;
  /** The variable that a secret goes to instead of a file. */
  readonly env: string | undefined;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
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
  | { readonly kind: 'heredoc'; readonly heredoc: Pick<Heredoc, 'name'>; readonly content: string }
  | RemoteSource;
