import type {
  CommandNode,
  PipelineNode,
  ScriptNode,
  SimpleCommandNode,
  StatementNode,
  WordNode,
} from 'just-bash';
import { NotSimulated } from '../command';
import { watched } from '../matching';
import { SyntaxFault } from './command-list';
import type { Dialect } from './dialect';
import { rewriteSource } from './source';

// The syntax tree is just-bash's; its types stay within this folder.
export type { CommandNode, PipelineNode, ScriptNode, SimpleCommandNode, StatementNode, WordNode };

type Node<T extends CommandNode['type']> = Extract<CommandNode, { type: T }>;
export type IfNode = Node<'If'>;
export type ForNode = Node<'For'>;
export type CStyleForNode = Node<'CStyleFor'>;
export type WhileNode = Node<'While'>;
export type UntilNode = Node<'Until'>;
export type CaseNode = Node<'Case'>;
export type ConditionalNode = Node<'ConditionalCommand'>;
export type FunctionNode = Node<'FunctionDef'>;

export type AssignmentNode = SimpleCommandNode['assignments'][number];
export type RedirectionNode = SimpleCommandNode['redirections'][number];
export type ConditionalExpression = ConditionalNode['expression'];
export type HereDocument = Extract<RedirectionNode['target'], { type: 'HereDoc' }>;

export type WordPart = WordNode['parts'][number];
type Part<T extends WordPart['type']> = Extract<WordPart, { type: T }>;
export type ParameterPart = Part<'ParameterExpansion'>;
export type ParameterOperation = NonNullable<ParameterPart['operation']>;
export type BracePart = Part<'BraceExpansion'>;
export type ArithmeticExpression = Part<'ArithmeticExpansion'>['expression'];

type Parse = (text: string) => ScriptNode;
let parse: Parse | undefined;

/** Loads the parser, which takes about 100 ms, once something is to be parsed. */
export async function loadParser(): Promise<void> {
  parse ??= (await import('just-bash')).parse;
}

const parsed = new Map<string, ScriptNode>();
const REMEMBERED = 300;
/** Longer texts are parsed under a watchdog, for deep nesting takes the parser long, and they are not remembered. */
const LONG = 10_000;

/** The tree of a shell text. Throws a `SyntaxFault` as the shell would refuse it. */
export function parseShell(text: string, dialect: Dialect): ScriptNode {
  const key = `${dialect}\n${text}`;
  const known = parsed.get(key);
  if (known) return known;
  const list = text.lastIndexOf('=(');
  if (dialect === 'bash' && list >= 0 && !text.includes(')', list))
    throw new NotSimulated('a list of values that does not end is not simulated');
  const read = () => parseRewritten(rewriteSource(text, dialect), text, dialect);
  const script = text.length > LONG ? watched(read, 'parsing a long script') : read();
  if (text.length > LONG) return script;
  if (parsed.size >= REMEMBERED) parsed.delete(parsed.keys().next().value!);
  parsed.set(key, script);
  return script;
}

function parseRewritten(source: string, original: string, dialect: Dialect): ScriptNode {
  if (!parse) throw new Error('Cannot parse shell text: loadParser() was not awaited');
  try {
    return parse(source);
  } catch (error) {
    const { message } = error as Error;
    const token = wrongToken(message, dialect);
    if (token !== undefined) throw new SyntaxFault(token);
    // The parser's own limits look like faults of the text, so what is not surely one is no failing build.
    const first = original.trim().split('\n')[0]!.slice(0, 60);
    throw new NotSimulated(`the shell text "${first}" cannot be parsed: ${message}`);
  }
}

/** What is surely wrong in the text: a construct that does not end, or a reserved word out of place. */
function wrongToken(message: string, dialect: Dialect): string | undefined {
  if (/got EOF$/.test(message)) return 'end of file';
  const token = /unexpected token `(.*)'$/.exec(message)?.[1];
  if (token && /^(?:then|do|done|fi|else|elif|esac|[})])$/.test(token)) return token;
  return token === '(' && dialect !== 'bash' ? token : undefined;
}

/** The one word that `text` is, read as inside double quotes: for arithmetic and subscripts. */
export function parseQuotedText(text: string, dialect: Dialect): WordNode {
  return firstArgument(parseShell(`: "${text.replaceAll('"', '')}"`, dialect), text);
}

export function parseWord(text: string, dialect: Dialect): WordNode {
  return firstArgument(parseShell(`: ${text}`, dialect), text);
}

function firstArgument(script: ScriptNode, text: string): WordNode {
  const word = firstCommand(script, text).args[0];
  if (!word) throw new SyntaxFault(text);
  return word;
}

function firstCommand(script: ScriptNode, text: string): SimpleCommandNode {
  const command = script.statements[0]?.pipelines[0]?.commands[0];
  if (command?.type !== 'SimpleCommand') throw new SyntaxFault(text);
  return command;
}
