import { listOf } from '../dockerfile/arguments';
import { listFlag, switchFlag, textFlag } from '../dockerfile/flag-rules';
import { heredocWord } from '../dockerfile/heredoc';
import type { Instruction } from '../dockerfile/instruction';
import { type Expansion, expandText, expandWord } from '../dockerfile/words';
import { type Environment, expansionAt } from './environment';
import { PlanFault } from './fault';
import { remoteSource } from './remote-source';
import { findSource, stageTitle } from './stages';
import type { CopyAction, CopySource } from './step';
import type { Plan, Scope } from './steps';

/** Reads a COPY or ADD: flags, sources, here-documents and destination, with variables expanded. Throws `PlanFault`. */
export function planCopy(instruction: Instruction, environment: Environment, scope: Scope): Plan {
  const kind = instruction.keyword === 'COPY' ? 'copy' : 'add';
  const expansion = expansionAt(environment, scope);
  const expand = (word: string | undefined) => (word === undefined ? undefined : expandWord(word, expansion));
  const words = listOf(instruction);
  const chown = expand(textFlag(instruction, 'chown'));
  const chmod = expand(textFlag(instruction, 'chmod'));
  const checksum = expand(textFlag(instruction, 'checksum'));
  const sources = words.slice(0, -1).map((word) => sourceOf(word, instruction, kind, expansion));
  const destination = expand(words[words.length - 1]) ?? '';
  const from = textFlag(instruction, 'from');
  if (from !== undefined) checkFrom(from, scope);
  if (chmod) checkMode(chmod);
  if (checksum) checkChecksum(checksum, sources);
  const action: CopyAction = {
    kind,
    // Files come before here-documents, whatever the order on the line.
    sources: [...sources].sort((a, b) => Number(a.kind === 'heredoc') - Number(b.kind === 'heredoc')),
    destination,
    from,
    chown: chown || undefined,
    chmod: chmod || undefined,
    link: switchFlag(instruction, 'link') ?? false,
    parents: switchFlag(instruction, 'parents') ?? false,
    // The builder expands no variables in --from and --exclude.
    excludes: listFlag(instruction, 'exclude'),
    unpack: switchFlag(instruction, 'unpack'),
    checksum: checksum || undefined,
  };
  return { action, createdBy: historyWords(instruction.keyword, action), environment };
}

function historyWords(keyword: string, action: CopyAction): string {
  const shown = [
    action.parents && '--parents',
    action.chown && `--chown=${action.chown}`,
    action.chmod && `--chmod=${action.chmod}`,
    ...action.sources.map(sourceWords),
  ];
  return [
    keyword,
    ...shown.filter((word) => word !== false && word !== undefined),
    action.destination,
    '# buildkit',
  ].join(' ');
}

function checkFrom(from: string, { stage, stages }: Scope): void {
  const source = findSource(from, stages);
  if (!source || source.index < stage.index) return;
  const own = stageTitle(stage);
  throw new PlanFault(
    `cannot copy from stage "${from}", it needs to be defined before current stage "${own}"`,
  );
}

/** Octal, or symbolic as chmod(1) has it. */
function checkMode(chmod: string): void {
  if (/^[0-7]+$/.test(chmod) && Number.parseInt(chmod, 8) <= 0o7777) return;
  if (/^[-+]?[0-9]/.test(chmod)) {
    throw new PlanFault(
      `invalid chmod parameter: '${chmod}'. it should be octal string and between 0 and 07777`,
    );
  }
  const clause = /^[ugoa]*([-+=]([rwxXst]*|[ugo]))+$/;
  if (!chmod.split(',').every((part) => clause.test(part))) {
    throw new PlanFault(`invalid chmod parameter: '${chmod}': invalid syntax`);
  }
}

function checkChecksum(checksum: string, sources: readonly CopySource[]): void {
  const files = sources.filter(({ kind }) => kind !== 'heredoc');
  if (files.length !== 1) throw new PlanFault("checksum can't be specified for multiple sources");
  const { kind } = files[0]!;
  if (kind !== 'url' && kind !== 'git') throw new PlanFault('checksum requires HTTP(S) or Git sources');
  if (kind === 'url') checkDigest(checksum);
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests */
function checkDigest(digest: string): void {
  const [algorithm = '', hex = ''] = digest.split(':', 2);
  const length = { sha256: 64, sha384: 96, sha512: 128 }[algorithm];
  if (!/^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/.test(digest)) {
    throw new PlanFault('invalid checksum digest format');
  }
  if (length === undefined) throw new PlanFault('unsupported digest algorithm');
  if (hex.length !== length) throw new PlanFault('invalid checksum digest length');
  if (!/^[a-f0-9]+$/.test(hex)) throw new PlanFault('invalid checksum digest format');
}

function sourceOf(
  word: string,
  instruction: Instruction,
  kind: CopyAction['kind'],
  expansion: Expansion,
): CopySource {
  const heredoc = heredocWord(word);
  if (heredoc) {
    const text = instruction.heredocs.findLast(({ name }) => name === heredoc.name)?.content ?? '';
    const content = heredoc.expands ? expandText(text, expansion) : text;
    return { kind: 'heredoc', heredoc, content };
  }
  const path = expandWord(word, expansion);
  const remote = remoteSource(path);
  if (!remote) return { kind: 'path', path };
  if (kind === 'copy') {
    throw new PlanFault(`source can't be a ${remote.kind === 'git' ? 'git ref' : 'URL'} for COPY`);
  }
  return remote;
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
