import type { Blocker, Counts, Totals } from './totals';

const SHOWN = 40;

export function printTotals(totals: Totals, shown = SHOWN): string {
  const { repositories, files, filesWithoutRun, guessedSources, all, milliseconds } = totals;
  return [
    `${repositories} repositories, ${files} Dockerfiles (${filesWithoutRun} without RUN), ${all.runs} RUNs; ` +
      `${guessedSources} copied files or folders were not in the sample and are placeholders; ${(milliseconds / 1000).toFixed(1)} s`,
    '',
    heading('RUNs'),
    row('all', all),
    '',
    'By base:',
    ...[...totals.byFamily].map(([name, counts]) => row(name, counts)),
    '',
    'By form:',
    ...[...totals.byForm].map(([name, counts]) => row(name, counts)),
    '',
    'Not simulated, first thing that was not (RUNs):',
    ...list(totals.unknown, shown),
    '',
    'Claimed to fail on the assumed base (RUNs):',
    ...list(totals.fails, shown),
    '',
    'Modelled, by what (RUNs):',
    ...list(totals.modelled, Math.ceil(shown / 2)),
    '',
    'Other instructions that would stop the build, and were left out:',
    ...list(totals.stops, Math.ceil(shown / 2)),
    '',
    `Files above 2 s: ${totals.slow.length}`,
    ...totals.slow.map(({ file, milliseconds: time }) => `  ${(time / 1000).toFixed(1)} s  ${file}`),
    '',
  ].join('\n');
}

function heading(title: string): string {
  return `${''.padEnd(20)}${title.padStart(7)}   exact  +modelled  not  claimed to fail  (exact layer)`;
}

function row(name: string, counts: Counts): string {
  const { runs, exact, modelled, unknown, fails, exactLayers } = counts;
  const share = (part: number) => `${((100 * part) / Math.max(1, runs)).toFixed(1)} %`.padStart(8);
  return `${name.padEnd(20)}${runs.toString().padStart(7)}${share(exact)}${share(exact + modelled)}${share(unknown)}${share(fails)}${share(exactLayers)}`;
}

function list(blockers: readonly Blocker[], shown: number): string[] {
  return blockers
    .slice(0, shown)
    .map(({ what, count, example }) => `${count.toString().padStart(6)}  ${what}\n          ${example}`);
}
