import { NotSimulated } from '../command';
import type { ShellState } from '../interpreter/shell-state';
import type { Builtin } from './builtin';

/** All jobs have ended already. One that was waited for is forgotten: in bash after a plain `wait`, elsewhere with the next job. */
export const waitBuiltin: Builtin = ({ shell, args }) => {
  const jobs = args.filter((arg) => !arg.startsWith('-'));
  if (jobs.length < args.length) {
    if (!shell.isBash) return shell.misuse('wait', args.find((arg) => arg.startsWith('-'))!.slice(0, 2));
    throw new NotSimulated('`wait` with options is not simulated');
  }
  if (jobs.length === 0) {
    if (shell.isBash) shell.jobs.clear();
    else for (const job of shell.jobs.keys()) shell.waited.add(job);
    return 0;
  }
  let status = 127;
  for (const job of jobs) status = statusOf(shell, job);
  return status;
};

function statusOf(shell: ShellState, job: string): number {
  const number = jobNumber(shell, job);
  if (number === undefined) {
    if (job.startsWith('%')) {
      sayNoJob(shell, 'wait', job);
      return shell.isBash ? 127 : 2;
    }
    if (shell.isBash) shell.complain(`wait: \`${job}': not a pid or valid job spec`);
    else shell.complain(`wait: Illegal number: ${job}`);
    return shell.isBash ? 1 : 2;
  }
  const status = shell.jobs.get(number);
  if (status === undefined && shell.isBash) shell.complain(`wait: pid ${job} is not a child of this shell`);
  shell.waited.add(number);
  return status ?? 127;
}

/** The process that a word names; undefined for one that names none. */
function jobNumber(shell: ShellState, job: string): number | undefined {
  if (/^\d+$/.test(job)) return Number(job);
  if (!job.startsWith('%')) return undefined;
  const numbers = [...shell.jobs.keys()];
  if (numbers.length > 0 && !/^%[1-9]$/.test(job)) throw new NotSimulated(`the job ${job} is not simulated`);
  return numbers[Number(job.slice(1)) - 1];
}

function sayNoJob(shell: ShellState, name: string, job: string): void {
  if (shell.dialect === 'dash') shell.complain(`${name}: No such job: ${job}`);
  else shell.complain(`${name}: ${job}: no such job`);
}

export const killBuiltin: Builtin = ({ shell, args }) => {
  if (args[0] === '-l' || args[0] === '-L') throw new NotSimulated('`kill -l` is not simulated');
  const first = /^-./.test(args[0] ?? '') ? (/^-[sn]$/.test(args[0]!) ? 2 : 1) : 0;
  const targets = args.slice(first);
  const unknownJob = targets.find(
    (target) => /^%[1-9]$/.test(target) && jobNumber(shell, target) === undefined,
  );
  if (targets.length === 1 && unknownJob !== undefined) {
    sayNoJob(shell, 'kill', unknownJob);
    return shell.isBash ? 1 : 2;
  }
  // What runs in the background has ended by now: a signal to it finds nobody, or comes too late to matter.
  if (targets.length > 0 && targets.every((target) => shell.jobs.has(jobNumber(shell, target) ?? -1))) {
    shell.session.model('processes in the background are run to their end at once');
    return 0;
  }
  throw new NotSimulated('`kill` of a process is not simulated');
};

export const jobsBuiltin: Builtin = ({ shell }) => {
  if (shell.jobs.size > 0 && !shell.descriptors.output(1).isLog)
    throw new NotSimulated('the list of `jobs` is not simulated');
  return 0;
};

/** Without job control there is nothing to bring to the front. */
export const foregroundBuiltin: Builtin = ({ shell, name }) => {
  if (shell.jobs.size > 0) throw new NotSimulated(`\`${name}\` is not simulated`);
  shell.complain(`${name}: ${shell.isBash ? 'no job control' : 'No current job'}`);
  return shell.isBash ? 1 : 2;
};
