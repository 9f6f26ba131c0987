import type { Command, CommandContext } from '../command';
import { absolute } from '../lookup';
import { query, tryWriteUnknown, unknownContent } from './model';

/** Short options of curl that take a value, in the same or the next argument (curl manual). */
const CURL_VALUES = 'oHdXuAebcTxmwrFEKyYzCDUPQt';
const CURL_LONG_VALUES = new Set(
  'output header data data-raw data-binary data-urlencode request user user-agent referer cookie cookie-jar upload-file proxy max-time connect-timeout write-out range form cert key cacert capath config retry retry-delay retry-max-time proto proto-default proto-redir url output-dir dump-header limit-rate resolve interface noproxy ciphers tls-max max-redirs time-cond speed-limit speed-time pass etag-save etag-compare netrc-file oauth2-bearer'.split(
    ' ',
  ),
);

interface Download {
  readonly urls: string[];
  /** One file per URL, in order; `undefined` stands for the name in the URL. */
  readonly outputs: (string | undefined)[];
  folder: string;
  createFolders: boolean;
  only: 'all' | 'query';
}

export const curl: Command = (context) => {
  const download = readCurl(context.args);
  if (download.only === 'query' || download.urls.length === 0) return query(context);
  const reason = `what \`curl\` downloads is not known`;
  context.model(`\`curl\` is modelled: what it downloads is not known`);
  for (const [index, url] of download.urls.entries()) {
    if (index >= download.outputs.length) {
      if (!context.stdout.isLog) context.stdout.write(unknownContent(reason));
      continue;
    }
    const file = download.outputs[index] ?? nameInUrl(url, '');
    const path = file === '-' ? '-' : absolute(file, absolute(download.folder, context.cwd));
    if (download.createFolders && file !== '-') makeParents(context, path);
    const error = tryWriteUnknown(context, path, reason);
    if (error) {
      context.stderr.write(`curl: (23) Failure writing output to destination\n`);
      return 23;
    }
  }
  return 0;
};

function makeParents(context: CommandContext, path: string): void {
  const { uid, gid } = context.fileSystem.credentials;
  context.fileSystem.makeFolders(path.replace(/\/[^/]*$/, '') || '/', { mode: 0o750, uid, gid });
}

function readCurl(args: readonly string[]): Download {
  const download: Download = { urls: [], outputs: [], folder: '.', createFolders: false, only: 'all' };
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg.startsWith('--')) {
      const name = arg.slice(2);
      const value = CURL_LONG_VALUES.has(name) ? args[++index] : undefined;
      curlOption(download, name, value);
    } else if (/^-./.test(arg)) {
      for (let at = 1; at < arg.length; at++) {
        const letter = arg[at]!;
        if (!CURL_VALUES.includes(letter)) {
          curlOption(download, letter, undefined);
          continue;
        }
        curlOption(download, letter, arg.slice(at + 1) || args[++index]);
        break;
      }
    } else download.urls.push(arg);
  }
  return download;
}

function curlOption(download: Download, name: string, value: string | undefined): void {
  if (name === 'o' || name === 'output') download.outputs.push(value ?? '-');
  else if (name === 'O' || name === 'remote-name' || name === 'remote-name-all')
    download.outputs.push(undefined);
  else if (name === 'url' && value) download.urls.push(value);
  else if (name === 'output-dir' && value) download.folder = value;
  else if (name === 'create-dirs') download.createFolders = true;
  else if (
    name === 'V' ||
    name === 'version' ||
    name === 'I' ||
    name === 'head' ||
    name === 'h' ||
    name === 'help'
  )
    download.only = 'query';
}

/** The last name of a URL's path. */
function nameInUrl(url: string, query: string): string {
  const path = url
    .replace(/^\w+:\/\//, '')
    .replace(/#.*$/, '')
    .replace(/\?.*$/, query);
  return path.includes('/') ? path.slice(path.lastIndexOf('/') + 1) : '';
}

const WGET_VALUES = 'OoaPTtUeiwQARDIXBl';
const WGET_LONG_VALUES = new Set(
  'output-document output-file append-output directory-prefix timeout tries user-agent execute input-file header user password post-data post-file wait limit-rate referer secure-protocol ca-certificate accept reject level waitretry read-timeout dns-timeout connect-timeout'.split(
    ' ',
  ),
);

export const wget: Command = (context) => {
  const { args } = context;
  const urls: string[] = [];
  const options = new Map<string, string>();
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    const long = /^--([\w-]+)(?:=(.*))?$/s.exec(arg);
    if (long) {
      const value = long[2] ?? (WGET_LONG_VALUES.has(long[1]!) ? args[++index] : undefined);
      options.set(long[1]!, value ?? '');
    } else if (/^-./.test(arg)) index = wgetLetters(arg, index, args, options);
    else urls.push(arg);
  }
  if (options.has('version') || options.has('V') || options.has('spider')) return query(context);
  return fetchWith(context, urls, options);
};

function wgetLetters(
  arg: string,
  index: number,
  args: readonly string[],
  options: Map<string, string>,
): number {
  for (let at = 1; at < arg.length; at++) {
    const letter = arg[at]!;
    // `-nv`, `-nc` and their kin are two letters.
    if (letter === 'n') return index;
    if (!WGET_VALUES.includes(letter)) {
      options.set(letter, '');
      continue;
    }
    const value = arg.slice(at + 1);
    options.set(letter, value || (args[index + 1] ?? ''));
    return value ? index : index + 1;
  }
  return index;
}

function fetchWith(
  context: CommandContext,
  urls: readonly string[],
  options: ReadonlyMap<string, string>,
): number {
  const reason = 'what `wget` downloads is not known';
  context.model('`wget` is modelled: what it downloads is not known');
  const document = options.get('O') ?? options.get('output-document');
  const folder = absolute(options.get('P') ?? options.get('directory-prefix') ?? '.', context.cwd);
  const isDeep = ['r', 'm', 'recursive', 'mirror', 'p', 'i', 'input-file'].some((name) => options.has(name));
  if (isDeep) context.openRegion(folder, reason);
  if (options.has('P') || options.has('directory-prefix')) makeParents(context, `${folder}/x`);
  const files =
    document !== undefined
      ? [document]
      : isDeep
        ? []
        : urls.map((url) => `${folder}/${nameInUrl(url, '$&') || 'index.html'}`);
  for (const file of files) {
    const error = tryWriteUnknown(context, file, reason);
    if (!error) continue;
    context.stderr.write(`${file}: ${error.reason}\n`);
    return context.flavour === 'busybox' ? 1 : document === undefined ? 3 : 1;
  }
  return 0;
}
