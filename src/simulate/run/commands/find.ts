import { PosixError } from '../../../filesystem/posix';
import type { Inode } from '../../../filesystem/writable';
import type { CommandContext } from '../command';
import { causeOf, complain, fail, quote } from './complaints';
import { type Expression, parseFind, type Visit } from './find-expression';
import { absolute, listsByChance, printsDoubtful } from './input';
import { joinNames } from './names';
import { notSimulated } from './options';
import { readOwnerNames } from './owner-names';

/**
 * GNU findutils 4.9, by its manual. Names come in byte order, while the kernel gives them in an order of its own; what
 * a build prints unsorted may differ in that.
 */
export async function find(context: CommandContext): Promise<number> {
  const args = [...context.args];
  let follow: 'never' | 'operands' | 'always' = 'never';
  for (; /^-[HLP]$|^-O\d$/.test(args[0] ?? ''); args.shift()) {
    if (args[0] === '-L') follow = 'always';
    else if (args[0] === '-H') follow = 'operands';
    else if (args[0] === '-P') follow = 'never';
  }
  const starts: string[] = [];
  while (args.length > 0 && !/^(-.|[(!]$)/s.test(args[0]!)) starts.push(args.shift()!);
  const expression = parseFind(context, args, await readOwnerNames(context));
  if (typeof expression === 'string') return fail(context, expression);
  const work = new Finding(context, expression, follow);
  for (const start of starts.length > 0 ? starts : ['.']) {
    await work.start(start);
    if (work.quits) break;
  }
  await work.finish();
  return work.exitCode;
}

class Finding {
  exitCode = 0;
  quits = false;
  /** How many entries passed the expression so far. */
  private spoken = 0;
  /** The folders on the way to where it is. */
  private readonly entered = new Set<Inode>();

  constructor(
    private readonly context: CommandContext,
    private readonly expression: Expression,
    private readonly follow: 'never' | 'operands' | 'always',
  ) {}

  async start(start: string): Promise<void> {
    const real = this.context.fileSystem.find(absolute(this.context, start || '.')).path;
    if (real === '/' && this.expression.prints && !this.expression.staysOnDevice) {
      printsDoubtful(this.context, "a listing of / has the machine's /proc, /sys and /dev in it");
    }
    await this.visit(start, start, 0);
  }

  async finish(): Promise<void> {
    for (const batch of this.expression.batches) {
      if (!(await batch.flush())) this.exitCode = 1;
    }
    const { stdout, fileSystem } = this.context;
    const doubt = fileSystem.firstDoubt;
    // Nothing found where more may be than is known: whoever reads it must not take it for nothing.
    if (this.expression.prints && this.spoken === 0 && doubt && !stdout.isLog)
      stdout.write({ kind: 'placeholder', size: 0, reason: doubt.reason });
  }

  /** Only folders, and commands that are run, are waited for. */
  private visit(path: string, start: string, depth: number): Promise<void> | undefined {
    this.context.checkBudget();
    const visit = this.look(path, start, depth);
    if (!visit) return undefined;
    if (visit.inode.node.kind === 'directory') return this.folder(visit);
    return depth >= this.expression.minDepth ? this.test(visit) : undefined;
  }

  private async folder(visit: Visit): Promise<void> {
    const { expression } = this;
    const { path, start, depth, inode } = visit;
    if (this.entered.has(inode)) throw notSimulated('find', 'of a folder that a link puts into itself');
    const isShown = depth >= expression.minDepth;
    if (isShown && !expression.contentsFirst) await this.test(visit);
    if (depth < expression.maxDepth && !visit.pruned && !this.quits && !this.isOtherDevice(path, depth)) {
      this.entered.add(inode);
      await this.below(path, start, depth);
      this.entered.delete(inode);
    }
    if (isShown && expression.contentsFirst && !this.quits) await this.test(visit);
  }

  /** Mount points of a RUN are other file systems than the image's. */
  private isOtherDevice(path: string, depth: number): boolean {
    if (!this.expression.staysOnDevice || depth === 0) return false;
    return /^\/(proc|sys|dev)$/.test(this.context.fileSystem.find(absolute(this.context, path)).path);
  }

  private look(path: string, start: string, depth: number): Visit | undefined {
    const { context } = this;
    const { fileSystem } = context;
    const follows =
      this.follow === 'always' || (this.follow === 'operands' && depth === 0) || path.endsWith('/');
    try {
      const at = absolute(context, path);
      const found = fileSystem.find(at, { follow: follows });
      if (found.kind === 'absent' && found.why === 'link loop')
        throw notSimulated('find', 'of a loop of links');
      const inode = found.kind === 'present' ? found.inode : fileSystem.stat(at, { follow: false });
      if (path.endsWith('/') && inode.node.kind !== 'directory') throw new PosixError('ENOTDIR', path);
      return { path, start, depth, inode, pruned: false };
    } catch (error) {
      this.fail(`${quote(path)}: ${causeOf(error)}`);
      return undefined;
    }
  }

  private test(visit: Visit): Promise<void> | undefined {
    const passed = this.expression.test(visit);
    if (typeof passed !== 'boolean') return passed.then((holds) => this.note(holds));
    this.note(passed);
    return undefined;
  }

  private note(passed: boolean): void {
    if (passed) this.spoken++;
    this.quits ||= this.expression.quits();
    if (this.expression.takeFailure()) this.exitCode = 1;
  }

  private async below(path: string, start: string, depth: number): Promise<void> {
    const { context } = this;
    let names: string[];
    try {
      names = context.fileSystem.list(absolute(context, path));
    } catch (error) {
      return this.fail(`${quote(path)}: ${causeOf(error)}`);
    }
    let speaking = 0;
    for (const name of names) {
      if (this.quits) return;
      const before = this.spoken;
      const child = joinNames(path, name);
      // An action may have removed what was listed.
      if (context.fileSystem.find(absolute(context, child), { follow: false }).kind === 'absent') {
        throw notSimulated('find', 'of files that its own commands remove');
      }
      const pending = this.visit(child, start, depth + 1);
      if (pending) await pending;
      if (this.spoken > before) speaking++;
      listsByChance(context, speaking);
    }
  }

  private fail(text: string): void {
    complain(this.context, text);
    this.exitCode = 1;
  }
}
