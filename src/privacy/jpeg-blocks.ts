// Blocks of a JPEG as its entropy-coded data has them: symbols are read and nothing is computed of them but what tells sound
// data from damaged. ITU-T T.81: F.2.2 sequential, G.1.2 and G.2 progressive.
import { bitsAt, codeIn, type HuffmanTable, JpegDamaged } from "./jpeg-huffman.ts";
import type { EntropySegment } from "./jpeg-segment.ts";

/** What a block is read with; `predictor` is the last direct current of the component and starts anew at each restart. */
export type BlockCoding = {
  readonly dc: HuffmanTable;
  readonly ac: HuffmanTable;
  readonly dcMax: number;
  /** By place in the block: the longest magnitude in bits that a coefficient can have. */
  readonly acBitsMax: Uint8Array;
  predictor: number;
};

/** Half of eight times 256: what 8-bit samples can give; the rest is for encoders that compute inexactly. */
const DC_MAX = 1024 + 16;
/** As much, and a quarter for encoders that draw edges beyond black and white. */
const AC_MAX = 1024 + 256;
/** T.81, tables F.1 and F.2: no 8-bit sample needs more. */
const DC_BITS_MAX = 11;
const AC_BITS_MAX = 10;
const LAST = 63;

/** The bounds that a quantisation table sets. Rounding may add one step. */
export function boundsOf(quantisers: Uint16Array): Pick<BlockCoding, "dcMax" | "acBitsMax"> {
  const acBitsMax = Uint8Array.from(quantisers, (step) =>
    Math.min(AC_BITS_MAX, 32 - Math.clz32(AC_MAX / Math.max(1, step) + 1)),
  );
  return { dcMax: DC_MAX / Math.max(1, quantisers[0] ?? 1) + 1, acBitsMax };
}

/** One block of a sequential scan. */
export function walkBlock(segment: EntropySegment, coding: BlockCoding): void {
  const { bytes } = segment;
  const { ac, acBitsMax } = coding;
  const start = segment.at;
  walkDirect(segment, coding, 0);
  let { at } = segment;
  for (let place = 1; ; place++) {
    const code = codeIn(bitsAt(bytes, at), ac);
    at += code >>> 8;
    const bits = code & 15;
    const run = (code >>> 4) & 15;
    if (bits === 0 && run === 0) break;
    place += run;
    if (place > LAST || (bits === 0 && (run !== 15 || place === LAST)))
      throw new JpegDamaged("a block runs over its end");
    if (bits > (acBitsMax[place] ?? 0)) throw new JpegDamaged("a coefficient is larger than samples allow");
    at += bits;
    if (place === LAST) {
      throwIfZeros(bytes, start, at);
      break;
    }
  }
  segment.at = at;
}

/** The difference of a block's direct current; `low`: bits of it that a later scan brings. */
export function walkDirect(segment: EntropySegment, coding: BlockCoding, low: number): void {
  const code = codeIn(bitsAt(segment.bytes, segment.at), coding.dc);
  segment.at += code >>> 8;
  const bits = code & 255;
  if (bits > DC_BITS_MAX) throw new JpegDamaged("a difference of brightness is larger than samples allow");
  if (bits === 0) return;
  const read = bitsAt(segment.bytes, segment.at) >>> (16 - bits);
  segment.at += bits;
  coding.predictor += read < 1 << (bits - 1) ? read - (1 << bits) + 1 : read;
  const value = coding.predictor * (1 << low);
  if (value > coding.dcMax || value + (1 << low) - 1 < -coding.dcMax)
    throw new JpegDamaged("the brightness leaves the range of samples");
}

/**
 * Nothing but zeros up to a block's last coefficient: with each table in use these are coefficients of the smallest negative
 * value, one and all, which no photograph holds and no encoder writes; a hole in a file is read like this.
 */
function throwIfZeros(bytes: Uint8Array, start: number, end: number): void {
  let at = (start + 7) >>> 3;
  while (at < end >>> 3 && bytes[at] === 0) at++;
  if (at === end >>> 3 && end - start >= 40) throw new JpegDamaged("there is a hole of zeros in its data");
}

export type Band = {
  readonly first: number;
  readonly last: number;
  /** Bits of a coefficient that later scans bring. */
  readonly low: number;
  /** Two words for each block: which coefficients have become other than zero. */
  readonly known: Uint32Array;
};

/** One band of coefficients of all blocks of a component: a scan of a progressive JPEG. */
export class BandWalk {
  /** Blocks to come of which nothing but corrections follows. */
  blocksSkipped = 0;
  readonly #band: Band;
  readonly #masks: readonly [number, number];

  constructor(band: Band) {
    this.#band = band;
    this.#masks = [maskOf(band.first, band.last, 0), maskOf(band.first, band.last, 32)];
  }

  /** G.1.2.2 */
  walkFirst(segment: EntropySegment, { ac, acBitsMax }: BlockCoding, block: number): void {
    if (this.blocksSkipped > 0) {
      this.blocksSkipped--;
      return;
    }
    const { first, last, low } = this.#band;
    for (let place = first; place <= last; place++) {
      const code = codeIn(bitsAt(segment.bytes, segment.at), ac);
      segment.at += code >>> 8;
      const [run, bits] = [(code >>> 4) & 15, code & 15];
      if (bits === 0 && run < 15) {
        this.#readSkipped(segment, run);
        return;
      }
      place += run;
      if (place > last || (bits === 0 && place === last)) throw new JpegDamaged("a block runs over its end");
      if (bits === 0) continue;
      if (bits + low > (acBitsMax[place] ?? 0)) throw new JpegDamaged("a coefficient is larger than samples allow");
      segment.at += bits;
      this.#note(block, place);
    }
  }

  /** G.1.2.3: corrections of what is known are one bit each, and stand between. */
  walkAgain(segment: EntropySegment, { ac }: BlockCoding, block: number): void {
    const { first, last } = this.#band;
    let place = first;
    while (this.blocksSkipped === 0 && place <= last) {
      const code = codeIn(bitsAt(segment.bytes, segment.at), ac);
      segment.at += code >>> 8;
      const [run, bits] = [(code >>> 4) & 15, code & 15];
      if (bits === 0 && run < 15) {
        this.#readSkipped(segment, run);
        this.blocksSkipped++;
        break;
      }
      if (bits > 1) throw new JpegDamaged("a correction is larger than one");
      segment.at += bits;
      place = this.#passZeros(segment, { block, place, run });
      if (bits === 1) this.#note(block, place);
      place++;
    }
    if (this.blocksSkipped === 0) return;
    segment.at += this.#knownFrom(block, place);
    this.blocksSkipped--;
  }

  /** 2^length and as many bits more, less the block that is under way. */
  #readSkipped(segment: EntropySegment, length: number): void {
    const more = length === 0 ? 0 : bitsAt(segment.bytes, segment.at) >>> (16 - length);
    segment.at += length;
    this.blocksSkipped = (1 << length) + more - 1;
  }

  /** The place behind `run` zeros that stay so, past the corrections between them. */
  #passZeros(segment: EntropySegment, { block, place, run }: { block: number; place: number; run: number }): number {
    for (let [at, left] = [place, run]; at <= this.#band.last; at++) {
      const word = this.#band.known[block * 2 + (at >>> 5)] ?? 0;
      if (((word >>> (at & 31)) & 1) === 1) segment.at++;
      else if (left-- === 0) return at;
    }
    throw new JpegDamaged("a block runs over its end");
  }

  #knownFrom(block: number, place: number): number {
    const { known, last } = this.#band;
    const isWhole = place === this.#band.first;
    const low = (known[block * 2] ?? 0) & (isWhole ? this.#masks[0] : maskOf(place, last, 0));
    const high = (known[block * 2 + 1] ?? 0) & (isWhole ? this.#masks[1] : maskOf(place, last, 32));
    return (low === 0 ? 0 : onesIn(low)) + (high === 0 ? 0 : onesIn(high));
  }

  #note(block: number, place: number): void {
    const at = block * 2 + (place >>> 5);
    this.#band.known[at] = (this.#band.known[at] ?? 0) | (1 << (place & 31));
  }
}

/** Ones at the places from `first` to `last` of the word that begins with place `base`. */
function maskOf(first: number, last: number, base: number): number {
  const from = Math.max(first - base, 0);
  const to = Math.min(last - base, 31);
  if (from > to) return 0;
  return (-1 >>> (31 - to)) & (-1 << from);
}

function onesIn(word: number): number {
  let pairs = word - ((word >>> 1) & 0x55555555);
  pairs = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((pairs + (pairs >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
