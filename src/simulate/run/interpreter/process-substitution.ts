import { EMPTY_CONTENT } from '../../../layers/content';
import { InputStream } from '../descriptors';
import { Collector, mergeContents } from '../output';
import { executeStatements } from './execute';
import type { ShellState } from './shell-state';
import { inSubshell } from './subshell';
import type { WordPart } from './syntax';

type SubstitutionPart = Extract<WordPart, { type: 'ProcessSubstitution' }>;

const FOLDER = '/dev/fd';

/**
 * Makes the file that `<(…)` or `>(…)` stands for (bash manual 3.5.6). The list of a `<(…)` runs before the command
 * that reads it, that of a `>(…)` once the command has written: `finishSubstitutions`.
 */
export async function placeSubstitution(
  shell: ShellState,
  { body, direction }: SubstitutionPart,
): Promise<string> {
  const { fileSystem, reader } = shell.session;
  const path = `${FOLDER}/${63 - shell.substitutions.length}`;
  const output = new Collector(shell.session.budget);
  if (direction === 'input') {
    await inSubshell(shell, async (child) => {
      child.descriptors.set(1, { kind: 'output', output });
      return executeStatements(child, body.statements);
    });
  }
  // What is not known of /proc does not matter to a file that is made there for the moment.
  shell.session.settleDoubts('a process substitution', false);
  fileSystem.makeFolders(FOLDER, { mode: 0o755, uid: 0, gid: 0 });
  const content = direction === 'input' ? await mergeContents(output.take(), reader) : EMPTY_CONTENT;
  const { uid, gid } = fileSystem.credentials;
  fileSystem.place(path, { kind: 'file', content, mode: 0o600, uid, gid, mtime: fileSystem.now() });
  fileSystem.takeDoubts();
  shell.substitutions.push({ path, ...(direction === 'output' ? { reader: body } : {}) });
  return path;
}

/** Runs what waits for output of the finished command, and takes the files away. */
export async function finishSubstitutions(shell: ShellState): Promise<void> {
  while (shell.substitutions.length > 0) {
    const { path, reader } = shell.substitutions.pop()!;
    await shell.session.flush();
    shell.session.settleDoubts('a process substitution', false);
    const { node } = shell.fileSystem.stat(path);
    const { credentials } = shell.fileSystem;
    shell.fileSystem.credentials = { uid: 0, gid: 0, groups: [] };
    shell.fileSystem.unlink(path);
    shell.fileSystem.credentials = credentials;
    shell.fileSystem.takeDoubts();
    if (!reader || node.kind !== 'file') continue;
    await inSubshell(shell, async (child) => {
      child.descriptors.set(0, { kind: 'input', input: new InputStream(node.content) });
      return executeStatements(child, reader.statements);
    });
  }
}
