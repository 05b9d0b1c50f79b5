// Entropy-coded bytes of a JPEG between two markers, made plain: without the zeros that are stuffed behind each 0xFF
// (ITU-T T.81, B.1.1.5), in one buffer that is used again and zeroed at the end (I1).
import { JpegDamaged } from "./jpeg-huffman.ts";
import { PRIVACY_LIMITS } from "./privacy-limits.ts";

/** More than one block can take: 64 codes of 16 bits with 15 more each. Where the data ends, one block is read into it. */
const OVERRUN_BYTES = 512;

export class EntropySegment implements Disposable {
  readonly bytes: Buffer;
  /** The next bit; those who read move it on. */
  at = 0;
  #bitsEnd = 0;

  /** `bytesMax`: of the longest segment that will be taken. */
  constructor(bytesMax: number) {
    this.bytes = Buffer.alloc(bytesMax + OVERRUN_BYTES);
  }

  /** Takes the bytes from `start` to the next marker; returns where that marker's code stands. Throws JpegDamaged if none comes. */
  take(jpeg: Buffer, start: number): number {
    let [length, from] = [0, start];
    for (;;) {
      const mark = jpeg.indexOf(0xff, from);
      if (mark < 0) throw new JpegDamaged("it ends too early");
      length += jpeg.copy(this.bytes, length, from, mark);
      let next = mark + 1;
      while (jpeg[next] === 0xff) next++;
      if (jpeg[next] !== 0) {
        // Not a zero, so that reading over the end is not taken for a hole.
        this.bytes[length] = 0xff;
        this.at = 0;
        this.#bitsEnd = length * 8;
        return next;
      }
      this.bytes[length++] = 0xff;
      from = next + 1;
    }
  }

  /** Whether more was read than there was. */
  get isOverrun(): boolean {
    return this.at > this.#bitsEnd;
  }

  /**
   * Throws JpegDamaged unless all was read but the padding: bits of one kind up to the next byte (ones in T.81, F.1.2.3, zeros
   * from some cameras' chips), and a few bytes, which such chips fill up words with: zeros, and with some webcams (Logitech's
   * C270 and C910 by many accounts) one to nine of anything. All blocks were there by then, and lost data seldom ends so near.
   */
  finish(): void {
    const { at, bytes } = this;
    const spare = (8 - (at & 7)) & 7;
    const rest = (this.#bitsEnd >>> 3) - ((at + spare) >>> 3);
    if (rest > PRIVACY_LIMITS.jpegPaddingBytes) throw new JpegDamaged("a part holds more data than it says");
    const ones = (1 << spare) - 1;
    const padding = (bytes[at >>> 3] ?? 0) & ones;
    if (rest === 0 && spare > 0 && padding !== 0 && padding !== ones)
      throw new JpegDamaged("a part does not end where its data does");
  }

  [Symbol.dispose](): void {
    this.bytes.fill(0);
  }
}
