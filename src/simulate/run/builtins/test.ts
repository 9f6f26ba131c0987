import type { WritableLayer } from '../../../filesystem/writable';
import type { Command } from '../command';
import { elementOf } from '../interpreter/elements';
import type { Builtin } from './builtin';
import { compareTexts, fileTest, textTest } from './test-operators';

export const testProgram: Command = ({ name, args, fileSystem, cwd, stderr, flavour }) =>
  runTest(name, args, {
    fileSystem,
    cwd,
    equals: true,
    isPlain: flavour === 'busybox',
    complain: (words) => stderr.write(`${name}: ${words}\n`),
  });

export const testBuiltin: Builtin = ({ shell, name, args }) =>
  runTest(name, args, {
    fileSystem: shell.session.fileSystem,
    cwd: shell.cwd,
    // dash before 0.5.13 has only `=`.
    equals: shell.dialect !== 'dash',
    isPlain: !shell.isBash,
    complain: (words) => shell.complain(`${name}: ${words}`),
    ...(shell.isBash ? { isSet: (variable: string) => elementOf(shell, variable) !== undefined } : {}),
    ...(shell.isBash ? { isOn: (option: string) => [...shell.options].includes(option as never) } : {}),
  });

interface TestPlace {
  readonly fileSystem: WritableLayer;
  readonly cwd: string;
  /** `==` is known. */
  readonly equals: boolean;
  /** As dash and busybox, unlike bash and GNU: `-N` is not known, and a file that is not there is not older than any. */
  readonly isPlain: boolean;
  readonly isSet?: (variable: string) => boolean;
  readonly isOn?: (option: string) => boolean;
  complain(words: string): void;
}

/** A wrong use, in the words of dash and in those of bash. */
class TestFault extends Error {
  constructor(
    readonly posix: string,
    readonly bash: string,
  ) {
    super(posix);
  }
}

/** The utility `test` or `[` (POSIX XCU): 0 true, 1 false, 2 wrong use. */
function runTest(name: string, args: readonly string[], place: TestPlace): number {
  try {
    if (name === '[' && args.at(-1) !== ']') throw new TestFault('missing ]', "missing `]'");
    const operands = name === '[' ? args.slice(0, -1) : args;
    return decide(operands, place) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestFault)) throw error;
    place.complain(place.isOn ? error.bash : error.posix);
    return 2;
  }
}

/** Up to four arguments the meaning goes by their number; more are an expression with `-a`, `-o`, `!`, `( )`. */
function decide(args: readonly string[], place: TestPlace): boolean {
  const [first = '', second = '', third = ''] = args;
  if (args.length === 0) return false;
  if (args.length === 1) return first !== '';
  if (args.length === 2) return first === '!' ? second === '' : unary(first, second, place);
  if (args.length === 3) {
    if (isBinary(second, place)) return binary(first, second, third, place);
    if (second === '-a') return first !== '' && third !== '';
    if (second === '-o') return first !== '' || third !== '';
    if (first === '!') return !decide(args.slice(1), place);
    if (first === '(' && third === ')') return second !== '';
    throw new TestFault(`${first}: unexpected operator`, `${second}: binary operator expected`);
  }
  if (args.length === 4 && first === '!') return !decide(args.slice(1), place);
  if (args.length === 4 && first === '(' && args[3] === ')') return decide(args.slice(1, 3), place);
  return new TestExpression(args, place).whole();
}

function isBinary(operator: string, { equals }: TestPlace): boolean {
  if (operator === '==') return equals;
  return /^(?:=|!=|<|>|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot|-ef)$/.test(operator);
}

function unary(operator: string, operand: string, place: TestPlace): boolean {
  if (operator === '-v' && place.isSet) return place.isSet(operand);
  if (operator === '-o' && place.isOn) return place.isOn(operand);
  // bash alone takes `-a` for `-e` where it has one operand.
  if (operator === '-a' && place.isOn) return fileTest(place.fileSystem, place.cwd, '-e', operand) ?? false;
  const isKnown = operator !== '-N' || !place.isPlain;
  const result =
    textTest(operator, operand) ??
    (isKnown ? fileTest(place.fileSystem, place.cwd, operator, operand) : undefined);
  if (result === undefined) {
    const isCut = isBinary(operand, place);
    throw new TestFault(
      isCut ? `${operand}: argument expected` : `${operator}: unexpected operator`,
      `${operator}: unary operator expected`,
    );
  }
  return result;
}

function binary(left: string, operator: string, right: string, place: TestPlace): boolean {
  if (operator === '=' || operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (!/^-(?:eq|ne|lt|le|gt|ge)$/.test(operator))
    return compareTexts(place.fileSystem, place.cwd, left, operator, right, place.isPlain);
  const difference = integer(left) - integer(right);
  switch (operator) {
    case '-eq':
      return difference === 0n;
    case '-ne':
      return difference !== 0n;
    case '-lt':
      return difference < 0n;
    case '-le':
      return difference <= 0n;
    case '-gt':
      return difference > 0n;
    default:
      return difference >= 0n;
  }
}

function noNumber(text: string): TestFault {
  return new TestFault(`Illegal number: ${text}`, `${text}: integer expression expected`);
}

function integer(text: string): bigint {
  const match = /^\s*([-+]?)(\d+)\s*$/.exec(text);
  if (!match) throw noNumber(text);
  const number = match[1] === '-' ? -BigInt(match[2]!) : BigInt(match[2]!);
  if (BigInt.asIntN(64, number) !== number) throw noNumber(text);
  return number;
}

/** The grammar for more than four arguments: `-o` binds weaker than `-a`, that weaker than `!`. */
class TestExpression {
  private at = 0;

  constructor(
    private readonly args: readonly string[],
    private readonly place: TestPlace,
  ) {}

  whole(): boolean {
    const result = this.either();
    if (this.at < this.args.length) throw new TestFault('too many arguments', 'too many arguments');
    return result;
  }

  private either(): boolean {
    let result = this.both();
    while (this.args[this.at] === '-o') {
      this.at++;
      const right = this.both();
      result = result || right;
    }
    return result;
  }

  private both(): boolean {
    let result = this.not();
    while (this.args[this.at] === '-a') {
      this.at++;
      const right = this.not();
      result = result && right;
    }
    return result;
  }

  private not(): boolean {
    if (this.args[this.at] !== '!') return this.primary();
    this.at++;
    return !this.not();
  }

  private primary(): boolean {
    const [first, second, third] = this.args.slice(this.at, this.at + 3);
    if (first === undefined) throw new TestFault('argument expected', 'argument expected');
    if (second !== undefined && third !== undefined && isBinary(second, this.place)) {
      this.at += 3;
      return binary(first, second, third, this.place);
    }
    if (first === '(') {
      this.at++;
      const result = this.either();
      if (this.args[this.at++] !== ')')
        throw new TestFault('closing paren expected', 'closing paren expected');
      return result;
    }
    if (/^-[a-zA-Z]$/.test(first) && second !== undefined && second !== '-a' && second !== '-o') {
      this.at += 2;
      return unary(first, second, this.place);
    }
    this.at++;
    return first !== '';
  }
}
