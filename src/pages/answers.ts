import { type Comparison, compareWithImage } from '../comparison';
import type { InspectedStage } from '../inspection';
import type { Content, ContentReader } from '../layers/content';
import type { Image } from '../layers/image';
import { comparisonPage } from './comparison-page';
import { comparisonText } from './comparison-text';
import { fileAt, findRows, folderRows, notThere, type ProviderOf } from './directory';
import { fileSystemAt, type Inspected, layerAt } from './inspected';
import { layerFolder } from './layer-folder';
import { lineFacts } from './line-facts';
import { PLAIN } from './palette';
import { type Moment, PageError, type Questions } from './protocol';
import { generatedText } from './texts';

type Asked<Name extends keyof Questions> = Omit<Parameters<Questions[Name]>[0], 'key'>;

/** Answers questions about one inspection. Throws `PageError`. */
export class Answers {
  /** The tree and the text ask for the same one. */
  private readonly comparisons = new WeakMap<Image, Promise<Comparison>>();

  constructor(
    readonly inspected: Inspected,
    private readonly reader: ContentReader,
    /** An archive, or `docker://REF` and the like. */
    private readonly openImage: (image: string) => Promise<Image>,
  ) {}

  layerFolder({ layer, path }: Asked<'layerFolder'>) {
    return layerFolder(layerAt(this.inspected, layer), path);
  }

  folder({ moment, path }: Asked<'folder'>) {
    return folderRows(this.at(moment), path, this.providers(moment));
  }

  file({ moment, path, follow }: Asked<'file'>) {
    return fileAt(this.at(moment), path, { follow }, this.providers(moment));
  }

  find({ moment, query, limit }: Asked<'find'>) {
    return findRows(this.at(moment), query, limit, this.providers(moment));
  }

  line({ line }: Asked<'line'>) {
    return lineFacts(this.inspected, line);
  }

  async text({ text }: Asked<'text'>): Promise<string> {
    if (text.kind === 'comparison') return comparisonText(await this.compared(text.image), PLAIN);
    return generatedText(this.inspected, text);
  }

  async comparison({ image }: Asked<'comparison'>) {
    return comparisonPage(await this.compared(image));
  }

  private async compared(name: string): Promise<Comparison> {
    const { inspected, reader } = this;
    if (inspected.kind !== 'dockerfile')
      throw new PageError('not found', 'only a Dockerfile can be compared with an image');
    const image = await this.openImage(name);
    const known = this.comparisons.get(image) ?? compareWithImage(inspected.inspection, image, reader);
    this.comparisons.set(image, known);
    // An archive that could not be read may be whole next time.
    known.catch(() => this.comparisons.delete(image));
    return known;
  }

  explainContext({ path }: Asked<'explainContext'>) {
    return this.inspected.kind === 'dockerfile' ? this.inspected.explain(path) : undefined;
  }

  async read({ moment, path }: Asked<'read'>): Promise<Uint8Array> {
    return this.reader.read(contentAt(this.at(moment), path));
  }

  private at(moment: Moment) {
    return fileSystemAt(this.inspected, moment);
  }

  /** Layers of a file system by number, in words: the lines that made them. */
  private providers({ stage }: Moment): ProviderOf {
    const { inspected } = this;
    if (inspected.kind === 'image') return (layer) => inspected.layers[layer]?.layer.createdBy ?? '';
    const { stages } = inspected.inspection;
    const words = new Map<number, string>();
    for (let at: InspectedStage | undefined = stages[stage]; at; ) {
      let layer = at.start.layers.length;
      for (const { step, outcome } of at.steps) {
        if (!outcome) continue;
        words.set(
          layer++,
          `line ${step.instruction.range.start.line + 1}: ${step.instruction.text.replace(/\s+/g, ' ')}`,
        );
      }
      const { base }: InspectedStage = at;
      at = base.kind === 'stage' ? stages[base.stage] : undefined;
    }
    return (layer) => words.get(layer) ?? (layer < 0 ? '' : `base layer ${layer + 1}`);
  }
}

function contentAt(fileSystem: ReturnType<typeof fileSystemAt>, path: string): Content {
  const found = fileSystem.lookup(path);
  if (found.kind !== 'present') throw notThere(path, found);
  const { node } = found.entry;
  if (node.kind === 'directory') throw new PageError('not a file', `${path} is a folder`);
  if (node.kind !== 'file') throw new PageError('no content', `${path} is a ${node.kind} and has no content`);
  if (node.content.kind === 'placeholder')
    throw new PageError('no content', `${path}: ${node.content.reason}`);
  return node.content;
}
