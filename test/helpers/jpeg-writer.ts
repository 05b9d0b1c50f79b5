// A small JPEG encoder for forms that sharp and ffmpeg do not write and cameras do: restart markers, a scan for each component,
// odd sampling, other padding. Blocks are made up: a wandering brightness and a few coefficients. ITU-T T.81, annex B.
import { seededRandom } from "./random.ts";

export type JpegForm = {
  readonly width: number;
  readonly height: number;
  /** Sampling factors of each component, across and down. */
  readonly sampling: readonly (readonly [number, number])[];
  /** MCUs between restart markers; none where left out. */
  readonly restartEvery?: number;
  /** Each component in a scan of its own. */
  readonly isApart?: boolean;
  readonly padding?: 0 | 1;
  /** Written before each marker that ends a part of the data. */
  readonly filler?: readonly number[];
  /** One more restart marker behind the last part. */
  readonly hasLastRestart?: boolean;
  /** MCUs more, or less, than the frame has. */
  readonly surplus?: number;
  readonly isExtended?: boolean;
};

/** All codes of one length, so that a code is its symbol's place: differences of 0 to 11 bits; end, one bit, two bits, runs. */
const DC = { bits: 4, symbols: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] };
const AC = { bits: 3, symbols: [0x00, 0x01, 0x02, 0x11, 0xf0] };

/** The same bytes for the same form. */
export function writeJpeg(form: JpegForm): Buffer {
  const { width, height, sampling } = form;
  const parts = sampling.map(([across, down], i) => ({ id: i + 1, across, down }));
  const most = { across: Math.max(...parts.map((p) => p.across)), down: Math.max(...parts.map((p) => p.down)) };
  const frame = [8, ...word(height), ...word(width), parts.length];
  const random = seededRandom(width * 31 + height);
  const scans = form.isApart ? parts.map((part) => [part]) : [parts];
  return Buffer.from([
    0xff,
    0xd8,
    ...segment(0xdb, [0, ...Array.from({ length: 64 }, () => 8)]),
    ...segment(form.isExtended ? 0xc1 : 0xc0, [...frame, ...parts.flatMap((p) => [p.id, (p.across << 4) | p.down, 0])]),
    ...segment(0xc4, [...table(0, DC), ...table(0x10, AC)]),
    ...(form.restartEvery === undefined ? [] : segment(0xdd, word(form.restartEvery))),
    ...scans.flatMap((scan) => {
      const [alone] = scan.length === 1 ? scan : [];
      const blocks = (pixels: number, factor: number, mostOf: number): number =>
        alone ? Math.ceil(Math.ceil((pixels * factor) / mostOf) / 8) : Math.ceil(pixels / 8 / mostOf);
      const units =
        blocks(width, alone?.across ?? 1, most.across) * blocks(height, alone?.down ?? 1, most.down) +
        (form.surplus ?? 0);
      const header = [scan.length, ...scan.flatMap((part) => [part.id, 0]), 0, 63, 0];
      const perUnit = scan.map((part) => (alone ? 1 : part.across * part.down));
      return [...segment(0xda, header), ...entropy(form, { units, perUnit, random })];
    }),
    0xff,
    0xd9,
  ]);
}

function entropy(
  { restartEvery, padding = 1, filler = [], hasLastRestart = false }: JpegForm,
  { units, perUnit, random }: { units: number; perUnit: readonly number[]; random: () => number },
): number[] {
  const bytes: number[] = [];
  const interval = restartEvery ?? units;
  for (let [from, nth] = [0, 0]; from < units; from += interval, nth++) {
    const bits = new Bits();
    const last = perUnit.map(() => 0);
    for (let unit = from; unit < Math.min(from + interval, units); unit++)
      perUnit.forEach((blocks, part) => {
        for (let i = 0; i < blocks; i++) last[part] = writeBlock(bits, last[part] ?? 0, random);
      });
    bytes.push(...bits.stuffed(padding), ...filler);
    if (from + interval < units || hasLastRestart) bytes.push(0xff, 0xd0 + (nth & 7));
  }
  return bytes;
}

/** A brightness near the last one, and now and then coefficients, at times behind a run of sixteen zeros. */
function writeBlock(bits: Bits, last: number, random: () => number): number {
  const next = Math.max(-120, Math.min(120, last + Math.floor(random() * 41) - 20));
  const size = lengthOf(next - last);
  bits.add(DC.symbols.indexOf(size), DC.bits);
  bits.add(next > last ? next - last : next - last + (1 << size) - 1, size);
  const symbols = random() < 0.5 ? [] : random() < 0.5 ? [0x01, 0x11] : [0x02, 0xf0, 0x01];
  for (const symbol of symbols) {
    bits.add(AC.symbols.indexOf(symbol), AC.bits);
    bits.add(Math.floor(random() * (1 << (symbol & 3))), symbol === 0xf0 ? 0 : symbol & 15);
  }
  bits.add(0, AC.bits);
  return next;
}

const lengthOf = (value: number): number => 32 - Math.clz32(Math.abs(value));
const word = (value: number): number[] => [value >> 8, value & 255];
const segment = (marker: number, body: readonly number[]): number[] => [
  0xff,
  marker,
  ...word(body.length + 2),
  ...body,
];

function table(id: number, { bits, symbols }: { bits: number; symbols: readonly number[] }): number[] {
  return [id, ...Array.from({ length: 16 }, (_, i) => (i + 1 === bits ? symbols.length : 0)), ...symbols];
}

class Bits {
  readonly #bits: number[] = [];

  add(value: number, length: number): void {
    for (let i = length - 1; i >= 0; i--) this.#bits.push((value >> i) & 1);
  }

  /** Filled up to a byte, with a zero behind each 0xFF. */
  stuffed(padding: 0 | 1): number[] {
    while (this.#bits.length % 8 !== 0) this.#bits.push(padding);
    const bytes: number[] = [];
    for (let at = 0; at < this.#bits.length; at += 8) {
      const byte = this.#bits.slice(at, at + 8).reduce((sum, bit) => sum * 2 + bit, 0);
      bytes.push(byte, ...(byte === 0xff ? [0] : []));
    }
    return bytes;
  }
}
