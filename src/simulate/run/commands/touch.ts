import { PosixError } from '../../../filesystem/posix';
import { EMPTY_CONTENT } from '../../../layers/content';
import type { CommandContext } from '../command';
import { attempt, causeOf, complain, failUsage, quote } from './complaints';
import { absolute } from './input';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { writeFile } from './output';
import { parseStamp, parseTime, requireUtc } from './times';

const OPTIONS = [
  '-a',
  '-c --no-create',
  '-d --date=STRING',
  '-f',
  '-h --no-dereference',
  '-m',
  '-r --reference=FILE',
  '-t=STAMP',
  '--time=WORD',
];

/** GNU coreutils manual, "touch invocation". Times of access are in no layer. */
export function touch(context: CommandContext): number {
  const options = parseOptions(context, OPTIONS);
  const mtime = timeAsked(context, options);
  if (mtime === 'failed') return 1;
  if (mtime === 'several') return failUsage(context, 'cannot specify times from more than one source');
  if (options.operands.length === 0) return failUsage(context, 'missing file operand');
  let exitCode = 0;
  for (const operand of options.operands) {
    if (operand === '-') throw notSimulated('touch', '-');
    if (!touchOne(context, options, operand, mtime)) exitCode = 1;
  }
  return exitCode;
}

function touchOne(context: CommandContext, options: ParsedOptions, operand: string, mtime: number): boolean {
  const { fileSystem } = context;
  const follow = !options.has('no-dereference');
  const word = options.value('time');
  const isAccess = /^(atime|access|use)$/.test(word ?? '');
  if (word !== undefined && !isAccess && !/^(mtime|modify)$/.test(word))
    throw notSimulated('touch', `--time=${word}`);
  const onlyAccess = (options.has('a') || isAccess) && !options.has('m') && (word === undefined || isAccess);
  let words = `cannot touch ${quote(operand)}`;
  if (operand.endsWith('/')) {
    words = `setting times of ${quote(operand)}`;
    return attempt(context, words, () => {
      const { node } = fileSystem.stat(absolute(context, operand));
      if (node.kind !== 'directory') throw new PosixError('ENOTDIR', operand);
      if (!onlyAccess) fileSystem.setModified(absolute(context, operand), mtime);
    });
  }
  // Without following, GNU touch makes no file, while busybox does.
  if (!follow && context.flavour === 'gnu' && isMissing(context, operand)) {
    if (options.has('no-create')) return true;
    complain(context, `setting times of ${quote(operand)}: No such file or directory`);
    return false;
  }
  return attempt(context, words, () => {
    const path = absolute(context, operand);
    const found = fileSystem.find(path, { follow });
    if (found.kind === 'absent') {
      if (options.has('no-create') && found.why === 'missing') return;
      writeFile(context, path, EMPTY_CONTENT);
    }
    if (fileSystem.find(path, { follow }).kind === 'present' && !onlyAccess) {
      fileSystem.setModified(path, mtime, { follow });
    }
  });
}

function isMissing(context: CommandContext, operand: string): boolean {
  const found =
    operand === '' ? undefined : context.fileSystem.find(absolute(context, operand), { follow: false });
  return found?.kind === 'absent' && found.why === 'missing';
}

function timeAsked(context: CommandContext, options: ParsedOptions): number | 'failed' | 'several' {
  const reference = options.value('reference');
  const date = options.value('date');
  const stamp = options.value('t');
  if (
    context.flavour === 'busybox' &&
    stamp !== undefined &&
    (reference !== undefined || /^\d{10}(\.|$)/.test(stamp))
  )
    throw notSimulated('touch', `-t ${stamp} of busybox`);
  if (stamp !== undefined && (reference !== undefined || date !== undefined)) return 'several';
  if (reference !== undefined) {
    if (date !== undefined) throw notSimulated('touch', '-r with -d');
    try {
      return context.fileSystem.stat(absolute(context, reference), { follow: !options.has('no-dereference') })
        .node.mtime;
    } catch (error) {
      complain(context, `failed to get attributes of ${quote(reference)}: ${causeOf(error)}`);
      return 'failed';
    }
  }
  if (date === undefined && stamp === undefined) return context.fileSystem.now();
  if (date !== undefined && /^\s*now\s*$/i.test(date)) return context.fileSystem.now();
  requireUtc(context);
  const mtime = date !== undefined ? parseTime(date) : parseStamp(stamp!);
  // busybox takes the missing parts of a date from the clock.
  if (
    context.flavour === 'busybox' &&
    date !== undefined &&
    !/^@\d+$|^\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?$/.test(date)
  )
    throw notSimulated('touch', `-d ${date} of busybox`);
  if (mtime === undefined) throw notSimulated('touch', date !== undefined ? `-d ${date}` : `-t ${stamp}`);
  return mtime;
}
