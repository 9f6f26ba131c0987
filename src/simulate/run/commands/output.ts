import { PosixError } from '../../../filesystem/posix';
import type { Content } from '../../../layers/content';
import { inlineContent } from '../../../layers/content';
import { type CommandContext, NotSimulated } from '../command';
import { joinBytes } from './bytes';
import { openFile, readBytes } from './input';

/**
 * Writes a file as `open(O_CREAT | O_TRUNC)` and `write` do, or sends the content to the device at that path:
 * `/dev/null`, `/dev/stdout`, `/dev/stderr`.
 */
export function writeFile(context: CommandContext, path: string, content: Content, mode?: number): void {
  if (writeDevice(context, path, content)) return;
  context.fileSystem.write(path, content, mode === undefined ? {} : { mode });
}

/** As `writeFile` with `O_APPEND` in place of `O_TRUNC`. */
export async function appendFile(context: CommandContext, path: string, content: Content): Promise<void> {
  if (writeDevice(context, path, content)) return;
  const found = context.fileSystem.find(path);
  if (found.kind === 'absent' || content.size === 0) {
    if (found.kind === 'absent') context.fileSystem.write(path, content);
    return;
  }
  const before = await readBytes(context, openFile(context, path));
  const added = await readBytes(context, content);
  const joined = inlineContent(joinBytes([before, added]));
  const varies = content.kind === 'inline' ? content.varies : undefined;
  context.fileSystem.write(path, joined.kind === 'inline' && varies ? { ...joined, varies } : joined);
}

function writeDevice(context: CommandContext, path: string, content: Content): boolean {
  const { path: real } = context.fileSystem.find(path);
  if (real === '/dev/null') return true;
  if (/^(\/dev\/(stdout|fd\/1)|\/proc\/self\/fd\/1)$/.test(real)) context.stdout.write(content);
  else if (/^(\/dev\/(stderr|fd\/2)|\/proc\/self\/fd\/2)$/.test(real)) context.stderr.write(content);
  else if (real === '/dev/full') throw new PosixError('ENOSPC', path);
  else if (/^\/dev\/(?!shm\/|mqueue\/)./.test(real) || /^\/proc\/./.test(real)) {
    throw new NotSimulated(`writing to ${real} is not simulated`);
  } else return false;
  return true;
}
