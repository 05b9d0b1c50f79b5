// Whether a JPEG is sound inside: its entropy-coded data is read symbol by symbol to the end, without making pixels of it.
// Decoders guess where data is damaged and say nothing (libvips reports no fault, measured); what follows a hole is then shifted
// in place and tone, and a face in it may be missed. Promise 3: of a torn picture nothing leaves. ITU-T T.81, annexes B, F and G.
import { BandWalk, boundsOf, walkBlock, walkDirect } from "./jpeg-blocks.ts";
import { type Component, type Frame, readFrame, readScan, type Scan } from "./jpeg-headers.ts";
import { type HuffmanTable, huffmanTable, JpegDamaged, JpegRefused, standardTable } from "./jpeg-huffman.ts";
import { EntropySegment } from "./jpeg-segment.ts";
import { PRIVACY_LIMITS } from "./privacy-limits.ts";

const END = 0xd9;

/**
 * A sentence on what does not hold in these bytes. Null if all does, or if the frame is larger than `pixelsMax` or of a height that
 * comes later (DNL): the decoder refuses both. Baseline, extended and progressive Huffman coding of 8 bits are read, other
 * kinds are refused: no camera sends them, and damage in them would stay unseen. Bytes behind the end marker are not looked at.
 */
export function faultOfJpeg(jpeg: Buffer, { pixelsMax }: { readonly pixelsMax: number }): string | null {
  // Headers take some hundred bytes: the longest segment is nearly the file.
  using segment = new EntropySegment(jpeg.length);
  try {
    new JpegWalk(jpeg, { segment, pixelsMax }).walk();
    return null;
  } catch (cause) {
    if (cause instanceof JpegRefused) return cause.message;
    throw cause;
  }
}

class JpegWalk {
  readonly #jpeg: Buffer;
  readonly #segment: EntropySegment;
  readonly #pixelsMax: number;
  readonly #huffman = new Map<string, HuffmanTable>();
  readonly #quantisers = new Map<number, Uint16Array>();
  #frame: Frame | null = null;
  /** MCUs between two restart markers; 0 where there are none. */
  #restartEvery = 0;
  #scans = 0;

  constructor(jpeg: Buffer, { segment, pixelsMax }: { segment: EntropySegment; pixelsMax: number }) {
    this.#jpeg = jpeg;
    this.#segment = segment;
    this.#pixelsMax = pixelsMax;
  }

  walk(): void {
    let at = 2;
    for (;;) {
      const mark = this.#nextMarker(at);
      const marker = this.#jpeg.readUInt8(mark);
      if (marker === END) break;
      if (marker === 0xd8) throw new JpegDamaged("it starts twice");
      const isBare = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
      if (isBare) {
        at = mark + 1;
        continue;
      }
      if (mark + 3 > this.#jpeg.length) throw new JpegDamaged("it ends too early");
      // A length of less than its own two bytes is read as none, as the decoder does.
      const end = mark + 1 + Math.max(2, this.#jpeg.readUInt16BE(mark + 1));
      if (end > this.#jpeg.length) throw new JpegDamaged("it ends too early");
      const body = this.#jpeg.subarray(mark + 3, end);
      if (marker === 0xda) {
        at = this.#walkScan(body, end);
      } else {
        if (!this.#readTable(marker, body)) return;
        at = end;
      }
    }
    const unseen = this.#frame?.components.some(({ isSeen }) => !isSeen) ?? true;
    if (unseen) throw new JpegDamaged("a part of the picture is not there");
  }

  /** Where the code of the next marker stands; bytes before it are passed over, as the decoder does. */
  #nextMarker(from: number): number {
    for (let at = this.#jpeg.indexOf(0xff, from); at >= 0; at = this.#jpeg.indexOf(0xff, at)) {
      while (this.#jpeg[at] === 0xff) at++;
      if (at >= this.#jpeg.length) break;
      if (this.#jpeg[at] !== 0) return at;
    }
    throw new JpegDamaged("it ends too early");
  }

  /** False if the walk ends here, since the decoder will refuse the picture. */
  #readTable(marker: number, body: Buffer): boolean {
    if (marker === 0xc4) this.#readHuffman(body);
    if (marker === 0xdb) this.#readQuantisers(body);
    if (marker === 0xdd) this.#restartEvery = body.length < 2 ? 0 : body.readUInt16BE(0);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (!isFrame) return true;
    if (this.#frame !== null) throw new JpegDamaged("it has two frames");
    this.#frame = readFrame(marker, body, this.#pixelsMax);
    return this.#frame !== null;
  }

  #readHuffman(body: Buffer): void {
    for (let at = 0; at + 17 <= body.length; ) {
      const counts = body.subarray(at + 1, at + 17);
      const symbols = counts.reduce((sum, each) => sum + each, 0);
      const end = at + 17 + symbols;
      if (symbols > 256 || end > body.length) throw new JpegDamaged("a Huffman table is none");
      const id = body.readUInt8(at);
      this.#huffman.set(`${id >> 4 === 0 ? "dc" : "ac"}${id & 15}`, huffmanTable(counts, body.subarray(at + 17, end)));
      at = end;
    }
  }

  /** Steps of 8 or 16 bits, in the order in which coefficients come: T.81, B.2.4.1. */
  #readQuantisers(body: Buffer): void {
    for (let at = 0; at < body.length; ) {
      const id = body.readUInt8(at);
      const width = id >> 4 === 0 ? 1 : 2;
      const end = at + 1 + 64 * width;
      if (end > body.length) throw new JpegDamaged("a quantisation table is cut");
      this.#quantisers.set(
        id & 15,
        Uint16Array.from({ length: 64 }, (_, i) => body.readUIntBE(at + 1 + i * width, width)),
      );
      at = end;
    }
  }

  /** Walks all restart intervals of one scan; returns where the marker behind it begins. */
  #walkScan(header: Buffer, start: number): number {
    if (this.#frame === null) throw new JpegDamaged("a scan has no frame");
    if (++this.#scans > PRIVACY_LIMITS.jpegScans) throw new JpegDamaged("it has too many scans");
    const scan = readScan(header, this.#frame);
    const units = this.#unitsOf(scan);
    let at = start;
    for (let [done, restarts] = [0, 0]; ; restarts++) {
      const many = this.#restartEvery === 0 ? units.count : Math.min(this.#restartEvery, units.count - done);
      const mark = this.#segment.take(this.#jpeg, at);
      units.walk(done, done + many);
      done += many;
      // One more restart marker, as some chips write where their count comes out even, is passed over with the marker behind it.
      if (done === units.count) return mark - 1;
      if (this.#jpeg[mark] !== 0xd0 + (restarts & 7))
        throw new JpegDamaged("a restart marker is not where it should be");
      at = mark + 1;
    }
  }

  /** What a scan consists of, MCUs or single blocks, and how some of them are walked. T.81, A.2. */
  #unitsOf(scan: Scan): { readonly count: number; readonly walk: (from: number, to: number) => void } {
    const frame = this.#frame;
    if (frame === null) throw new JpegDamaged("a scan has no frame");
    const { components } = scan;
    const alone = components.length === 1 ? components[0] : undefined;
    const count = alone === undefined ? frame.mcus : alone.wide * alone.high;
    const parts = components.map((component) => ({
      walkOne: this.#blockWalkOf(component, scan),
      blocks: alone === undefined ? component.across * component.down : 1,
    }));
    const walk = (from: number, to: number): void => {
      for (const part of parts) part.walkOne.begin();
      for (let unit = from; unit < to; unit++) {
        for (const { walkOne, blocks } of parts) {
          for (let nth = 0; nth < blocks; nth++) {
            walkOne.block(unit);
            if (this.#segment.isOverrun) throw new JpegDamaged("a part holds less data than it says");
          }
        }
      }
      for (const part of parts) part.walkOne.end();
      this.#segment.finish();
    };
    return { count, walk };
  }

  /** How a block of this component is walked in this scan: `begin` and `end` at each restart. */
  #blockWalkOf(component: Component, scan: Scan): BlockWalk {
    const segment = this.#segment;
    const quantisers = this.#quantisers.get(component.quantiser) ?? new Uint16Array(64).fill(1);
    const coding = {
      dc: this.#table("dc", component.dc, scan.first === 0 && scan.high === 0),
      ac: this.#table("ac", component.ac, scan.last > 0),
      ...boundsOf(quantisers),
      predictor: 0,
    };
    const begin = (): void => {
      coding.predictor = 0;
    };
    const end = (): void => undefined;
    if (!scan.isProgressive) return { begin, end, block: () => walkBlock(segment, coding) };
    if (scan.first === 0) {
      if (scan.high > 0) return { begin, end, block: () => segment.at++ };
      return { begin, end, block: () => walkDirect(segment, coding, scan.low) };
    }
    component.known ??= new Uint32Array(component.wide * component.high * 2);
    const band = new BandWalk({ first: scan.first, last: scan.last, low: scan.low, known: component.known });
    const isFirst = scan.high === 0;
    return {
      begin,
      block: (nth) => (isFirst ? band.walkFirst(segment, coding, nth) : band.walkAgain(segment, coding, nth)),
      end: () => {
        if (band.blocksSkipped > 0) throw new JpegDamaged("a part holds fewer blocks than it says");
      },
    };
  }

  /** A file without tables means the standard ones; what a scan does not use need not be there. */
  #table(of: "dc" | "ac", id: number, isUsed: boolean): HuffmanTable {
    const table = this.#huffman.get(`${of}${id}`) ?? standardTable(of, id) ?? standardTable(of, 0);
    if (table === undefined || (isUsed && id > 3)) throw new JpegDamaged("a Huffman table is missing");
    return table;
  }
}

type BlockWalk = {
  readonly begin: () => void;
  readonly block: (nth: number) => void;
  readonly end: () => void;
};
