// What goes wrong with a JPEG's data on its way: holes of zeros where a part of a file never came, lost packets, flipped bits,
// pieces of other pictures. Headers and end stay as they were, so that decoders read on.
import { seededRandom } from "./random.ts";

type Spot = { readonly start: number; readonly random: () => number };
type Damage = (jpeg: Buffer, spot: Spot) => Buffer;

/** By name; `other` is the picture of which pieces get in. The same random numbers, the same damage. */
export function damages(other: Buffer): Record<string, Damage> {
  return {
    "a hole of 64 zeros": hole(64),
    "a hole of 512 zeros": hole(512),
    "a hole of 4 KiB": hole(4096),
    "a hole of 64 KiB": hole(65_536),
    "a lost packet": dropped(1460),
    "4 KiB that are missing": dropped(4096),
    "1 to 64 bytes that are missing": (jpeg, spot) => dropped(1 + whole(spot, 64))(jpeg, spot),
    "512 bytes of noise": overwritten(512, (at, spot) => {
      for (let i = 0; i < at.length; i++) at[i] = whole(spot, 256);
    }),
    "4 KiB of another picture": overwritten(4096, (at, spot) => {
      const from = dataAt(other);
      other.copy(at, 0, from + whole(spot, other.length - from - at.length - 2));
    }),
    "64 flipped bits": flipped(64),
    "8 flipped bits": flipped(8),
    "1 flipped bit": flipped(1),
  };
}

/** One of them, the same each time; the other picture is this one. */
export function damagedBy(name: string, jpeg: Buffer): Buffer {
  const damage = damages(jpeg)[name];
  if (damage === undefined) throw new Error(`no damage is called ${name}`);
  return damage(jpeg, { start: dataAt(jpeg), random: seededRandom(8) });
}

/** Where the data of the first scan begins. */
export function dataAt(jpeg: Buffer): number {
  for (let at = 2; ; ) {
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    if (jpeg[at + 1] === 0xda) return end;
    at = end;
  }
}

const whole = ({ random }: Spot, below: number): number => Math.floor(random() * below);

/** A range of this many bytes, or half of the data where it is shorter. */
function rangeOf(jpeg: Buffer, bytes: number, spot: Spot): readonly [number, number] {
  const held = jpeg.length - spot.start - 2;
  const length = Math.min(bytes, held >> 1);
  const from = spot.start + whole(spot, held - length);
  return [from, from + length];
}

function overwritten(bytes: number, write: (range: Buffer, spot: Spot) => void): Damage {
  return (jpeg, spot) => {
    const copy = Buffer.from(jpeg);
    write(copy.subarray(...rangeOf(jpeg, bytes, spot)), spot);
    return copy;
  };
}

const hole = (bytes: number): Damage => overwritten(bytes, (range) => range.fill(0));

function dropped(bytes: number): Damage {
  return (jpeg, spot) => {
    const [from, to] = rangeOf(jpeg, bytes, spot);
    return Buffer.concat([jpeg.subarray(0, from), jpeg.subarray(to)]);
  };
}

function flipped(bits: number): Damage {
  return (jpeg, spot) => {
    const copy = Buffer.from(jpeg);
    for (let i = 0; i < bits; i++) {
      const at = spot.start + whole(spot, jpeg.length - spot.start - 2);
      copy.writeUInt8(copy.readUInt8(at) ^ (1 << whole(spot, 8)), at);
    }
    return copy;
  };
}
