import { childPath } from '../layers/path';
import type { Inode } from './inode';

/** Paths that are told of one command; of more, only their number. */
const MOST_PATHS = 20;

/** What a command did to a file system. */
export interface Touched {
  /** The first of them, in the order in which they were touched. */
  readonly paths: readonly string[];
  /** How many there were; a folder that was removed with all in it counts as one. */
  readonly count: number;
  /** Bytes that were written, also those that did not stay. */
  readonly bytes: number;
}

/** A name that was given or taken away; `wasThere` before the first of it. */
interface NameChange {
  readonly folder: Inode;
  readonly name: string;
  readonly wasThere: boolean;
}

/** Notes what changes, so that it can be told which command did it. Costs next to nothing per change. */
export class Journal {
  private readonly first: (Inode | NameChange)[] = [];
  private epoch = 0;
  private count = 0;
  private bytes = 0;
  /** All changes since `record`, for each that did. */
  private readonly records = new Set<(Inode | NameChange)[]>();

  /** Keeps all that changes from here on; the answer ends that and gives each place and what is there now. */
  record(): () => Map<string, Inode | undefined> {
    const record: (Inode | NameChange)[] = [];
    this.records.add(record);
    this.begin();
    return () => {
      this.records.delete(record);
      const places = new Map<string, Inode | undefined>();
      for (const item of record) {
        const path = 'name' in item ? namedPath(item) : pathOf(item);
        if (path === undefined) continue;
        const inode = 'name' in item ? item.folder.names.get(item.name) : item;
        places.set(path, inode ?? undefined);
      }
      return places;
    };
  }

  /** Forgets what was noted. */
  begin(): void {
    this.first.length = 0;
    this.count = 0;
    this.bytes = 0;
    this.epoch++;
  }

  /** Changed, whatever its name is in the end. */
  note(inode: Inode): void {
    if (inode.notedIn === this.epoch) return;
    inode.notedIn = this.epoch;
    for (const record of this.records) record.push(inode);
    this.count++;
    if (this.first.length < MOST_PATHS) this.first.push(inode);
  }

  /** To be called before `folder` gives `name` to `inode`, or takes it away. */
  noteName(folder: Inode, name: string, inode: Inode | null): void {
    if (inode) inode.notedIn = this.epoch;
    for (const record of this.records) record.push({ folder, name, wasThere: folder.has(name) });
    const isKnown = this.first.some((item) => 'name' in item && item.name === name && item.folder === folder);
    if (isKnown) return;
    this.count++;
    if (this.first.length < MOST_PATHS) this.first.push({ folder, name, wasThere: folder.has(name) });
  }

  noteBytes(bytes: number): void {
    this.bytes += bytes;
  }

  touched(): Touched {
    const told = this.first.map((item) => ('name' in item ? changedPath(item) : pathOf(item)));
    const paths = [...new Set(told.filter((path) => path !== undefined))];
    return { paths, bytes: this.bytes, count: this.count > MOST_PATHS ? this.count : paths.length };
  }
}

/** What was made and removed again has no path. */
function changedPath({ folder, name, wasThere }: NameChange): string | undefined {
  return wasThere || folder.has(name) ? namedPath({ folder, name }) : undefined;
}

function namedPath({ folder, name }: Pick<NameChange, 'folder' | 'name'>): string | undefined {
  const path = pathOf(folder);
  return path === undefined ? undefined : childPath(path, name);
}

/** Found upwards: names are looked up only for the few paths that are told. */
function pathOf(inode: Inode): string | undefined {
  const names: string[] = [];
  for (let at = inode; at.holder; at = at.holder) {
    const name = nameIn(at.holder, at);
    if (name === undefined) return undefined;
    names.unshift(name);
  }
  return `/${names.join('/')}`;
}

function nameIn(folder: Inode, inode: Inode): string | undefined {
  for (const [name, held] of folder.names) if (held === inode) return name;
  return undefined;
}
