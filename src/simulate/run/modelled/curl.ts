import { containerPath, parentOf } from '../../../layers/path';
import type { Command, CommandContext } from '../command';
import { absolute } from '../lookup';
import { showUnknown } from '../unknown-text';
import { downloadReason, nameInUrl, urlsIn } from './downloads';
import { ensureFolder, lookFor, query, tryWriteUnknown, unknownContent } from './model';

/** Short options of curl that take a value, in the same or the next argument (curl manual). */
const LETTERS = 'oHdXuAebcTxmwrFEKyYzCDUPQt';
const NAMES = new Set(
  'output header data data-ascii data-raw data-binary data-urlencode json request user user-agent referer cookie cookie-jar upload-file proxy proxy-user proxy-header preproxy max-time connect-timeout write-out range form form-string cert cert-type key key-type pass cacert capath config retry retry-delay retry-max-time proto proto-default proto-redir url output-dir dump-header limit-rate resolve connect-to interface noproxy ciphers tls13-ciphers tls-max curves max-redirs max-filesize time-cond speed-limit speed-time keepalive-time etag-save etag-compare netrc-file oauth2-bearer unix-socket trace trace-ascii stderr create-file-mode aws-sigv4 local-port dns-servers doh-url socks5 socks5-hostname socks4 engine quote continue-at variable rate'.split(
    ' ',
  ),
);
/** Files that it writes besides the download. */
const SIDE_FILES = new Set([
  'D',
  'dump-header',
  'c',
  'cookie-jar',
  'etag-save',
  'trace',
  'trace-ascii',
  'stderr',
]);

interface Download {
  readonly urls: string[];
  /** One file per URL, in order; `undefined` stands for the name in the URL. */
  readonly outputs: (string | undefined)[];
  readonly sideFiles: string[];
  folder: string;
  createsFolders: boolean;
  /** All that have no file of their own get the name in the URL. */
  namesAll: boolean;
  /** `-J`: the server names the file. */
  isNamedByServer: boolean;
  tellsMore: boolean;
  only: 'all' | 'query' | 'head';
}

export const curl: Command = (context) => {
  const download = readCurl(context.args);
  if (download.only === 'query') return query(context);
  if (download.only === 'head') return lookFor(context);
  if (download.urls.length === 0) {
    context.stderr.write(
      "curl: no URL specified!\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
    );
    return 2;
  }
  context.model(downloadReason('curl', download.urls[0]!));
  for (const [index, url] of download.urls.entries()) {
    const status = fetchOne(context, download, url, index);
    if (status !== 0) return status;
  }
  for (const file of download.sideFiles)
    tryWriteUnknown(context, file, downloadReason('curl', download.urls[0]!));
  if (download.tellsMore) context.stdout.write(unknownContent('`curl -w` tells of the transfer'));
  return 0;
};

function fetchOne(context: CommandContext, download: Download, url: string, index: number): number {
  const reason = downloadReason('curl', url);
  const hasFile = index < download.outputs.length || download.namesAll;
  if (!hasFile) {
    if (!context.stdout.isLog) context.stdout.write(unknownContent(reason));
    return 0;
  }
  const folder = absolute(download.folder, context.cwd);
  const given = download.outputs[index];
  const name = given ?? nameInUrl(url);
  if (name === '' || (given === undefined && download.isNamedByServer) || /#\d/.test(name)) {
    context.openRegion(containerPath(folder), reason);
    return 0;
  }
  const path = name === '-' ? '-' : absolute(name, folder);
  if (download.createsFolders && name !== '-') ensureFolder(context, parentOf(path), 0o750);
  if (!tryWriteUnknown(context, path, reason)) return 0;
  context.stderr.write(`curl: (23) Failure writing output to destination ${showUnknown(name)}\n`);
  return 23;
}

function readCurl(args: readonly string[]): Download {
  const download: Download = {
    urls: [],
    outputs: [],
    sideFiles: [],
    folder: '.',
    createsFolders: false,
    namesAll: false,
    isNamedByServer: false,
    tellsMore: false,
    only: 'all',
  };
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg.startsWith('--')) {
      const name = arg.slice(2);
      take(download, name, NAMES.has(name) ? args[++index] : undefined);
    } else if (/^-./.test(arg)) {
      for (let at = 1; at < arg.length; at++) {
        const letter = arg[at]!;
        if (!LETTERS.includes(letter)) {
          take(download, letter, undefined);
          continue;
        }
        take(download, letter, arg.slice(at + 1) || args[++index]);
        break;
      }
    } else download.urls.push(...urlsIn(arg));
  }
  return download;
}

function take(download: Download, name: string, value: string | undefined): void {
  if (SIDE_FILES.has(name)) {
    if (value !== undefined) download.sideFiles.push(value);
    return;
  }
  switch (name) {
    case 'o':
    case 'output':
      download.outputs.push(value ?? '-');
      return;
    case 'O':
    case 'remote-name':
      download.outputs.push(undefined);
      return;
    case 'remote-name-all':
      download.namesAll = true;
      return;
    case 'J':
    case 'remote-header-name':
      download.isNamedByServer = true;
      return;
    case 'url':
      download.urls.push(...urlsIn(value ?? ''));
      return;
    case 'output-dir':
      download.folder = value ?? '.';
      return;
    case 'create-dirs':
      download.createsFolders = true;
      return;
    case 'w':
    case 'write-out':
      download.tellsMore = true;
      return;
    case 'V':
    case 'version':
    case 'h':
    case 'help':
    case 'M':
    case 'manual':
      download.only = 'query';
      return;
    case 'I':
    case 'head':
      download.only = 'head';
      return;
  }
}
