import type * as vscode from 'vscode';
import { baseName } from '../layers/path';
import { FILES, TEXTS } from './address';

/** What `vscode.DocumentFilter` needs to find Dockerfiles, whatever extension gave them their language. */
export const DOCKERFILES: vscode.DocumentSelector = [
  { language: 'dockerfile' },
  { pattern: '**/{Dockerfile,Containerfile}' },
  { pattern: '**/{Dockerfile,Containerfile}.*' },
  { pattern: '**/*.{Dockerfile,dockerfile,Containerfile,containerfile}' },
];

const NAMES = /^(docker|container)file(\.(?!dockerignore$|containerignore$).+)?$|\.(docker|container)file$/i;

/** Whether a document is a Dockerfile that someone writes; one inside a merged file system is only looked at. */
export function isDockerfile({ uri, languageId }: vscode.TextDocument): boolean {
  if (uri.scheme === FILES || uri.scheme === TEXTS || uri.scheme === 'git' || uri.scheme === 'output')
    return false;
  return languageId === 'dockerfile' || NAMES.test(baseName(uri.path));
}
