import * as vscode from 'vscode';
import { activeDockerfile, type Focus } from '../focus';
import { VIEWS } from '../ids';
import type { LayerRow } from '../layer-rows';
import { mapImage, settingsFor } from '../settings';

const ARCHIVES = { 'Image archives': ['tar', 'gz', 'tgz', 'zst', 'oci'], 'All files': ['*'] };

/** Maps an image that was not found to an archive that the user chooses. */
export async function pointToArchive(
  focus: Focus,
  argument: LayerRow | { reference: string } | undefined,
): Promise<void> {
  const dockerfile = activeDockerfile(focus);
  const reference = referenceOf(argument) ?? (await askForReference(focus));
  if (!reference) return;
  const archive = await askForArchive(`Use for ${reference}`);
  if (archive) await mapImage(reference, archive, dockerfile);
}

/** Shows the layers and files of an image archive. */
export async function openImage(focus: Focus): Promise<void> {
  const archive = await askForArchive('Open Image');
  if (!archive) return;
  const { platform } = settingsFor(undefined);
  await focus.showImage({ kind: 'image', file: archive.fsPath, platform });
  await vscode.commands.executeCommand(`${VIEWS.layers}.focus`);
}

function referenceOf(argument: LayerRow | { reference: string } | undefined): string | undefined {
  if (!argument) return undefined;
  if ('reference' in argument) return argument.reference;
  return argument.kind === 'base' ? argument.stage.base.image : undefined;
}

/** One of the images that were not found, or any other. */
async function askForReference(focus: Focus): Promise<string | undefined> {
  const stages = focus.inspected?.page.stages ?? [];
  const missing = new Set(
    stages.flatMap(({ base, isReached }) => (isReached && base.image !== undefined ? base.image : [])),
  );
  const other = { label: '$(edit) Another image…', reference: undefined };
  const items = [...missing].map((reference) => ({
    label: reference,
    description: 'was not found',
    reference,
  }));
  const chosen =
    items.length === 0
      ? other
      : await vscode.window.showQuickPick([...items, other], { placeHolder: 'Which image?' });
  if (!chosen || chosen.reference) return chosen?.reference;
  return vscode.window.showInputBox({
    prompt: 'Image reference, as it stands after FROM',
    placeHolder: 'node:20',
  });
}

async function askForArchive(openLabel: string): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: 'An archive made with docker save, or an OCI layout',
    openLabel,
    filters: ARCHIVES,
    canSelectFiles: true,
  });
  return chosen?.[0];
}
