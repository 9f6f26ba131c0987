/** Paints for a terminal, or nothing. */
export interface Palette {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly red: (text: string) => string;
  readonly blue: (text: string) => string;
}

export function palette(isTerminal: boolean): Palette {
  const paint = (code: number) => (text: string) => (isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    bold: paint(1),
    dim: paint(2),
    green: paint(32),
    yellow: paint(33),
    red: paint(31),
    blue: paint(34),
  };
}

/** For files and editors. */
export const PLAIN: Palette = palette(false);
