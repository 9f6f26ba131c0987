import { EMPTY_CONTENT } from '../../../layers/content';
import { childPath } from '../../../layers/path';
import { type CommandContext, NotSimulated } from '../command';
import { complain } from './complaints';
import { absolute, printText } from './input';
import { notSimulated, parseOptions } from './options';

const OPTIONS = ['-a --arg=ARGUMENT', '--exit-on-error', '--list', '--reverse', '--test', '-v --verbose'];

/** run-parts(8) of debianutils 5.7. */
export async function runParts(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  const [folder, ...more] = options.operands;
  if (folder === undefined || more.length > 0) throw notSimulated('run-parts', options.operands.join(' '));
  const { fileSystem } = context;
  const path = absolute(context, folder);
  const found = fileSystem.find(path);
  if (found.kind !== 'present' || found.inode.node.kind !== 'directory') {
    complain(
      context,
      `failed to open directory ${folder}: ${found.kind === 'absent' ? 'No such file or directory' : 'Not a directory'}`,
    );
    return 1;
  }
  const names = fileSystem
    .list(path)
    .filter((name) => /^[A-Za-z0-9_-]+$/.test(name))
    .sort();
  if (options.has('reverse')) names.reverse();
  let exitCode = 0;
  for (const name of names) {
    const part = childPath(folder, name);
    const at = fileSystem.find(absolute(context, part));
    const { kind } = at.kind === 'present' ? at.inode.node : { kind: undefined };
    if (kind === 'directory') continue;
    if (at.kind !== 'present' || kind !== 'file')
      throw new NotSimulated('`run-parts` of what is no file is not simulated');
    const isProgram = fileSystem.allows(at.inode, 1);
    if (options.has('list') || (options.has('test') && isProgram)) printText(context, `${part}\n`);
    if (options.has('list', 'test') || !isProgram) continue;
    if (options.has('verbose'))
      context.stderr.write(
        `run-parts: executing ${part}${options
          .values('arg')
          .map((arg) => ` ${arg}`)
          .join('')}\n`,
      );
    const { stdout, stderr } = context;
    const done = await context.run([part, ...options.values('arg')], {
      stdin: EMPTY_CONTENT,
      stdout,
      stderr,
    });
    if (done.exitCode === 0) continue;
    complain(context, `${part} exited with return code ${done.exitCode}`);
    exitCode = 1;
    if (options.has('exit-on-error')) break;
  }
  return exitCode;
}
