import { setTimeout as after } from 'node:timers/promises';
import { formatSize } from '../layers/format';
import { formatPlatform, type Platform } from '../layers/image';
import { fullReference } from '../layers/reference';
import type { FetchedImage } from '../layers/stored-image';
import { fetchImage, type ImagePlace } from './image-places';
import type { ImageStore } from './store/image-store';

export interface SupplyOptions {
  readonly store: ImageStore;
  /** Where images are looked for, in this order; asked for every look. */
  places(): readonly ImagePlace[];
  /** Who was told that an image is not there, or is another one, would be told otherwise now. */
  changed(): void;
  /** A look that began. */
  began?(look: Look): void;
}

/** One image being looked for. */
export interface Look {
  readonly reference: string;
  readonly outcome: Promise<FetchedImage>;
  /** What came so far, in bytes; 0 of 0 until something does. */
  readonly received: number;
  readonly total: number;
  /** Called when `received` changed. */
  onProgress: (() => void) | undefined;
  giveUp(): void;
}

/** Whoever asks waits this long; what takes longer comes later, and meanwhile the image counts as missing. */
const PATIENCE = 400;
/** An answer older than this is asked for anew, behind the old one. */
const FRESH_FOR = 20_000;

/**
 * Images for inspections that must not wait: what is not at hand at once is said to be on its way, and `changed` tells
 * when it came. An engine's tag may move, so an old answer is looked up again while it is given.
 */
export class ImageSupply {
  private readonly answers = new Map<string, { readonly answer: FetchedImage; readonly at: number }>();
  private readonly looks = new Map<string, PendingLook>();
  /** What was asked for since the last `forget`; anything else is renewed when asked for. */
  private readonly renewed = new Set<string>();
  private renews = false;

  constructor(private readonly options: SupplyOptions) {}

  /** Never rejects. */
  async ask(reference: string, platform: Platform): Promise<FetchedImage> {
    const key = `${formatPlatform(platform)} ${fullReference(reference)}`;
    const known = this.answers.get(key);
    if (known && Date.now() - known.at < FRESH_FOR) return known.answer;
    const look = this.looks.get(key) ?? this.look(key, reference, platform);
    if (known) {
      look.told = known.answer;
      return known.answer;
    }
    const answer = await Promise.race([look.outcome, after(PATIENCE, undefined)]);
    if (answer) return answer;
    look.told = { kind: 'missing', reason: look.words() };
    return look.told;
  }

  /** Every image is looked for anew when next asked for. */
  forget(): void {
    this.answers.clear();
    this.renewed.clear();
    this.renews = true;
  }

  dispose(): void {
    for (const look of this.looks.values()) look.giveUp();
  }

  private look(key: string, reference: string, platform: Platform): PendingLook {
    const renews = this.renews && !this.renewed.has(key);
    this.renewed.add(key);
    const look = new PendingLook(reference, (options) =>
      fetchImage(reference, platform, this.options.places(), this.options.store, { ...options, renews }),
    );
    this.looks.set(key, look);
    this.options.began?.(look);
    void look.outcome.then((answer) => {
      this.looks.delete(key);
      this.answers.set(key, { answer, at: look.isGivenUp ? Number.POSITIVE_INFINITY : Date.now() });
      if (look.told && !isSame(look.told, answer)) this.options.changed();
    });
    return look;
  }
}

class PendingLook implements Look {
  readonly outcome: Promise<FetchedImage>;
  received = 0;
  total = 0;
  onProgress: (() => void) | undefined;
  /** What somebody was told while it was under way. */
  told: FetchedImage | undefined;
  private readonly controller = new AbortController();

  constructor(
    readonly reference: string,
    fetch: (options: Parameters<typeof fetchImage>[4]) => Promise<FetchedImage>,
  ) {
    const progress = ({ done, total }: { readonly done: number; readonly total: number }) => {
      this.received = done;
      this.total = total;
      this.onProgress?.();
    };
    this.outcome = fetch({ signal: this.controller.signal, progress }).catch((error: Error) => ({
      kind: 'missing',
      reason: this.isGivenUp ? 'reading it was given up: refresh to try again' : error.message,
    }));
  }

  get isGivenUp(): boolean {
    return this.controller.signal.aborted;
  }

  words(): string {
    return this.total === 0
      ? 'it is being looked for'
      : `it is on its way, ${formatSize(this.received)} of ${formatSize(this.total)} so far`;
  }

  giveUp(): void {
    this.controller.abort(new Error('given up'));
  }
}

function isSame(a: FetchedImage, b: FetchedImage): boolean {
  if (a.kind === 'stored' && b.kind === 'stored') return a.image.configDigest === b.image.configDigest;
  return a.kind === 'missing' && b.kind === 'missing' && a.reason === b.reason;
}
