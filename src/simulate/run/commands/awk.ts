/**
 * awk, written here rather than taken from just-bash: its awk is a program for text that has been decoded, while files
 * have to come out byte for byte as they went in; it differs from mawk (Debian's awk) in the order of `for (k in a)`, in
 * number formats and in unknown escapes; and its types would have to cross the door of the shell engine.
 */
import { type Command, type CommandContext, NotSimulated } from '../command';
import { AwkOutput } from './awk-output';
import { parseAwk } from './awk-parser';
import { AwkQuestions } from './awk-questions';
import { type AwkArray, type AwkDoors, AwkRun } from './awk-run';
import { AwkSyntaxError, unescapeText } from './awk-syntax';
import { inputValue } from './awk-values';
import { type ByteString, encodeArgument } from './bytes';
import { causeOf, complain } from './complaints';
import { openInput, readText } from './input';
import { localeOf } from './locale';
import { notSimulated, parseOptions } from './options';
import { RegexError } from './posix-regex';

const OPTIONS = ['-F --field-separator=FS', '-v --assign=VAR', '-f --file=FILE'];

/** mawk 1.3.4 (Debian), gawk 5 or busybox' awk, for what they share; POSIX "awk". */
export function awk(kind: AwkDoors['kind']): Command {
  return async (context) => {
    const args = context.args.filter(
      (argument) => argument !== '--posix' && argument !== '-W' && argument !== 'interactive',
    );
    const options = parseOptions({ name: context.name, args }, OPTIONS, { stopAtOperand: true });
    if (
      context.args.includes('-W') ||
      (kind === 'gawk' && localeOf(context).utf8 && !localeOf(context).byteOrder)
    )
      throw notSimulated(context.name, 'with -W or a language');
    const operands = [...options.operands];
    const sources: ByteString[] = [];
    for (const file of options.values('file')) {
      try {
        sources.push(await readText(context, openInput(context, file)));
      } catch (error) {
        complain(context, `cannot open ${file} (${causeOf(error)})`);
        return 2;
      }
    }
    if (sources.length === 0) {
      const program = operands.shift();
      if (program === undefined) throw notSimulated(context.name, 'without a program');
      sources.push(encodeArgument(program));
    }
    try {
      return await runAwk(context, kind, sources.join('\n'), operands, options);
    } catch (error) {
      if (!(error instanceof AwkSyntaxError) && !(error instanceof RegexError)) throw error;
      // Whether the fault is the program's or a limit of this parser cannot be told for certain.
      throw new NotSimulated(`this program of \`${context.name}\` is not simulated: ${error.message}`);
    }
  };
}

/** Escapes and brackets that busybox reads in its own way, and powers, which not every build has. */
function refuseBeyondBusybox(source: ByteString): void {
  // Within a text a slash is an ordinary character.
  const beyondTexts = source.replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
  const isOdd = /"[^"\n]*\\[^ntr\\"0-7abfv]/.test(source) || /\[[^\]\n]*\/[^\]\n]*\]/.test(beyondTexts);
  const calculates = /[^[]\^(?![^\n]*\/)|\*\*|\b(exp|log|sin|cos|atan2|sqrt)\(/.test(
    source.replace(/"(?:[^"\\]|\\.)*"|\/(?:[^/\\\n]|\\.)*\//g, ''),
  );
  if (isOdd || calculates) throw new NotSimulated('this program is not simulated for `awk` of busybox');
}

async function runAwk(
  context: CommandContext,
  kind: AwkDoors['kind'],
  source: ByteString,
  operands: readonly string[],
  options: ReturnType<typeof parseOptions>,
): Promise<number> {
  if (kind === 'mawk' && /\*\*/.test(source)) throw new NotSimulated('`mawk` with ** is not simulated');
  if (kind === 'busybox') refuseBeyondBusybox(source);
  const program = parseAwk(source);
  const needsInput = program.rules.some((rule) => rule.kind !== 'BEGIN') || /\bgetline\b/.test(source);
  const { inputs, failed } = await inputsOf(context, kind, needsInput ? operands : []);
  const output = new AwkOutput(context, kind);
  const questions = new AwkQuestions(context, !needsInput);
  if (/\bARG[VC]\b\s*(\[[^\]]*\]\s*)?=[^=]/.test(source))
    throw new NotSimulated('`awk` that changes its arguments is not simulated');
  const globals = globalsOf(context, kind, operands, options);
  const exitCode = await questions.runToEnd(
    () => {
      output.begin();
      const doors = {
        write: output.write,
        writeFile: output.writeFile,
        closeFile: (file: ByteString) => output.close(file, questions.ask),
      };
      const run = new AwkRun(program, { context, kind, inputs, ...doors, ask: questions.ask });
      for (const [name, value] of globals)
        run.globals.set(name, value instanceof Map ? new Map(value) : value);
      const status = run.run();
      output.closePipes(questions.ask);
      return status;
    },
    (question) => output.settle(question),
  );
  await output.flush();
  return exitCode !== 0 ? exitCode : failed ? (kind === 'busybox' ? 1 : 2) : 0;
}

type Globals = Map<string, AwkArray | ReturnType<typeof inputValue>>;

function globalsOf(
  context: CommandContext,
  kind: AwkDoors['kind'],
  operands: readonly string[],
  options: ReturnType<typeof parseOptions>,
): Globals {
  const globals: Globals = new Map();
  const variables = [...context.env].map(
    ([name, value]) => [name, inputValue(encodeArgument(value))] as const,
  );
  globals.set('ENVIRON', arrayOf(variables));
  const words = [context.name, ...operands].map(
    (word, index) => [String(index), inputValue(encodeArgument(word))] as const,
  );
  globals.set('ARGV', arrayOf(words));
  globals.set('ARGC', words.length);
  const separator = options.value('field-separator');
  if (separator !== undefined)
    globals.set('FS', separator === 't' && kind !== 'mawk' ? '\t' : unescapeText(encodeArgument(separator)));
  for (const assignment of options.values('assign')) {
    const equals = assignment.indexOf('=');
    if (equals < 1) throw notSimulated(context.name, `-v ${assignment}`);
    globals.set(
      assignment.slice(0, equals),
      inputValue(unescapeText(encodeArgument(assignment.slice(equals + 1)))),
    );
  }
  return globals;
}

function arrayOf(entries: readonly (readonly [string, ReturnType<typeof inputValue>])[]): AwkArray {
  return new Map(entries);
}

async function inputsOf(
  context: CommandContext,
  kind: AwkDoors['kind'],
  operands: readonly string[],
): Promise<{ inputs: AwkDoors['inputs']; failed: boolean }> {
  const inputs: AwkDoors['inputs'][number][] = [];
  let failed = false;
  for (const operand of operands) {
    const assignment = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(operand);
    if (assignment) {
      inputs.push({
        kind: 'assign',
        name: assignment[1]!,
        value: unescapeText(encodeArgument(assignment[2]!)),
      });
      continue;
    }
    try {
      inputs.push({
        kind: 'text',
        name: operand,
        text: await readText(context, openInput(context, operand)),
      });
    } catch (error) {
      if (kind !== 'gawk') {
        complain(context, `cannot open ${operand} (${causeOf(error)})`);
        // mawk stops at the first file that it cannot open, after what it read before.
        if (inputs.length > 0) throw new NotSimulated('`awk` with a file that is missing is not simulated');
        failed = true;
        break;
      }
      complain(context, `warning: command line argument \`${operand}': ${causeOf(error)}`);
      failed = true;
    }
  }
  const hasText = inputs.some((input) => input.kind === 'text');
  if (!hasText && !failed)
    inputs.push({ kind: 'text', name: '', text: await readText(context, context.stdin) });
  return { inputs, failed };
}
