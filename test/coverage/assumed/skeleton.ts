import path from 'node:path';
import type { Machine } from '../../../src/doors';
import type { Image } from '../../../src/layers/image';

/** Debian 12 minbase as the golden cases have it: every path and text, with stubs for programs. */
export function debianSkeleton(machine: Machine): Promise<Image> {
  return machine.image(path.resolve('test/golden/cases/bases/debian12-skeleton.tar'), 'deb:12');
}
