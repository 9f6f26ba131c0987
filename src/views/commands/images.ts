import * as vscode from 'vscode';
import { titleOf } from '../../images/engine/engine';
import { NONE } from '../../images/engine/engine-images';
import { shortId } from '../../images/local-images';
import { parseReference } from '../../images/registry/endpoints';
import { formatSize } from '../../layers/format';
import { textUri } from '../address';
import type { Comparisons } from '../comparisons';
import { activeDockerfile, type Focus } from '../focus';
import type { HostServices } from '../host-services';
import { VIEWS } from '../ids';
import { addressOfRow, type ImageRow } from '../image-list';
import type { LayerRow } from '../layer-rows';
import { allowedRegistries, allowRegistry, mapImage, settingsFor } from '../settings';

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

/** Shows the layers and files of a row of the images view, or of an image that the user names. */
export async function showImage(focus: Focus, row: ImageRow | undefined): Promise<void> {
  const address = row && addressOfRow(row);
  if (!address) return;
  const { platform } = settingsFor(undefined);
  await focus.showImage({ kind: 'image', file: address, platform });
  await vscode.commands.executeCommand(`${VIEWS.layers}.focus`);
}

export async function copyImageId(row: ImageRow | undefined): Promise<void> {
  if (row?.kind === 'image' || row?.kind === 'stored') await vscode.env.clipboard.writeText(row.image.id);
}

/** Asks for consent to the registry of an image that was not found; with it the image comes by itself. */
export async function getFromRegistry(
  focus: Focus,
  services: HostServices,
  argument: LayerRow | { reference: string } | undefined,
): Promise<void> {
  const reference = referenceOf(argument) ?? (await askForReference(focus));
  if (!reference) return;
  const { host } = parseReference(reference);
  if (!allowedRegistries().includes(host)) {
    const allow = `Allow ${host}`;
    const detail = `Manifests and layers of images that your Dockerfiles name are downloaded from ${host}, with the logins of Docker and Podman on this machine, and kept in a cache. The setting dockerfileLayers.registries.allowed lists the registries that may be asked.`;
    const message = `Let Dockerfile Layers read images from ${host}?`;
    if ((await vscode.window.showInformationMessage(message, { modal: true, detail }, allow)) !== allow)
      return;
    await allowRegistry(host);
  }
  services.forgetImages();
  await focus.refresh();
}

/** Puts an image that was built from the Dockerfile beside it: in the tree, and as a text with every difference. */
export async function compareWithImage(
  focus: Focus,
  services: HostServices,
  comparisons: Comparisons,
): Promise<void> {
  const { inspected } = focus;
  if (inspected?.origin.kind !== 'dockerfile') {
    vscode.window.showInformationMessage('Open the Dockerfile that you want to compare an image with.');
    return;
  }
  const image = await askForImage(services);
  if (!image) return;
  await comparisons.begin(inspected.key, image);
  const name = `${image.replace(/^.*[/\\]/, '')} beside the Dockerfile`;
  const uri = textUri(inspected.key, { kind: 'comparison', image }, name);
  await vscode.window.showTextDocument(uri, { preview: true });
}

const ARCHIVE = '$(file-zip) An image archive…';

/** An image of an engine or an archive, as an address or a path. */
async function askForImage(services: HostServices): Promise<string | undefined> {
  type Item = vscode.QuickPickItem & { readonly address?: string };
  const listed = (['docker', 'podman'] as const).map(async (engine): Promise<Item[]> => {
    const images = await services.localImages(engine).catch(() => []);
    return images.map(({ repository, tag, id, size, reference }) => ({
      label: repository === NONE ? shortId(id) : `${repository}:${tag}`,
      description: `${titleOf(engine)} · ${shortId(id)} · ${formatSize(size)}`,
      address: `${engine}://${reference}`,
    }));
  });
  const items = Promise.all(listed).then((lists): Item[] => [...lists.flat(), { label: ARCHIVE }]);
  const placeHolder = 'Which image was built from this Dockerfile?';
  const chosen = await vscode.window.showQuickPick<Item>(items, { placeHolder, matchOnDescription: true });
  if (!chosen || chosen.address) return chosen?.address;
  return (await askForArchive('Compare'))?.fsPath;
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
