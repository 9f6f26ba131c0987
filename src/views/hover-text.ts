import { reasonsOf } from '../layers/certainty';
import { count, formatSize, oneLine } from '../layers/format';
import { countWords, isBlank, sizeWords } from '../pages/layer-words';
import type { BasePage, InspectionPage, LayerPage, LineFacts, Moment, StepPage } from '../pages/protocol';
import type { CommandReport } from '../simulate/run/engine';
import { COMMANDS } from './ids';
import { layerNumber, rootStage } from './layer-rows';
import { withoutLayer } from './layer-words';
import { cell, code, codeBlock, commandLink, plain, shortened } from './markdown';

const MOST_REASONS = 5;
const MOST_FILES = 3;
const MOST_VARIABLES = 4;
const MOST_COMMANDS = 6;
const VALUE_LENGTH = 48;
const PATH_LENGTH = 32;

/** What a hover says about an instruction, in markdown. */
export function hoverText(key: string, page: InspectionPage, facts: LineFacts): string {
  const parts = facts.step
    ? stepParts(key, page, facts, facts.step)
    : fromParts(key, page.stages[facts.stage]?.from ?? '', facts);
  return parts.filter((part) => part !== '').join('\n\n');
}

function stepParts(key: string, page: InspectionPage, facts: LineFacts, step: StepPage): string[] {
  const { layer } = step;
  const moment: Moment = { stage: facts.stage, step: step.ordinal };
  return [
    titleOf(page, facts, step),
    step.error === undefined ? '' : `$(error) The build fails here: ${plain(step.error)}`,
    step.notReached === undefined ? '' : `$(circle-slash) Not reached: ${plain(step.notReached)}.`,
    layer && step.error === undefined ? certaintyText(layer, facts) : '',
    commandTable(facts),
    largestTable(key, facts, moment),
    hiddenText(facts),
    facts.expanded === undefined ? '' : codeBlock(facts.expanded, 'dockerfile'),
    environmentText(facts),
    page.builder === undefined ? '' : `Simulated builder: ${plain(page.builder)}.`,
    linksOf(key, facts, step, moment),
  ];
}

function titleOf(page: InspectionPage, facts: LineFacts, step: StepPage): string {
  const stage = facts.stageName;
  const keyword = `**${plain(step.keyword)}**`;
  if (!step.layer) {
    const nothing =
      step.error === undefined && step.notReached === undefined
        ? ` · ${withoutLayer(step) ?? 'configuration only'}`
        : '';
    return `${keyword} in ${plain(stage)}${nothing} · ${totalText(page, facts)}`;
  }
  const place = layerNumber(page, facts.stage, step.ordinal);
  const number = place && `layer ${place.number} of ${place.of}${place.knowsBase ? '' : ' above the base'}`;
  const words = [`${keyword} makes ${number} in ${plain(stage)}`, `**${sizeText(step.layer)}**`];
  return [...words, ...countWords(step.layer), totalText(page, facts)].join(' · ');
}

function totalText(page: InspectionPage, { stage, runningTotal }: LineFacts): string {
  const isWhole = rootStage(page, stage)?.base.kind !== 'missing';
  return `total ${formatSize(runningTotal)}${isWhole ? '' : ' without the base image'}`;
}

function sizeText(layer: LayerPage): string {
  return isBlank(layer) && layer.certainty.level !== 'exact' ? 'size unknown' : sizeWords(layer);
}

const ICONS = { exact: '$(pass)', modelled: '$(circle-large-outline)', unknown: '$(question)' } as const;
const WORDS = { exact: 'Exact', modelled: 'Modelled', unknown: 'Unknown' } as const;

function certaintyText({ certainty }: LayerPage, { commands }: LineFacts): string {
  const { level } = certainty;
  const doubtful = commands.filter((command) => command.certainty.level !== 'exact');
  const head = `${ICONS[level]} **${WORDS[level]}**`;
  if (level === 'exact') {
    const all = commands.length > 1 ? `: all ${count(commands.length, 'command')} were simulated` : '';
    return `${head}${all}`;
  }
  if (commands.length < 2 || doubtful.length === 0)
    return [`${head}:`, ...bullets(reasonsOf(certainty))].join('\n');
  const rows = doubtful.map(({ text, certainty: own }) => {
    const why = reasonsOf(own).map(plain).join('; ');
    const word = own.level === level ? '' : `${own.level}, `;
    return `- ${code(shortened(text, VALUE_LENGTH))} – ${word}${why}`;
  });
  const told = new Set(doubtful.flatMap((command) => reasonsOf(command.certainty)));
  const others = bullets(reasonsOf(certainty).filter((reason) => !told.has(reason)));
  const exact = commands.length - doubtful.length;
  const summary = `: ${exact} of ${commands.length} commands simulated exactly`;
  return [head + summary, ...rows.slice(0, MOST_REASONS), ...others].join('\n');
}

/** What each command of a RUN did: all of a few, of many those that wrote most. */
function commandTable({ commands }: LineFacts): string {
  const told = commands.filter(({ touched }) => touched.count > 0);
  if (commands.length < 2 || told.length === 0) return '';
  const most = [...told].sort((one, other) => other.touched.bytes - one.touched.bytes);
  const shown = new Set(most.slice(0, MOST_COMMANDS));
  const rows = told.flatMap((command) => (shown.has(command) ? [commandRow(command)] : []));
  const more = told.length - rows.length;
  const rest = more > 0 ? [`| | ${count(more, 'more command')} | | |`] : [];
  return ['| | Command | Paths | Bytes |', '|:-|:-|:-|-:|', ...rows, ...rest].join('\n');
}

function commandRow({ text, certainty, touched }: CommandReport): string {
  const [first = ''] = touched.paths;
  const paths =
    touched.count === 1 && first !== '' ? cell(shortened(first, PATH_LENGTH)) : String(touched.count);
  const bytes = touched.bytes === 0 ? '' : formatSize(touched.bytes);
  return `| ${ICONS[certainty.level]} | ${cell(shortened(oneLine(text), VALUE_LENGTH))} | ${paths} | ${bytes} |`;
}

function bullets(reasons: readonly string[]): string[] {
  const shown = reasons.slice(0, MOST_REASONS).map((reason) => `- ${plain(reason)}`);
  const more = reasons.length - shown.length;
  return more > 0 ? [...shown, `- and ${count(more, 'more reason')}`] : shown;
}

function largestTable(key: string, { largest }: LineFacts, moment: Moment): string {
  if (largest.length === 0) return '';
  const rows = largest.slice(0, MOST_FILES).map(({ path, kind, size, isSizeUnknown }) => {
    const link = commandLink(cell(path), COMMANDS.openFile, [{ key, moment, path }], 'Open the file');
    return `| ${kind === 'added' ? 'A' : 'M'} | ${link} | ${isSizeUnknown ? '?' : formatSize(size)} |`;
  });
  return ['| | Largest files | |', '|:-|:-|-:|', ...rows].join('\n');
}

function hiddenText({ hiddenBytes }: LineFacts): string {
  if (hiddenBytes === 0) return '';
  return `$(info) Hides ${formatSize(hiddenBytes)} that stay in the layers below: the image gets no smaller.`;
}

/** Where commands run, and what the Dockerfile itself has set so far: the base's own variables are left out. */
function environmentText({ environment }: LineFacts): string {
  const { workdir, user, variables, own, args } = environment;
  const set = variables.filter(([name]) => own.includes(name));
  const words = [...set, ...args.filter(([name]) => !own.includes(name))];
  const shown = words
    .slice(-MOST_VARIABLES)
    .map(([name, value]) => code(shortened(`${name}=${value}`, VALUE_LENGTH)));
  const more = words.length - shown.length;
  const rest = more > 0 ? [`and ${more} more`] : [];
  return [`In force: ${code(workdir)} as ${code(user)}`, ...shown, ...rest].join(' · ');
}

function linksOf(key: string, facts: LineFacts, step: StepPage, moment: Moment): string {
  const links = [];
  if (step.notReached === undefined)
    links.push(commandLink('Files after this line', COMMANDS.showFiles, [{ key, moment }]));
  if (step.layer) links.push(commandLink('Layer listing', COMMANDS.showLayer, [{ key, moment }]));
  for (const name of facts.heredocs)
    links.push(commandLink(plain(`<<${name}`), COMMANDS.showHeredoc, [{ key, moment, name }]));
  links.push(commandLink('History', COMMANDS.showHistory, [{ key }]));
  return links.join(' · ');
}

function fromParts(key: string, from: string, { base, stageName, stage }: LineFacts): string[] {
  const title = `**FROM** ${code(from)} starts ${plain(stageName)}`;
  const moment: Moment = { stage, step: -1 };
  const files = commandLink('Files of the base', COMMANDS.showFiles, [{ key, moment }]);
  const history = commandLink('History', COMMANDS.showHistory, [{ key }]);
  switch (base?.kind) {
    case 'missing':
      return [
        title,
        `$(warning) ${plain(sentence(base.reason ?? 'it was not found'))}. What it holds is not known, so layers on top of it are modelled at best.`,
        ...(base.image === undefined
          ? []
          : [
              '---',
              [
                commandLink('Get it from its registry…', COMMANDS.getFromRegistry, [
                  { reference: base.image },
                ]),
                commandLink('Point to an archive…', COMMANDS.pointToArchive, [{ reference: base.image }]),
              ].join(' · '),
            ]),
      ];
    case 'image':
    case 'context':
    case 'stage': {
      const facts = `${count(base.layers.length, 'layer')} · ${formatSize(base.size)}`;
      return [`${title} · ${facts}`, contextText(from, base), '---', `${files} · ${history}`];
    }
    default:
      return [`${title} with nothing in it`];
  }
}

/** That a name means something else than it seems to. */
function contextText(from: string, { kind, context }: BasePage): string {
  if (kind === 'context') return `$(info) ${code(from)} is a folder: a named build context.`;
  return context === undefined
    ? ''
    : `$(info) ${code(from)} is a named build context: ${code(context)} takes its place.`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
