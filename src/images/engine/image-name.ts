import type { Platform } from '../../layers/image';
import type { Engine } from './engine';
import { EngineFault } from './engine-fault';

/** Asks for something of one image, by a reference or an ID; says so in words where the engine does not have it. */
export async function askImage<T>(
  engine: Engine,
  reference: string,
  ask: (path: string) => Promise<T>,
): Promise<T> {
  // Such a path would be another question than one about an image.
  if (reference.split('/').some((part) => part === '' || /^\.+$/.test(part)))
    throw new EngineFault('missing', 'invalid reference format');
  try {
    return await ask(`/images/${pathOf(reference)}`);
  } catch (error) {
    if (!(error instanceof EngineFault) || error.kind !== 'missing') throw error;
    const next = `build or pull it there, or see "${engine.kind} images"`;
    throw new EngineFault('missing', `it has no image ${reference}: ${next}`, { cause: error });
  }
}

/** What references consist of stays as it is, slashes too: they are part of the path in this API. */
function pathOf(name: string): string {
  return name.replace(/[^\w/:@.-]/g, encodeURIComponent);
}

/** From 1.48 on a platform may be asked for: https://docs.docker.com/reference/api/engine/version-history/#v148-api-changes */
export function platformQuery(platform: Platform | undefined): string {
  return platform ? `?platform=${encodeURIComponent(JSON.stringify(platform))}` : '';
}
