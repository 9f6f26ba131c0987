import * as vscode from 'vscode';
import { DEFAULT_BUILDER } from '../graph/builder';
import { containerPath } from '../layers/path';
import type { Moment, TextAddress } from '../pages/protocol';
import type { Build } from './builds';

/** Files of a merged file system. */
export const FILES = 'dockerfile-layers';
/** Generated texts. */
export const TEXTS = 'dockerfile-layers-text';
/** Rows of our trees: nothing opens them, the editor takes icons and colours from them. */
export const ROWS = 'dockerfile-layers-row';

/** What an inspection is made from. Its key is its whole description, so that a URI outlives the window. */
export type Origin =
  | { readonly kind: 'dockerfile'; readonly dockerfile: string; readonly build: Build }
  | { readonly kind: 'image'; readonly file: string; readonly platform: string };

export interface FileAddress {
  readonly key: string;
  readonly moment: Moment;
  readonly path: string;
}

export function keyOf(origin: Origin): string {
  if (origin.kind === 'image') return JSON.stringify(['image', origin.file, origin.platform]);
  const { contextFolder, target, buildArgs, platform, builder } = origin.build;
  const args = Object.entries(buildArgs).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    'dockerfile',
    origin.dockerfile,
    contextFolder ?? null,
    target ?? null,
    args,
    platform,
    ...(builder === DEFAULT_BUILDER ? [] : [builder]),
  ]);
}

/** The inverse of `keyOf`. Throws when it is not a key. */
export function originOf(key: string): Origin {
  const [kind, name, ...rest] = JSON.parse(key);
  if (kind === 'image') return { kind, file: name, platform: rest[0] };
  if (kind !== 'dockerfile') throw new Error('This is not an address of Dockerfile Layers');
  const [contextFolder, target, args, platform, builder = DEFAULT_BUILDER] = rest;
  return {
    kind,
    dockerfile: name,
    build: {
      contextFolder: contextFolder ?? undefined,
      target: target ?? undefined,
      buildArgs: Object.fromEntries(args),
      platform,
      builder,
    },
  };
}

/**
 * `dockerfile-layers://<hex of the key>-<stage>-<step + 1>/etc/passwd`, with `b` and the number of base layers
 * instead of a step. An authority compares without case.
 */
export function fileUri({ key, moment, path }: FileAddress): vscode.Uri {
  const at = moment.base === undefined ? moment.step + 1 : `b${moment.base}`;
  const authority = `${toHex(key)}-${moment.stage}-${at}`;
  return vscode.Uri.from({ scheme: FILES, authority, path: containerPath(path) });
}

/** Throws `FileSystemError.FileNotFound` for an address that nobody made. */
export function parseFileUri(uri: vscode.Uri): FileAddress {
  const [, hex, stage, isBase, number] = /^([0-9a-f]+)-(\d+)-(b?)(\d+)$/i.exec(uri.authority) ?? [];
  if (!hex) throw vscode.FileSystemError.FileNotFound(uri);
  const at = isBase ? { step: -1, base: Number(number) } : { step: Number(number) - 1 };
  return {
    key: fromHex(hex),
    moment: { stage: Number(stage), ...at },
    path: containerPath(uri.path),
  };
}

/** `name` is what its tab shows. */
export function textUri(key: string, text: TextAddress, name: string): vscode.Uri {
  const authority = `${toHex(key)}-${toHex(JSON.stringify(text))}`;
  return vscode.Uri.from({ scheme: TEXTS, authority, path: `/${name.replaceAll('/', '∕')}` });
}

export function parseTextUri(uri: vscode.Uri): { key: string; text: TextAddress } {
  const [key, text] = uri.authority.split('-');
  return { key: fromHex(key ?? ''), text: JSON.parse(fromHex(text ?? '')) };
}

/** Marks that a row carries to its decoration. */
export type RowMark = 'added' | 'changed' | 'deleted' | 'carried' | 'dimmed' | 'fails' | 'doubtful';

export function rowUri(path: string, mark: RowMark): vscode.Uri {
  return vscode.Uri.from({ scheme: ROWS, path: path.startsWith('/') ? path : `/${path}`, query: mark });
}

function toHex(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(hex: string): string {
  const bytes = hex.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
