import { containerPath } from '../../../layers/path';
import type { Command, CommandContext } from '../command';
import { absolute } from '../lookup';
import { readArguments } from './arguments';
import { downloadReason, nameInUrl } from './downloads';
import { ensureFolder, lookFor, query, tryWriteUnknown } from './model';

const VALUES =
  'O o a P T t U e i w Q A R D I X B l output-document output-file append-output directory-prefix timeout tries user-agent execute input-file header user password http-user http-password post-data post-file body-data body-file method wait random-wait limit-rate referer secure-protocol ca-certificate ca-directory certificate private-key accept reject level waitretry read-timeout dns-timeout connect-timeout load-cookies save-cookies cut-dirs base progress compression';

/** GNU Wget and that of busybox. */
export const wget: Command = (context) => {
  // `-nv`, `-nc` and their kin are one option of two letters.
  const args = context.args.map((arg) =>
    /^-n[a-zA-Z]+$/.test(arg) ? (arg.includes('c') ? '--no-clobber' : '--other') : arg,
  );
  const options = readArguments(args, VALUES);
  if (options.has('version', 'V', 'help', 'h')) return query(context);
  if (options.has('spider')) return lookFor(context);
  const urls = options.operands;
  if (urls.length === 0 && !options.has('i', 'input-file')) {
    context.stderr.write('wget: missing URL\n');
    return 1;
  }
  return fetchAll(context, urls, options);
};

function fetchAll(
  context: CommandContext,
  urls: readonly string[],
  options: ReturnType<typeof readArguments>,
): number {
  const reason = downloadReason('wget', urls[0] ?? 'a list');
  context.model(reason);
  const document = options.value('O', 'output-document');
  const prefix = options.value('P', 'directory-prefix');
  const folder = containerPath(prefix ?? '.', context.cwd);
  const isDeep = options.has(
    'r',
    'm',
    'recursive',
    'mirror',
    'p',
    'page-requisites',
    'x',
    'force-directories',
    'i',
    'input-file',
  );
  const isNamedByServer = options.has('content-disposition', 'trust-server-names');
  if (prefix !== undefined) ensureFolder(context, folder);
  const log = options.value('o', 'output-file', 'a', 'append-output');
  if (log !== undefined) tryWriteUnknown(context, log, 'the log of `wget` is not known');
  if (document === undefined && (isDeep || isNamedByServer)) {
    context.openRegion(folder, reason);
    return 0;
  }
  const files: (readonly [file: string, reason: string])[] =
    document !== undefined
      ? [[document, reason]]
      : urls.map((url) => [fileFor(context, url, folder, options), downloadReason('wget', url)]);
  for (const [file, why] of files) {
    const error = tryWriteUnknown(context, file, why);
    if (!error) continue;
    context.stderr.write(`${file}: ${error.reason}\n`);
    return context.flavour === 'busybox' || document !== undefined ? 1 : 3;
  }
  return 0;
}

const REPLACES = ['c', 'continue', 'N', 'timestamping', 'no-clobber'];

/** By the name in the URL; GNU Wget does not write over a file that is there, but takes `name.1`. */
function fileFor(
  { fileSystem, flavour }: CommandContext,
  url: string,
  folder: string,
  options: ReturnType<typeof readArguments>,
): string {
  const file = absolute(nameInUrl(url, { keepsQuery: true }) || 'index.html', folder);
  if (flavour === 'busybox' || options.has(...REPLACES)) return file;
  const isThere = (path: string) => fileSystem.find(path).kind === 'present';
  let free = file;
  for (let number = 1; isThere(free); number++) free = `${file}.${number}`;
  return free;
}
