import type { Problem, Range } from '../dockerfile/instruction';

/** What a build check says. `check` is its name: https://docs.docker.com/reference/build-checks/ */
export type Finding = Problem & { readonly check: string };

export function finding(check: string, range: Range, message: string): Finding {
  return { severity: 'warning', check, range, message };
}

/** They are off unless the Dockerfile asks for them. */
export const EXPERIMENTAL: ReadonlySet<string> = new Set(['CopyIgnoredFile', 'InvalidDefinitionDescription']);
