import * as vscode from 'vscode';
import { type InspectionPage, PageError, type Questions } from '../pages/protocol';
import { keyOf, type Origin, originOf } from './address';
import type { Builds } from './builds';
import type { Answer, InspectionClient, Question } from './inspection-client';
import { settingsFor } from './settings';

/** An inspection as the views see it. */
export interface Inspected {
  readonly key: string;
  readonly origin: Origin;
  readonly page: InspectionPage;
}

/** Questions about one inspection. */
export type KeyedQuestion = {
  [Name in keyof Questions]: Question<Name> extends { key: string; text: string; buildArgs: unknown }
    ? never
    : Question<Name> extends { key: string }
      ? Name
      : never;
}[keyof Questions];

interface Entry {
  readonly key: string;
  readonly origin: Origin;
  /** Counts the changes of what it is made from. */
  state: number;
  page?: { readonly state: number; readonly value: Inspected };
  running?: { readonly state: number; readonly value: Promise<Inspected> };
}

const KEPT = 24;
const RUNS = /^\s*RUN\b/gim;
const MARGIN = 5 * 60_000;

/**
 * All inspections that are open: those of Dockerfiles in editors, and those that open addresses name. Each is made
 * again when something it was made from changed and someone asks.
 */
export class Inspections {
  private readonly changed = new vscode.EventEmitter<Inspected>();
  /** A new page is there. */
  readonly onDidChange = this.changed.event;
  /** By key, least recently used first. */
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly client: InspectionClient,
    private readonly builds: Builds,
  ) {}

  /** The inspection of a Dockerfile as it stands in the editor. */
  async of(document: vscode.TextDocument): Promise<Inspected> {
    const build = await this.builds.of(document);
    return this.at(keyOf({ kind: 'dockerfile', dockerfile: document.uri.toString(), build }));
  }

  /** The inspection that a key names, made anew when it is out of date. */
  async at(key: string): Promise<Inspected> {
    const entry = this.entryOf(key);
    const { state } = entry;
    if (entry.page?.state === state) return entry.page.value;
    if (entry.running?.state === state) return entry.running.value;
    const value = this.inspect(entry, state);
    entry.running = { state, value };
    const over = () => {
      if (entry.running?.value === value) delete entry.running;
    };
    value.then(over, over);
    return value;
  }

  /** The last page, out of date or not. */
  known(key: string): Inspected | undefined {
    return this.entries.get(key)?.page?.value;
  }

  /** Asks about an inspection; one that the thread has lost is made again. */
  async ask<Name extends KeyedQuestion>(name: Name, question: Question<Name>): Promise<Answer<Name>> {
    const { key } = question as { key: string };
    await this.at(key);
    try {
      return await this.client.ask(name, question);
    } catch (error) {
      if (!(error instanceof PageError && error.code === 'closed')) throw error;
      this.outdate((entry) => entry.key === key);
      await this.at(key);
      return this.client.ask(name, question);
    }
  }

  /** Marks inspections as out of date. Nothing is made anew until someone asks. */
  outdate(which: (entry: { key: string; origin: Origin }) => boolean): void {
    for (const entry of this.entries.values()) if (which(entry)) entry.state++;
  }

  async forgetContext(contextFolder: string): Promise<void> {
    await this.client.ask('contextChanged', { contextFolder });
    this.outdate(({ origin }) => contextFolders(origin).includes(contextFolder));
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async inspect(entry: Entry, state: number): Promise<Inspected> {
    const { key, origin } = entry;
    try {
      const page = await this.askForPage(key, origin);
      if (entry.state !== state) return this.at(key);
      const value: Inspected = { key, origin, page };
      entry.page = { state, value };
      this.changed.fire(value);
      return value;
    } catch (error) {
      const isOvertaken = error instanceof PageError && error.code === 'superseded';
      if (entry.state !== state || isOvertaken) return this.at(key);
      throw error;
    }
  }

  private async askForPage(key: string, origin: Origin): Promise<InspectionPage> {
    if (origin.kind === 'image') return this.client.ask('inspectImage', { key, ...origin });
    const uri = vscode.Uri.parse(origin.dockerfile, true);
    const document = await openDocument(uri);
    const { images, contexts, asksSizes, asksImages, contextCap, runMilliseconds, runBytes } =
      settingsFor(uri);
    const text = document.getText();
    const limit = MARGIN + runMilliseconds * (text.match(RUNS)?.length ?? 0);
    const dockerfile = uri.scheme === 'file' ? uri.fsPath : undefined;
    const limits = { asksSizes, asksImages, contextCap, runMilliseconds, runBytes };
    const question = { key, text, dockerfile, images, contexts, ...origin.build, ...limits };
    return this.client.ask('inspectDockerfile', question, limit);
  }

  private entryOf(key: string): Entry {
    const entry: Entry = this.entries.get(key) ?? { key, origin: originOf(key), state: 0 };
    this.entries.delete(key);
    this.entries.set(key, entry);
    for (const oldest of this.entries.values()) {
      if (this.entries.size <= KEPT) break;
      this.entries.delete(oldest.key);
      this.client.ask('close', { key: oldest.key }).catch(() => {});
    }
    return entry;
  }
}

/** The folders that an inspection takes files from: its build context and the named ones. */
export function contextFolders(origin: Origin): string[] {
  if (origin.kind === 'image') return [];
  const { contextFolder } = origin.build;
  const { contexts } = settingsFor(vscode.Uri.parse(origin.dockerfile));
  const named = Object.values(contexts).flatMap((context) => (context.kind === 'folder' ? context.path : []));
  return [...new Set([...(contextFolder === undefined ? [] : [contextFolder]), ...named])];
}

/** Opens a Dockerfile as it stands. Opening an untitled one that was closed would make a new, empty one. */
export async function openDocument(uri: vscode.Uri): Promise<vscode.TextDocument> {
  const { textDocuments, openTextDocument } = vscode.workspace;
  const open = textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open) return open;
  if (uri.scheme === 'untitled') throw new Error(`${uri.path} was closed without being saved`);
  return openTextDocument(uri);
}

/** Whether an inspection is of this document. */
export function isOf(document: vscode.TextDocument | vscode.Uri): (entry: { origin: Origin }) => boolean {
  const uri = ('uri' in document ? document.uri : document).toString();
  return ({ origin }) => origin.kind === 'dockerfile' && origin.dockerfile === uri;
}

/** The Dockerfile of an inspection; `undefined` for an image. */
export function dockerfileOf({ origin }: { origin: Origin }): vscode.Uri | undefined {
  return origin.kind === 'dockerfile' ? vscode.Uri.parse(origin.dockerfile) : undefined;
}
