import { NotSimulated } from '../command';
import type { ShellState } from '../interpreter/shell-state';
import type { Builtin } from './builtin';

/** All jobs have ended already, but for those that were left asleep. One that was waited for is forgotten: in bash after a plain `wait`, elsewhere with the next job. */
export const waitBuiltin: Builtin = ({ shell, args }) => {
  const jobs = args.filter((arg) => !arg.startsWith('-'));
  if (jobs.length < args.length) {
    if (!shell.isBash) return shell.misuse('wait', args.find((arg) => arg.startsWith('-'))!.slice(0, 2));
    throw new NotSimulated('`wait` with options is not simulated');
  }
  if (jobs.length === 0) {
    for (const status of shell.jobs.values()) refuseAsleep(status);
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
  refuseAsleep(status);
  if (status === undefined && shell.isBash) shell.complain(`wait: pid ${job} is not a child of this shell`);
  shell.waited.add(number);
  return status ?? 127;
}

function refuseAsleep(status: number | 'asleep' | undefined): asserts status is number | undefined {
  if (status === 'asleep')
    throw new NotSimulated('`wait` for a job that sleeps for minutes is not simulated');
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
  const jobs = targets.map((target) => jobNumber(shell, target) ?? -1);
  if (jobs.length > 0 && jobs.every((job) => shell.jobs.has(job))) {
    for (const job of jobs) endJob(shell, job, first === 0 ? 'TERM' : args[first - 1]!);
    return 0;
  }
  throw new NotSimulated('`kill` of a process is not simulated');
};

/** What runs in the background has ended by now: a signal to it finds nobody, or comes too late to matter. */
function endJob(shell: ShellState, job: number, signal: string): void {
  if (shell.jobs.get(job) !== 'asleep') {
    shell.session.model('processes in the background are run to their end at once');
    return;
  }
  const number = /^-?(SIG)?(TERM|15)$/.test(signal) ? 15 : /^-?(SIG)?(KILL|9)$/.test(signal) ? 9 : undefined;
  if (number === undefined)
    throw new NotSimulated(`a signal ${signal} to a job that sleeps is not simulated`);
  shell.jobs.set(job, 128 + number);
}

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
