import type { InspectedImage } from './inspect-image';

/**
 * Tells for every layer of an image which of the other images have it too. A layer is shared on disk only together with
 * all that lie below it, so images share what they begin with:
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md#layer-chainid.
 */
export function layerSharers<T extends Pick<InspectedImage, 'layers'>>(
  images: readonly T[],
): (image: T) => readonly (readonly T[])[] {
  const chains = new Map<string, { readonly number: number; readonly images: T[] }>();
  const chainsOf = ({ layers }: T) => {
    let below = 0;
    return layers.map(({ diffId }) => {
      const key = `${below} ${diffId}`;
      const chain = chains.get(key) ?? { number: chains.size + 1, images: [] };
      chains.set(key, chain);
      below = chain.number;
      return chain;
    });
  };
  for (const image of images) for (const chain of chainsOf(image)) chain.images.push(image);
  return (image) => chainsOf(image).map((chain) => chain.images.filter((other) => other !== image));
}
