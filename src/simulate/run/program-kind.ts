import type { Content } from '../../layers/content';
import { parentOf } from '../../layers/path';
import type { ProgramFound } from './lookup';
import type { Session } from './session';

/** What the bytes of a program file say it is. */
export type ProgramKind =
  | { readonly kind: 'script'; readonly interpreter: string; readonly argument: string | undefined }
  | { readonly kind: 'binary' }
  /** Text without a `#!` line. */
  | { readonly kind: 'text' };

/** Folders in which an image's own files under a known name are the usual programs. */
const SYSTEM_FOLDERS = new Set(['/bin', '/sbin', '/usr/bin', '/usr/sbin']);
const SHELL_NAME = /(?:^|\/)(?:env\s+(?:-S\s*)?)?(?:ba|da|a)?sh(?:\s|$)/;
const HEAD = 256;

/**
 * Looks at the first bytes of a program. A handled name in a system folder of an image is not looked at: it is the
 * usual program, whatever it is written in, and reading from a layer costs time.
 */
export async function programKind(
  session: Session,
  { inode, real, path }: Extract<ProgramFound, { kind: 'present' }>,
  { isHandled }: { readonly isHandled: 'command' | 'modelled' | undefined },
): Promise<ProgramKind> {
  const { node } = inode;
  if (node.kind !== 'file') return { kind: 'binary' };
  const { content } = node;
  const isOfImage = content.kind === 'archived' || content.kind === 'placeholder';
  const isSystem = SYSTEM_FOLDERS.has(parentOf(real)) || SYSTEM_FOLDERS.has(parentOf(path));
  if (isHandled === 'modelled' && isOfImage) return { kind: 'binary' };
  if (isHandled === 'command' && isOfImage && isSystem) return { kind: 'binary' };
  if (content.kind === 'placeholder') return { kind: 'binary' };
  const kind = kindOf(await headOf(session, content));
  // A usual program that is a script of another language (`adduser`) is still the usual program.
  const isForeign = kind.kind === 'script' && !SHELL_NAME.test(`${kind.interpreter} ${kind.argument ?? ''}`);
  return isHandled && isForeign && isOfImage ? { kind: 'binary' } : kind;
}

async function headOf(session: Session, content: Content): Promise<Uint8Array> {
  if (content.kind === 'inline') return content.bytes.subarray(0, HEAD);
  return session.reader.read(content, { start: 0, end: HEAD });
}

function kindOf(head: Uint8Array): ProgramKind {
  if (head[0] === 0x23 && head[1] === 0x21) {
    const line = new TextDecoder().decode(head.subarray(2)).split('\n')[0]!.trim();
    const space = line.search(/[ \t]/);
    if (space < 0) return { kind: 'script', interpreter: line, argument: undefined };
    return { kind: 'script', interpreter: line.slice(0, space), argument: line.slice(space).trim() };
  }
  // A NUL before the first newline makes it binary, as bash decides it.
  const newline = head.indexOf(10);
  const first = newline < 0 ? head : head.subarray(0, newline);
  return first.includes(0) || head[0] === 0x7f ? { kind: 'binary' } : { kind: 'text' };
}
