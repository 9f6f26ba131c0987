/** CRC-32 with the highest bit first, as of bzip2's blocks; POSIX' `cksum` begins with 0. */
export class BlockChecksum {
  constructor(private crc = 0xffffffff) {}

  add(bytes: Uint8Array): void {
    let crc = this.crc;
    for (const byte of bytes) crc = (crc << 8) ^ CRC_TABLE[(crc >>> 24) ^ byte]!;
    this.crc = crc;
  }

  get value(): number {
    return ~this.crc >>> 0;
  }
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});
