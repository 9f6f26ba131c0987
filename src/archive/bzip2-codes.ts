import { type BitSource, damaged } from './bzip2-bits';

/** A canonical Huffman code: by length, the first code, the last one, and where their symbols begin. */
export interface Table {
  readonly shortest: number;
  readonly last: Int32Array;
  readonly shift: Int32Array;
  readonly symbols: Uint16Array;
}

const LONGEST_CODE = 20;

/** The code of one table, whose lengths are written as steps up and down. */
export function readTable(bits: BitSource, symbolCount: number): Table {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.take(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > LONGEST_CODE) throw damaged('a code is too long');
      if (bits.take(1) === 0) break;
      length += bits.take(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  const symbols = new Uint16Array(symbolCount);
  const last = new Int32Array(LONGEST_CODE + 1).fill(-1);
  const shift = new Int32Array(LONGEST_CODE + 1);
  let code = 0;
  let placed = 0;
  for (let size = 1; size <= LONGEST_CODE; size++) {
    shift[size] = placed - code;
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      if (lengths[symbol] !== size) continue;
      symbols[placed++] = symbol;
      last[size] = code++;
    }
    code <<= 1;
  }
  return { shortest: lengths.reduce((a, b) => Math.min(a, b)), last, shift, symbols };
}

export function readSymbol(bits: BitSource, table: Table): number {
  let code = bits.take(table.shortest);
  for (let size = table.shortest; size <= LONGEST_CODE; size++) {
    if (code <= table.last[size]!) return table.symbols[code + table.shift[size]!]!;
    code = (code << 1) | bits.take(1);
  }
  throw damaged('a code is unknown');
}
