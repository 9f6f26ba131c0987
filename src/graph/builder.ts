/** Who builds: BuildKit with the containerd image store, BuildKit on the overlay2 graph driver, or the classic builder. */
export const BUILDERS = ['buildkit', 'overlay2', 'classic'] as const;
export type Builder = (typeof BUILDERS)[number];

export const DEFAULT_BUILDER: Builder = 'buildkit';

/** As messages and views call them. */
export const BUILDER_NAMES: Readonly<Record<Builder, string>> = {
  buildkit: 'BuildKit, containerd image store',
  overlay2: 'BuildKit, overlay2 graph driver',
  classic: 'classic builder',
};

/**
 * What one builder does otherwise than another, each as a question of its own, so that no code asks who builds.
 * Read off real builds (test/golden/overlay2, test/golden/classic); the README has them as a table.
 */
export interface BuilderTraits {
  readonly builder: Builder;
  /** A layer holds all that overlayfs copied up, changed or not, and opaque folders; otherwise what differs. */
  readonly keepsWhatWasTouched: boolean;
  /** `COPY --link` makes a layer that is independent of what is below. */
  readonly linkStandsAlone: boolean;
  /** A step that changes nothing has a layer all the same. */
  readonly keepsEmptyLayers: boolean;
  /** Folders that are made for a RUN's mounts in an image without them stay in its layer: /dev, /proc, /sys. */
  readonly keepsSystemFolders: boolean;
  /** A RUN copies the folders up that mount points were put into and taken out of again, such as /etc. */
  readonly touchesMountFolders: boolean;
  /** Each instruction is committed from a container: that makes the working folder anew, and mounts the volumes. */
  readonly commitsContainers: boolean;
  /** COPY and ADD work through archives: what is in the way is replaced, special bits go, only the last folder gets the owner. */
  readonly copiesThroughArchives: boolean;
  /** WORKDIR makes folders as the USER in force, otherwise as root. */
  readonly workdirBelongsToUser: boolean;
  /** Every stage up to the target is built, needed or not. */
  readonly buildsAllStages: boolean;
  /** A stage may not have the name of an earlier one. */
  readonly refusesEqualNames: boolean;
  /** A user or group of `--chown` has to be in the image; a user alone names the group as well. */
  readonly ownersMustExist: boolean;
  /** The host name of a RUN is made up anew each time; otherwise it is always the same. */
  readonly hostNameVaries: boolean;
  /** A stage that stands on another one goes on with its ARGs. */
  readonly inheritsArguments: boolean;
  /** Of an ENV and an ARG of one name the later one counts; otherwise the ENV. */
  readonly lastVariableWins: boolean;
  /** What only BuildKit reads: here-documents, RUN flags, --chmod, --exclude, --checksum, platform arguments, an ignore file by name. */
  readonly readsNewSyntax: boolean;
  /** Warns of what its build checks find, and obeys `# check=`. */
  readonly runsBuildChecks: boolean;
  /** An absolute WORKDIR is stored as written; otherwise `//` and `..` are cleaned away. */
  readonly keepsWorkdirSpelling: boolean;
  /** History shows instructions as written with `# buildkit`, otherwise as comments for a shell. */
  readonly historyIsOfBuildkit: boolean;
}

const BUILDKIT: BuilderTraits = {
  builder: 'buildkit',
  keepsWhatWasTouched: false,
  linkStandsAlone: true,
  keepsEmptyLayers: true,
  keepsSystemFolders: true,
  touchesMountFolders: false,
  commitsContainers: false,
  copiesThroughArchives: false,
  workdirBelongsToUser: true,
  buildsAllStages: false,
  refusesEqualNames: false,
  ownersMustExist: false,
  hostNameVaries: false,
  inheritsArguments: true,
  lastVariableWins: true,
  readsNewSyntax: true,
  runsBuildChecks: true,
  keepsWorkdirSpelling: true,
  historyIsOfBuildkit: true,
};

const TRAITS: Readonly<Record<Builder, BuilderTraits>> = {
  buildkit: BUILDKIT,
  overlay2: {
    ...BUILDKIT,
    builder: 'overlay2',
    keepsWhatWasTouched: true,
    linkStandsAlone: false,
    touchesMountFolders: true,
  },
  classic: {
    builder: 'classic',
    keepsWhatWasTouched: true,
    linkStandsAlone: false,
    keepsEmptyLayers: false,
    keepsSystemFolders: false,
    touchesMountFolders: false,
    commitsContainers: true,
    copiesThroughArchives: true,
    workdirBelongsToUser: false,
    buildsAllStages: true,
    refusesEqualNames: true,
    ownersMustExist: true,
    hostNameVaries: true,
    inheritsArguments: false,
    lastVariableWins: false,
    readsNewSyntax: false,
    runsBuildChecks: false,
    keepsWorkdirSpelling: false,
    historyIsOfBuildkit: false,
  },
};

export function traitsOf(builder: Builder = DEFAULT_BUILDER): BuilderTraits {
  return TRAITS[builder];
}

/** What to say of who builds; nothing where that goes without saying. */
export function wordsFor(builder: Builder): string | undefined {
  return builder === DEFAULT_BUILDER ? undefined : BUILDER_NAMES[builder];
}

/** Reads the name of a builder. Throws with the names there are. */
export function parseBuilder(text: string): Builder {
  const builder = BUILDERS.find((name) => name === text);
  if (!builder) throw new Error(`there is no builder "${text}": it is one of ${BUILDERS.join(', ')}`);
  return builder;
}
