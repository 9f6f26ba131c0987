import * as vscode from 'vscode';
import type { ComparedLine, ComparisonPage, StepPage } from '../pages/protocol';
import type { Inspected, Inspections } from './inspections';
import { PREFIX } from './settings';

/** Images that the user put beside Dockerfiles; each is compared anew when its Dockerfile's layers changed. */
export class Comparisons implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  /** By the key of the inspection. */
  private readonly images = new Map<string, string>();
  private readonly pages = new Map<string, ComparisonPage>();
  private readonly subscription: vscode.Disposable;

  constructor(private readonly inspections: Inspections) {
    this.subscription = inspections.onDidChange((inspected) => {
      if (this.images.has(inspected.key)) this.compare(inspected.key).catch(() => this.stop(inspected.key));
    });
  }

  /** Puts an image, an archive's path or `docker://REF` and the like, beside a Dockerfile. Throws why it cannot. */
  async begin(key: string, image: string): Promise<void> {
    this.images.set(key, image);
    await this.compare(key).catch((error: unknown) => {
      this.stop(key);
      throw error;
    });
  }

  stop(key: string): void {
    this.images.delete(key);
    this.pages.delete(key);
    this.tell();
  }

  of({ key }: Pick<Inspected, 'key'>): ComparisonPage | undefined {
    return this.pages.get(key);
  }

  /** What the image has of a step. */
  lineOf(inspected: Inspected, stage: number, { ordinal }: StepPage): ComparedLine | undefined {
    return this.of(inspected)?.lines.find((line) => line.stage === stage && line.step === ordinal);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }

  private async compare(key: string): Promise<void> {
    const image = this.images.get(key);
    if (image === undefined) return;
    const page = await this.inspections.ask('comparison', { key, image });
    if (this.images.get(key) !== image) return;
    this.pages.set(key, page);
    this.tell();
  }

  private tell(): void {
    void vscode.commands.executeCommand('setContext', `${PREFIX}.isComparing`, this.pages.size > 0);
    this.changed.fire();
  }
}
