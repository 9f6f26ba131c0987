import * as vscode from 'vscode';
import { BUILDER_NAMES, BUILDERS, DEFAULT_BUILDER } from '../../graph/builder';
import type { BuildChoice, Builds } from '../builds';
import { possibleContexts } from '../builds';
import { type Inspections, openDocument } from '../inspections';
import { stageName } from '../layer-words';

interface Choice extends vscode.QuickPickItem {
  /** Resolves with what is chosen; `undefined` when the user went back. */
  readonly choose?: () => Promise<BuildChoice | undefined>;
}

/** Lets the user choose how a Dockerfile is built, one part after another, until they leave the list. */
export async function chooseBuild(
  builds: Builds,
  inspections: Inspections,
  dockerfile: vscode.Uri,
): Promise<void> {
  for (;;) {
    const chosen = await vscode.window.showQuickPick(await parts(builds, inspections, dockerfile), {
      title: `How ${vscode.workspace.asRelativePath(dockerfile)} Is Built`,
      placeHolder: 'Choose what to change; Escape when done',
    });
    if (!chosen) return;
    if (!chosen.choose) {
      await builds.choose(dockerfile, undefined);
      continue;
    }
    const change = await chosen.choose();
    if (change) await builds.choose(dockerfile, { ...builds.choiceOf(dockerfile), ...change });
  }
}

async function parts(builds: Builds, inspections: Inspections, dockerfile: vscode.Uri): Promise<Choice[]> {
  const document = await openDocument(dockerfile);
  const { contextFolder, target, buildArgs, platform, builder } = await builds.of(document);
  const args = Object.entries(buildArgs).map(([name, value]) => `${name}=${value}`);
  return [
    {
      label: '$(folder) Context folder',
      description: contextFolder ?? 'none',
      choose: () => chooseContext(dockerfile),
    },
    {
      label: '$(target) Target',
      description: target ?? 'the last stage',
      choose: () => chooseTarget(inspections, document),
    },
    {
      label: '$(symbol-variable) Build arguments',
      description: args.join(' ') || 'none',
      choose: () => chooseArguments(args.join(' ')),
    },
    { label: '$(chip) Platform', description: platform, choose: () => choosePlatform(platform) },
    {
      label: '$(tools) Builder',
      description: BUILDER_NAMES[builder],
      choose: chooseBuilder,
    },
    { label: '$(discard) Go back to the defaults' },
  ];
}

async function chooseContext(dockerfile: vscode.Uri): Promise<BuildChoice | undefined> {
  const browse = { label: '$(folder-opened) Browse…', description: '', fsPath: undefined };
  const folders = possibleContexts(dockerfile).map(({ fsPath }) => ({
    label: vscode.workspace.asRelativePath(fsPath),
    description: fsPath,
    fsPath,
  }));
  const chosen = await vscode.window.showQuickPick([...folders, browse], {
    placeHolder: 'The folder that COPY and ADD take files from',
  });
  if (!chosen) return undefined;
  if (chosen.fsPath) return { contextFolder: chosen.fsPath };
  const [folder] =
    (await vscode.window.showOpenDialog({
      canSelectFolders: true,
      canSelectFiles: false,
      openLabel: 'Use as Context',
    })) ?? [];
  return folder && { contextFolder: folder.fsPath };
}

async function chooseTarget(
  inspections: Inspections,
  document: vscode.TextDocument,
): Promise<BuildChoice | undefined> {
  const { page } = await inspections.of(document);
  const stages = page.stages.map((stage) => ({
    label: stageName(stage),
    description: `FROM ${stage.from}`,
    target: stage.name ?? String(stage.index),
  }));
  const last = { label: 'The last stage', description: 'as docker build does', target: undefined };
  const chosen = await vscode.window.showQuickPick([last, ...stages], {
    placeHolder: 'The stage to build (--target)',
  });
  return chosen && ({ target: chosen.target } as BuildChoice);
}

async function chooseArguments(value: string): Promise<BuildChoice | undefined> {
  const text = await vscode.window.showInputBox({
    value,
    prompt: 'Build arguments: NAME=value NAME2="a value with spaces"',
    validateInput: (input) =>
      readArguments(input) ? undefined : 'Write NAME=value pairs with spaces between them',
  });
  const buildArgs = text === undefined ? undefined : readArguments(text);
  return buildArgs && { buildArgs };
}

/** `A=1 B="two words"` → its pairs; `undefined` when it is not of that form. */
export function readArguments(text: string): Record<string, string> | undefined {
  const args: Record<string, string> = {};
  const rest = text.replace(/([A-Za-z_]\w*)=(?:"([^"]*)"|'([^']*)'|(\S*))(?=\s|$)/g, (_, name, ...values) => {
    args[name] = values.slice(0, 3).find((value) => value !== undefined) ?? '';
    return '';
  });
  return rest.trim() === '' ? args : undefined;
}

async function chooseBuilder(): Promise<BuildChoice | undefined> {
  const builders = BUILDERS.map((builder) => ({
    label: BUILDER_NAMES[builder],
    description: builder === DEFAULT_BUILDER ? 'Docker today' : '',
    builder,
  }));
  const chosen = await vscode.window.showQuickPick(builders, { placeHolder: 'Who builds the image' });
  return chosen && { builder: chosen.builder };
}

async function choosePlatform(value: string): Promise<BuildChoice | undefined> {
  const known = ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'windows/amd64'];
  const other = 'Other…';
  const chosen = await vscode.window.showQuickPick([...known, other], {
    placeHolder: 'The platform to build for',
  });
  if (chosen !== other) return chosen === undefined ? undefined : { platform: chosen };
  const platform = await vscode.window.showInputBox({
    value,
    prompt: 'OS/ARCHITECTURE[/VARIANT]',
    validateInput: (input) =>
      /^\w+\/\w+(\/\w+)?$/.test(input) ? undefined : 'Write OS/ARCHITECTURE, such as linux/amd64',
  });
  return platform === undefined ? undefined : { platform };
}
