// Which frames are made of the photographs that come with installed packages: sizes of faces, turns, covers, darkness, haze.
import { existsSync } from "node:fs";
import { modelDirectory } from "../helpers/sample-photographs.ts";

export type Covered = "mouth" | "brow" | "side";
export type Recipe = {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Mean height of a photograph's upright faces after reduction, pixels; null: as many pixels as it has, for pictures without faces. */
  readonly facePx: number | null;
  readonly photographs: readonly Photograph[];
  /** At most so many tiles; the rest of the frame is a plain slope of grey. */
  readonly tilesMax: number;
  /** Clockwise, degrees. */
  readonly turn: number;
  readonly isMirrored: boolean;
  readonly covered: Covered | null;
  /** What is left of the light, and the noise's amplitude in steps of 255. */
  readonly dark: { readonly light: number; readonly noise: number } | null;
  /** What is left of the contrast. */
  readonly haze: number | null;
  /** The recipe of the same scene by day. */
  readonly byDay: string | null;
  /** Also in test/run; the others in the soak alone. */
  readonly isQuick: boolean;
};
const SKIMAGE = "/usr/lib/python3/dist-packages/skimage/data";
export const PHOTOGRAPHS = {
  sample1: `${modelDirectory}/demo/sample1.jpg`,
  sample2: `${modelDirectory}/demo/sample2.jpg`,
  sample3: `${modelDirectory}/demo/sample3.jpg`,
  sample4: `${modelDirectory}/demo/sample4.jpg`,
  sample5: `${modelDirectory}/demo/sample5.jpg`,
  sample6: `${modelDirectory}/demo/sample6.jpg`,
  astronaut: `${SKIMAGE}/astronaut.png`,
  rocket: `${SKIMAGE}/rocket.jpg`,
  coffee: `${SKIMAGE}/coffee.png`,
  motorcycle: `${SKIMAGE}/motorcycle_left.png`,
  cat: `${SKIMAGE}/chelsea.png`,
} as const;
export type Photograph = keyof typeof PHOTOGRAPHS;

const PARTY: readonly Photograph[] = ["sample1", "sample2", "sample3", "sample4", "sample5", "sample6"];

const plain = {
  width: 1280,
  height: 720,
  photographs: PARTY,
  tilesMax: 14,
  turn: 0,
  isMirrored: false,
  covered: null,
  dark: null,
  haze: null,
  byDay: null,
  isQuick: false,
} as const;
const BESIDE = [24, 40] as const;

/** About fifty frames; names say what is in them. */
export const RECIPES: readonly Recipe[] = [
  ...[12, 16, 20, 24, 32, 40, 48, 60].map((facePx) => ({
    ...plain,
    name: `crowd-${facePx}`,
    facePx,
    isQuick: [12, 20, 32, 60].includes(facePx),
  })),
  ...[16, 32, 60].map((facePx) => ({ ...plain, name: `vga-${facePx}`, facePx, width: 640, height: 480 })),
  ...[24, 48].map((facePx) => ({ ...plain, name: `full-hd-${facePx}`, facePx, width: 1920, height: 1080 })),
  ...BESIDE.map((facePx) => ({ ...plain, name: `mirrored-${facePx}`, facePx, isMirrored: true })),
  ...[15, 30, 45, 60, 75, 90].map((turn) => ({
    ...plain,
    name: `turned-${turn}`,
    facePx: 40,
    turn,
    isQuick: turn === 30,
  })),
  ...(["mouth", "brow", "side"] as const).flatMap((covered) =>
    BESIDE.map((facePx) => ({
      ...plain,
      name: `covered-${covered}-${facePx}`,
      facePx,
      covered,
      isQuick: covered === "mouth" && facePx === 24,
    })),
  ),
  ...[
    { light: 0.3, noise: 4 },
    { light: 0.15, noise: 6 },
    { light: 0.08, noise: 6 },
  ].flatMap((dark) =>
    BESIDE.map((facePx) => ({
      ...plain,
      name: `dark-${dark.light}-${facePx}`,
      facePx,
      dark,
      byDay: `crowd-${facePx}`,
      isQuick: dark.light === 0.15 && facePx === 24,
    })),
  ),
  ...[0.5, 0.3, 0.15].flatMap((haze) =>
    BESIDE.map((facePx) => ({
      ...plain,
      name: `haze-${haze}-${facePx}`,
      facePx,
      haze,
      byDay: `crowd-${facePx}`,
      isQuick: haze === 0.3 && facePx === 24,
    })),
  ),
  ...[12, 24, 60].map((facePx) => ({
    ...plain,
    name: `astronaut-${facePx}`,
    facePx,
    photographs: ["astronaut"] as const,
    isQuick: facePx === 24,
  })),
  {
    ...plain,
    name: "no-faces",
    facePx: null,
    photographs: ["rocket", "coffee", "motorcycle", "cat"],
    isQuick: true,
  },
];

/** Whether the photographs of a recipe are installed on this machine. */
export function canMake({ photographs }: Recipe): boolean {
  return photographs.every((name) => existsSync(PHOTOGRAPHS[name]));
}
