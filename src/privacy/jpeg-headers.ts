// Frame and scan headers of a JPEG: which components there are, of how many blocks, and what a scan brings of them.
// ITU-T T.81: A.1.1, A.2, B.2.2, B.2.3, G.1.1.
import { JpegDamaged, JpegRefused } from "./jpeg-huffman.ts";

export type Component = {
  readonly id: number;
  /** Sampling factors: blocks of it in an MCU. */
  readonly across: number;
  readonly down: number;
  readonly quantiser: number;
  /** Blocks of it in a scan of its own. */
  readonly wide: number;
  readonly high: number;
  /** Destinations of its tables in the scan under way. */
  dc: number;
  ac: number;
  /** Whether a scan brought its direct current. */
  isSeen: boolean;
  /** Progressive: which coefficients are not zero by now, two words a block. */
  known: Uint32Array | null;
  /** Progressive, by place: bits that are still to come, -1 where nothing came yet. */
  readonly lacking: Int8Array;
};

export type Frame = {
  readonly isProgressive: boolean;
  readonly mcus: number;
  readonly components: readonly Component[];
};

export type Scan = {
  readonly isProgressive: boolean;
  readonly components: readonly Component[];
  readonly first: number;
  readonly last: number;
  readonly high: number;
  readonly low: number;
};

/** Null if the frame is larger than `pixelsMax` or its height comes later. Throws JpegRefused. */
export function readFrame(marker: number, body: Buffer, pixelsMax: number): Frame | null {
  if (marker > 0xc2) throw new JpegRefused("an arithmetic, lossless or hierarchical JPEG is not read");
  const count = body[5] ?? 0;
  if (body.length < 6 + count * 3 || count < 1 || count > 4) throw new JpegDamaged("its frame header is none");
  if (body[0] !== 8) throw new JpegRefused("a JPEG of other than 8 bits is not read");
  const size = { width: body.readUInt16BE(3), height: body.readUInt16BE(1) };
  const pixels = size.width * size.height;
  if (pixels === 0 || pixels > pixelsMax) return null;
  const parts = Array.from({ length: count }, (_, i) => {
    const [id = 0, factors = 0, quantiser = 0] = body.subarray(6 + i * 3, 9 + i * 3);
    return { id, across: factors >> 4, down: factors & 15, quantiser };
  });
  if (parts.some(({ across, down }) => across < 1 || across > 4 || down < 1 || down > 4))
    throw new JpegDamaged("its frame header is none");
  const most = {
    across: Math.max(...parts.map(({ across }) => across)),
    down: Math.max(...parts.map(({ down }) => down)),
  };
  const components = parts.map((part) => ({
    ...part,
    wide: Math.ceil(Math.ceil((size.width * part.across) / most.across) / 8),
    high: Math.ceil(Math.ceil((size.height * part.down) / most.down) / 8),
    dc: 0,
    ac: 0,
    isSeen: false,
    known: null,
    lacking: new Int8Array(64).fill(-1),
  }));
  const mcus = Math.ceil(size.width / (8 * most.across)) * Math.ceil(size.height / (8 * most.down));
  return { isProgressive: marker === 0xc2, mcus, components };
}

/** Notes in the components what the scan brings. Throws JpegDamaged if it names none, or brings what it cannot bring. */
export function readScan(body: Buffer, { isProgressive, components: all }: Frame): Scan {
  const count = body[0] ?? 0;
  const components: Component[] = [];
  for (let nth = 0; nth < count; nth++) {
    const component = all.find(({ id }) => id === body[1 + nth * 2]);
    if (component === undefined || components.includes(component)) throw new JpegDamaged("a scan names no part of it");
    const tables = body[2 + nth * 2] ?? 0;
    component.dc = tables >> 4;
    component.ac = tables & 15;
    components.push(component);
  }
  const [first = 0, last = 0, bits = 0] = body.subarray(1 + count * 2);
  if (count === 0 || body.length < 4 + count * 2) throw new JpegDamaged("a scan header is none");
  // In a sequential scan these say nothing; some encoders leave them zero.
  const scan = isProgressive
    ? { isProgressive, components, first, last, high: bits >> 4, low: bits & 15 }
    : { isProgressive, components, first: 0, last: 63, high: 0, low: 0 };
  const isSound = first === 0 ? last === 0 : last >= first && last < 64 && count === 1;
  if (isProgressive && (!isSound || scan.low > 13)) throw new JpegDamaged("a scan header is none");
  for (const component of components) noteScan(component, scan);
  return scan;
}

/** Bits come from above, each once: T.81, G.1.1.1. */
function noteScan(component: Component, { isProgressive, first, last, high, low }: Scan): void {
  if (!isProgressive && component.isSeen) throw new JpegDamaged("a part of it comes twice");
  if (first === 0) component.isSeen = true;
  if (!isProgressive) return;
  for (let place = first; place <= last; place++) {
    const lacking = component.lacking[place] ?? -1;
    const isNext = lacking < 0 ? high === 0 : high === lacking && low === high - 1;
    if (!isNext) throw new JpegDamaged("its scans are out of order");
    component.lacking[place] = low;
  }
}
