import { EMPTY_CONTENT } from '../../../layers/content';
import { type CommandContext, NotSimulated } from '../command';
import { Collector } from '../output';
import { type ByteString, decodeArgument } from './bytes';
import { causeOf } from './complaints';
import { absolute, contentOf, openFile, readText } from './input';

/** What a program of awk asks while it runs: that a command be run, or what a command prints or a file holds. */
export interface AwkQuestion {
  readonly kind: 'system' | 'output' | 'file' | 'pipe';
  readonly of: ByteString;
  /** What was printed to the command of a pipe. */
  readonly input?: ByteString;
}

/** How a command ended and, where it was asked for, what it printed or a file holds. */
export interface AwkAnswer {
  readonly exitCode: number;
  readonly text: ByteString;
}

class Asked {
  constructor(readonly question: AwkQuestion) {}
}

/**
 * Programs of awk run in one go, while commands take their time. So where a program asks for the first time, its run
 * ends, the answer is fetched, and it runs anew with all answers so far: it does the same again, as nothing of it goes
 * by chance.
 */
export class AwkQuestions {
  private readonly answers: AwkAnswer[] = [];
  private next = 0;

  constructor(
    private readonly context: CommandContext,
    /** Standard input belongs to the commands, because the program does not read it. */
    private readonly sharesInput: boolean,
  ) {}

  readonly ask = (question: AwkQuestion): AwkAnswer => {
    if (this.next >= this.answers.length) throw new Asked(question);
    return this.answers[this.next++]!;
  };

  /** Runs `program` to its end; `before` brings what it wrote so far to where commands see it. */
  async runToEnd(program: () => number, before: (question: AwkQuestion) => Promise<void>): Promise<number> {
    for (;;) {
      this.next = 0;
      this.context.checkBudget();
      try {
        return program();
      } catch (error) {
        if (!(error instanceof Asked)) throw error;
        await before(error.question);
        this.answers.push(await this.answer(error.question));
      }
    }
  }

  private async answer({ kind, of, input }: AwkQuestion): Promise<AwkAnswer> {
    if (kind === 'file') return this.textOf(of);
    if (kind === 'pipe') return { exitCode: await this.run(of, { stdin: contentOf(input!) }), text: '' };
    const stdin = this.sharesInput && this.answers.length === 0 ? this.context.stdin : EMPTY_CONTENT;
    if (kind === 'system') return { exitCode: await this.run(of, { stdin }), text: '' };
    const output = new Collector();
    const exitCode = await this.run(of, { stdin, stdout: output });
    const texts: ByteString[] = [];
    for (const piece of output.take()) texts.push(await readText(this.context, piece));
    return { exitCode, text: texts.join('') };
  }

  /** A file that cannot be read ends with 1. */
  private async textOf(file: ByteString): Promise<AwkAnswer> {
    const name = decodeArgument(file);
    if (name === '-' || name === '/dev/stdin')
      throw new NotSimulated('`awk` with getline from standard input is not simulated');
    try {
      const content = openFile(this.context, absolute(this.context, name));
      return { exitCode: 0, text: await readText(this.context, content) };
    } catch (error) {
      causeOf(error);
      return { exitCode: 1, text: '' };
    }
  }

  private async run(command: ByteString, options: Parameters<CommandContext['run']>[1]): Promise<number> {
    const done = await this.context.runScript(decodeArgument(command), { shell: 'sh', ...options });
    return done.exitCode;
  }
}
