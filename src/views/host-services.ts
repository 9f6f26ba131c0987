import * as vscode from 'vscode';
import type { EngineKind } from '../images/engine/endpoint';
import { type EngineHistoryEntry, imageHistory } from '../images/engine/engine-images';
import { fetchOrKept, type ImagePlace, openEngine, placeOf } from '../images/image-places';
import { ImageSupply, type Look } from '../images/image-supply';
import { type LocalImage, localImages } from '../images/local-images';
import { parseReference } from '../images/registry/endpoints';
import { ImageStore } from '../images/store/image-store';
import { parsePlatform } from '../layers/image';
import type { FetchedImage, StoredImage, StoredSource } from '../layers/stored-image';
import type { HostAnswer, HostQuestion } from '../pages/protocol';
import { RemoteSizes } from '../platform/remote-sizes';
import { surroundings } from '../platform/surroundings';
import { showLook } from './image-progress';
import { allowedRegistries, imageSources, settingsFor, storeLimit } from './settings';

/**
 * What the inspection thread asks of the host: sizes of downloads, and images of engines and registries. Requests to the
 * network are made here, on the thread of the extension host, because that is where VS Code's proxy settings hold.
 */
export class HostServices implements vscode.Disposable {
  private readonly arrived = new vscode.EventEmitter<void>();
  /** Images came or went that were asked for. */
  readonly onDidChangeImages = this.arrived.event;
  private readonly sizes = new RemoteSizes();
  private readonly store: ImageStore;
  private readonly supply: ImageSupply;

  constructor(storeFolder: string) {
    this.store = new ImageStore(storeFolder, { bytes: storeLimit() });
    this.supply = new ImageSupply({
      store: this.store,
      places: () => imageSources().map((source) => this.place(source)),
      changed: () => this.arrived.fire(),
      began: (look: Look) => void showLook(look),
    });
  }

  /** Never rejects. */
  async serve(question: HostQuestion, signal: AbortSignal): Promise<HostAnswer['answer']> {
    switch (question.kind) {
      case 'remote size':
        return this.sizeOf(question.url, signal);
      case 'image':
        return this.supply.ask(question.reference, parsePlatform(question.platform));
      case 'image of':
        return this.imageOf(question, signal);
      default:
        return question satisfies never;
    }
  }

  /** The images that an engine holds. Throws an error for the user. */
  async localImages(kind: EngineKind): Promise<LocalImage[]> {
    return localImages(await openEngine(kind, surroundings()));
  }

  /** What `docker history` shows, the newest first. */
  async history(kind: EngineKind, reference: string): Promise<EngineHistoryEntry[]> {
    return imageHistory(await openEngine(kind, surroundings()), reference);
  }

  /** Images that were brought here before. */
  storedImages(): Promise<StoredImage[]> {
    return this.store.list();
  }

  /** Images are looked for anew when next asked for. */
  forgetImages(): void {
    this.supply.forget();
  }

  dispose(): void {
    this.supply.dispose();
    this.arrived.dispose();
  }

  private async sizeOf(url: string, signal: AbortSignal): Promise<HostAnswer['answer']> {
    if (!settingsFor(undefined).asksSizes) return { kind: 'unknown', reason: 'asking servers is turned off' };
    return this.sizes
      .ask(url, signal)
      .catch(() => ({ kind: 'unknown', reason: 'the request was given up' }) as const);
  }

  private async imageOf(
    { source, reference, platform }: Extract<HostQuestion, { kind: 'image of' }>,
    signal: AbortSignal,
  ): Promise<FetchedImage> {
    const wanted = platform === undefined ? undefined : parsePlatform(platform);
    const place = this.place(source);
    try {
      return {
        kind: 'stored',
        image: await fetchOrKept(place, reference, wanted, this.store, { signal, renews: true }),
      };
    } catch (error) {
      return { kind: 'missing', reason: (error as Error).message };
    }
  }

  private place(source: StoredSource): ImagePlace {
    if (source === 'registry') return withConsent(placeOf(source, surroundings()));
    return placeOf(source, surroundings());
  }
}

/** A registry is asked only if the user agreed to it. */
function withConsent(place: ImagePlace): ImagePlace {
  return {
    ...place,
    fetch: (reference, ...rest) => {
      const host = parseReference(reference).host;
      if (allowedRegistries().includes(host)) return place.fetch(reference, ...rest);
      throw new Error(`${host} is not asked without your consent`);
    },
  };
}
