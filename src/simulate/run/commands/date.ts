import { type CommandContext, NotSimulated } from '../command';
import { causeOf, complain, failUsage, quote } from './complaints';
import { absolute, printsDoubtful, printText } from './input';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { formatTime, parseTime, requireUtc } from './times';

const OPTIONS = [
  '-d --date=STRING',
  '-I --iso-8601[=FMT]',
  '-r --reference=FILE',
  '-R --rfc-email',
  '--rfc-3339=FMT',
  '-u --universal --utc --uct',
];

const ISO: Record<string, string> = {
  '': '%Y-%m-%d',
  date: '%Y-%m-%d',
  hours: '%Y-%m-%dT%H%:z',
  minutes: '%Y-%m-%dT%H:%M%:z',
  seconds: '%Y-%m-%dT%H:%M:%S%:z',
  ns: '%Y-%m-%dT%H:%M:%S,%N%:z',
};
const RFC: Record<string, string> = {
  date: '%Y-%m-%d',
  seconds: '%Y-%m-%d %H:%M:%S%:z',
  ns: '%Y-%m-%d %H:%M:%S.%N%:z',
};

/** GNU coreutils manual, "date invocation". The clock's time is another one in every build. */
export function date(context: CommandContext): number {
  const options = parseOptions(context, OPTIONS);
  if (!options.has('uct')) requireUtc(context);
  const [format, ...more] = options.operands;
  if (more.length > 0) return failUsage(context, `extra operand ${quote(more[0]!)}`);
  if (format !== undefined && !format.startsWith('+'))
    throw new NotSimulated('setting the date is not simulated');
  const seconds = timeAsked(context, options);
  if (seconds === undefined) return 1;
  printText(context, `${formatTime(format?.slice(1) ?? formatAsked(options), seconds)}\n`);
  return 0;
}

function timeAsked(context: CommandContext, options: ParsedOptions): number | undefined {
  const reference = options.value('reference');
  if (reference !== undefined) {
    try {
      const { mtime } = context.fileSystem.stat(absolute(context, reference)).node;
      if (mtime >= context.fileSystem.now() - 3600)
        printsDoubtful(context, 'the time of a file made in this build was printed');
      return mtime;
    } catch (error) {
      complain(context, `${reference}: ${causeOf(error)}`);
      return undefined;
    }
  }
  const text = options.value('date');
  if (text !== undefined && !/^\s*(now)?\s*$/i.test(text)) {
    const seconds = parseTime(text);
    if (seconds === undefined) throw notSimulated('date', `-d ${text}`);
    return seconds;
  }
  printsDoubtful(context, '`date` gives the time of the build');
  return Math.floor(context.fileSystem.now());
}

function formatAsked(options: ParsedOptions): string {
  if (options.has('rfc-email')) return '%a, %d %b %Y %H:%M:%S %z';
  const iso = options.value('iso-8601');
  const rfc = options.value('rfc-3339');
  const format = iso !== undefined ? ISO[iso] : rfc !== undefined ? RFC[rfc] : '%a %b %e %H:%M:%S %Z %Y';
  if (format === undefined)
    throw notSimulated('date', `--${iso !== undefined ? 'iso-8601' : 'rfc-3339'}=${iso ?? rfc}`);
  return format;
}
