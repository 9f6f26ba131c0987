import type { ShellState } from './shell-state';
import type { CommandNode, SimpleCommandNode, StatementNode, WordNode } from './syntax';

/**
 * What comes of a branch, as far as its text tells: it ends the build, leaves what it stands in or one turn of a loop, only
 * prints, or does more.
 */
export type Fate = 'fails' | 'leaves' | 'skips' | 'prints' | 'acts';

export function fateOf(shell: ShellState, statements: readonly StatementNode[]): Fate {
  const last = lastCommand(statements);
  const name = last && nameOf(last);
  if (last?.type === 'SimpleCommand' && name === 'exit') {
    const code = last.args[0] && literalOf(last.args[0]);
    const fails = code !== undefined && code !== '0' && isOfBuild(shell);
    if (!fails) return 'leaves';
    // With another way out in it, only running it tells.
    return commandsIn(statements).filter((command) => WAYS_OUT.has(nameOf(command) ?? '')).length === 1
      ? 'fails'
      : 'acts';
  }
  if (name === 'return' || name === 'break') return 'leaves';
  if (name === 'continue') return 'skips';
  const printsOnly = statements.every((statement) =>
    statement.pipelines.every(({ commands }) => commands.every(prints)),
  );
  return printsOnly && shell.descriptors.output(1).isLog ? 'prints' : 'acts';
}

/** Whether `exit` ends the RUN here. */
export function isOfBuild(shell: ShellState): boolean {
  return shell.processId === 1 && !shell.isSubshell;
}

function lastCommand(statements: readonly StatementNode[]): CommandNode | undefined {
  const pipeline = statements.at(-1)?.pipelines.at(-1);
  const command = pipeline?.commands.length === 1 ? pipeline.commands[0] : undefined;
  return command?.type === 'Group' ? lastCommand(command.body) : command;
}

const WAYS_OUT = new Set(['break', 'continue', 'exit', 'return']);

const PRINTS = new Set(': [ date echo false printf sleep test true'.split(' '));

function prints(command: CommandNode): boolean {
  if (command.type === 'Group')
    return command.body.every(({ pipelines }) => pipelines.every(({ commands }) => commands.every(prints)));
  const name = nameOf(command);
  if (command.type !== 'SimpleCommand' || name === undefined || !PRINTS.has(name)) return false;
  const staysInLog = command.redirections.every(
    ({ operator, target }) =>
      /&$/.test(operator) || (target.type === 'Word' && /^\/dev\//.test(literalOf(target) ?? '')),
  );
  return staysInLog && command.assignments.length === 0 && command.args.every(isPlain);
}

/** Without a substitution, which may do anything. */
function isPlain({ parts }: WordNode): boolean {
  return !/"(?:CommandSubstitution|ProcessSubstitution|ArithmeticExpansion|AssignDefault)"/.test(
    JSON.stringify(parts),
  );
}

function nameOf(command: CommandNode): string | undefined {
  return command.type === 'SimpleCommand' && command.name ? literalOf(command.name) : undefined;
}

function literalOf({ parts }: WordNode): string | undefined {
  const [part, ...more] = parts;
  return part?.type === 'Literal' && more.length === 0 ? part.value : undefined;
}

const DECLARES = /^(?:export|local|declare|typeset|readonly|read|unset|getopts)$/;

/** Names of variables that commands set, wherever in them. */
export function assignedIn(statements: readonly StatementNode[]): string[] {
  return nodesIn(statements).flatMap((node) => {
    const { type, name, variable } = node as { type?: string; name?: unknown; variable?: unknown };
    if (type === 'Assignment') return [name as string];
    if (type === 'For' || type === 'ArithAssignment') return [variable as string];
    return type === 'SimpleCommand' ? declaredBy(node as SimpleCommandNode) : [];
  });
}

function commandsIn(statements: readonly StatementNode[]): SimpleCommandNode[] {
  return nodesIn(statements).filter(
    (node): node is SimpleCommandNode => 'type' in node && node.type === 'SimpleCommand',
  );
}

/** All of a part of the tree. */
function nodesIn(node: unknown): object[] {
  if (typeof node !== 'object' || node === null) return [];
  return [node, ...Object.values(node).flatMap(nodesIn)];
}

function declaredBy(command: SimpleCommandNode): string[] {
  if (!DECLARES.test(nameOf(command) ?? '')) return [];
  return command.args.flatMap(({ parts: [part] }) => {
    const name = part?.type === 'Literal' ? /^[A-Za-z_]\w*/.exec(part.value)?.[0] : undefined;
    return name === undefined ? [] : [name];
  });
}
