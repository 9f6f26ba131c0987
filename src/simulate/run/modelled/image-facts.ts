import type { CommandContext } from '../command';

/** Text of a small file that is at hand, such as `/etc/os-release`; `undefined` where it cannot be read. */
export async function textOf(
  { fileSystem, reader }: CommandContext,
  path: string,
): Promise<string | undefined> {
  const found = fileSystem.find(path);
  const node = found.kind === 'present' ? found.inode.node : undefined;
  if (node?.kind !== 'file' || node.content.kind === 'placeholder' || node.content.size > 65_536)
    return undefined;
  const bytes = node.content.kind === 'inline' ? node.content.bytes : await reader.read(node.content);
  return new TextDecoder().decode(bytes);
}

/** The variables of `/etc/os-release` (os-release(5)). */
export async function osRelease(context: CommandContext): Promise<ReadonlyMap<string, string>> {
  const text = (await textOf(context, '/etc/os-release')) ?? '';
  const pairs = [...text.matchAll(/^(\w+)=(["']?)(.*)\2$/gm)];
  return new Map(pairs.map(([, name, , value]) => [name!, value!]));
}

/** The number of a user by name, where the image's own accounts tell. */
export async function userId(context: CommandContext, name: string): Promise<number | undefined> {
  const accounts = (await textOf(context, '/etc/passwd')) ?? '';
  const line = new RegExp(`^${name}:[^:]*:(\\d+):`, 'm').exec(accounts);
  return line ? Number(line[1]) : undefined;
}

/** Alpine's names of the architectures (apk-tools, `APK_DEFAULT_ARCH`). */
const ALPINE: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  '386': 'x86',
  ppc64le: 'ppc64le',
  s390x: 's390x',
  riscv64: 'riscv64',
  loong64: 'loongarch64',
};

export function alpineArchitecture({ architecture }: CommandContext): string | undefined {
  return ALPINE[architecture];
}

/** Debian's names of the architectures that the OCI spec names (dpkg, cputable). */
const DEBIAN: Readonly<Record<string, readonly [architecture: string, triplet: string]>> = {
  amd64: ['amd64', 'x86_64-linux-gnu'],
  arm64: ['arm64', 'aarch64-linux-gnu'],
  '386': ['i386', 'i386-linux-gnu'],
  ppc64le: ['ppc64el', 'powerpc64le-linux-gnu'],
  s390x: ['s390x', 's390x-linux-gnu'],
  riscv64: ['riscv64', 'riscv64-linux-gnu'],
};

export function debianArchitecture({ architecture }: CommandContext): string | undefined {
  return DEBIAN[architecture]?.[0];
}

export function debianTriplet({ architecture }: CommandContext): string | undefined {
  return DEBIAN[architecture]?.[1];
}
