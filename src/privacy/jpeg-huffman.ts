// Huffman tables of a JPEG as its entropy-coded data is walked with them: built from the file, or the standard ones that are
// implied where a file has none. ITU-T T.81, annexes C and K.3.

/** A JPEG that is not to be decoded; `message` is a sentence for people and holds no bytes of it. */
export class JpegRefused extends Error {
  override readonly name: string = "JpegRefused";
}

/** What does not hold in a JPEG's data. */
export class JpegDamaged extends JpegRefused {
  override readonly name = "JpegDamaged";

  constructor(fault: string) {
    super(`the JPEG is damaged inside: ${fault}`);
  }
}

/** Codes of up to QUICK_BITS are looked up at once, longer ones by length (T.81, F.2.2.3). */
export type HuffmanTable = {
  /** By the next QUICK_BITS bits: length of the code << 8 | symbol; 0 where the code is longer or none. */
  readonly quick: Uint16Array;
  /** By length: the largest code of it, -1 for none, and what to add to a code for its symbol's place. */
  readonly largest: Int32Array;
  readonly offset: Int32Array;
  readonly symbols: Uint8Array;
};

const QUICK_BITS = 9;
const CODE_BITS_MAX = 16;

/** `counts`: how many codes there are of 1 to 16 bits; `symbols` in the order of the codes. Throws JpegDamaged if no code can be so. */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const quick = new Uint16Array(1 << QUICK_BITS);
  const largest = new Int32Array(CODE_BITS_MAX + 1).fill(-1);
  const offset = new Int32Array(CODE_BITS_MAX + 1);
  let [code, place] = [0, 0];
  for (let bits = 1; bits <= CODE_BITS_MAX; bits++, code <<= 1) {
    offset[bits] = place - code;
    for (let left = counts[bits - 1] ?? 0; left > 0; left--, code++, place++) {
      if (code >= 1 << bits || place >= symbols.length) throw new JpegDamaged("a Huffman table is none");
      if (bits <= QUICK_BITS) {
        const shift = QUICK_BITS - bits;
        quick.fill((bits << 8) | (symbols[place] ?? 0), code << shift, (code + 1) << shift);
      }
      largest[bits] = code;
    }
  }
  return { quick, largest, offset, symbols };
}

/** 16 bits from this bit on; zeros behind the end. */
export function bitsAt(bytes: Uint8Array, at: number): number {
  const first = at >>> 3;
  const three = ((bytes[first] ?? 0) << 16) | ((bytes[first + 1] ?? 0) << 8) | (bytes[first + 2] ?? 0);
  return (three >>> (8 - (at & 7))) & 0xffff;
}

/** The code that these 16 bits begin with: its length << 8 | its symbol. Throws JpegDamaged if the table has none. */
export function codeIn(bits: number, table: HuffmanTable): number {
  const found = table.quick[bits >>> (CODE_BITS_MAX - QUICK_BITS)] ?? 0;
  return found === 0 ? longCodeIn(bits, table) : found;
}

function longCodeIn(next: number, { largest, offset, symbols }: HuffmanTable): number {
  for (let bits = QUICK_BITS + 1; bits <= CODE_BITS_MAX; bits++) {
    const code = next >>> (CODE_BITS_MAX - bits);
    if (code <= (largest[bits] ?? -1)) return (bits << 8) | (symbols[code + (offset[bits] ?? 0)] ?? 0);
  }
  throw new JpegDamaged("there is a code that no table has");
}

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
/** Lengths 0 to 11 of differences, in order: T.81, K.3.1. */
const DC_SYMBOLS = "000102030405060708090a0b";

/** T.81, K.3.2, tables K.5 and K.6: luminance first. */
const standard = {
  dc: [
    huffmanTable(bytes("00010501010101010100000000000000"), bytes(DC_SYMBOLS)),
    huffmanTable(bytes("00030101010101010101010000000000"), bytes(DC_SYMBOLS)),
  ],
  ac: [
    huffmanTable(
      bytes("0002010303020403050504040000017d"),
      bytes(`01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a
        3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a9293949596979899
        9aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8
        f9fa`),
    ),
    huffmanTable(
      bytes("00020102040403040705040400010277"),
      bytes(`0001020311040521310612415107617113223281081442 91a1b1c109233352f0156272d10a162434e125f11718191a2627282
        92a35363738393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798
        999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa`),
    ),
  ],
} as const;

/** The tables of a file that names none, as pictures of MJPEG streams do; by class and destination. */
export function standardTable(of: "dc" | "ac", id: number): HuffmanTable | undefined {
  return standard[of][id];
}
