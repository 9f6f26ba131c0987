import type { Flag, Instruction } from '../dockerfile/instruction';
import { expandWord } from '../dockerfile/words';
import type { Scope } from './config-instructions';
import { type Environment, expansionAt } from './environment';
import { problem } from './stages';
import type { CopyAction, CopySource } from './step';
import type { Plan } from './steps';

const FLAGS = {
  COPY: new Set(['from', 'chown', 'chmod', 'link', 'parents', 'exclude']),
  ADD: new Set(['chown', 'chmod', 'link', 'exclude', 'keep-git-dir', 'checksum', 'unpack']),
};

/** Reads a COPY or ADD: flags, sources, here-documents and destination, with variables expanded. */
export function planCopy(instruction: Instruction, environment: Environment, { escape }: Scope): Plan {
  const keyword = instruction.keyword as 'COPY' | 'ADD';
  const expand = (word: string) => expandWord(word, expansionAt(environment, escape));
  const words = instruction.json ?? instruction.rest.split(/\s+/).filter((word) => word !== '');
  const problems = instruction.flags
    .filter((flag) => !FLAGS[keyword].has(flag.name))
    .map((flag) => problem(instruction, `unknown flag: --${flag.name}`));
  if (words.length < 2) {
    const found =
      words.length === 1 ? 'one was provided. Destination could not be determined' : '0 were provided';
    problems.push(problem(instruction, `${keyword} requires at least two arguments, but only ${found}`));
  }
  const sources = words.slice(0, -1).map((word) => sourceOf(word, instruction, keyword, expand));
  // Files come before here-documents, whatever the order on the line.
  const paths = [...sources].sort((a, b) => Number(a.kind === 'heredoc') - Number(b.kind === 'heredoc'));
  const destination = expand(words[words.length - 1] ?? '');
  const flags = new Flags(instruction.flags, expand);
  const chown = flags.text('chown');
  const chmod = flags.text('chmod');
  const action: CopyAction = {
    kind: keyword === 'COPY' ? 'copy' : 'add',
    sources: paths,
    destination,
    // The builder expands no variables in --from.
    from: instruction.flags.find((flag) => flag.name === 'from')?.value,
    chown,
    chmod,
    link: flags.isSet('link') ?? false,
    parents: flags.isSet('parents') ?? false,
    excludes: instruction.flags
      .filter((flag) => flag.name === 'exclude' && flag.value)
      .map((flag) => expand(flag.value!)),
    unpack: flags.isSet('unpack'),
    checksum: flags.text('checksum'),
  };
  const shown = [
    chown && `--chown=${chown}`,
    chmod && `--chmod=${chmod}`,
    ...paths.map(sourceWords),
    destination,
  ];
  const createdBy = `${keyword} ${shown.filter(Boolean).join(' ')} # buildkit`;
  return { action, createdBy, environment, problems };
}

class Flags {
  constructor(
    private readonly flags: readonly Flag[],
    private readonly expand: (word: string) => string,
  ) {}

  text(name: string): string | undefined {
    const value = this.flags.find((flag) => flag.name === name)?.value;
    return value === undefined ? undefined : this.expand(value);
  }

  isSet(name: string): boolean | undefined {
    const flag = this.flags.find((item) => item.name === name);
    return flag && (flag.value === undefined || flag.value === 'true');
  }
}

function sourceOf(
  word: string,
  instruction: Instruction,
  keyword: string,
  expand: (word: string) => string,
): CopySource {
  const heredoc = instruction.heredocs.find((item) => item.word === word);
  if (heredoc) {
    const content = heredoc.expands ? expandHeredoc(heredoc.content, expand) : heredoc.content;
    return { kind: 'heredoc', heredoc, content };
  }
  const path = expand(word);
  if (keyword === 'ADD' && /^(git@|git:\/\/|ssh:\/\/|https?:\/\/.*\.git(?:[#?].*)?$)/.test(path))
    return { kind: 'git', url: path };
  return keyword === 'ADD' && /^https?:\/\//.test(path) ? { kind: 'url', url: path } : { kind: 'path', path };
}

/** Quotes mean nothing in a here-document, so they are kept from the word reader. */
function expandHeredoc(content: string, expand: (word: string) => string): string {
  return content
    .split(/(['"])/)
    .reduce((out, part) => out + (part === "'" || part === '"' ? part : expand(part)), '');
}

function sourceWords(source: CopySource): string {
  switch (source.kind) {
    case 'path':
      return source.path;
    case 'heredoc':
      return `<<${source.heredoc.name}`;
    default:
      return source.url;
  }
}
