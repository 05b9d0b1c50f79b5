// What the demo's camera sees: photographs with real faces, pasted on a drawn street. It stands for the world outside the house;
// therefore it has its own door to sharp, and none of this runs in a gateway. No frame is written to disk.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import sharp from "sharp";

const WIDTH = 1280;
const HEIGHT = 720;

/** The sample photographs of the installed face library, and how wide each is pasted: faces become about 40 to 110 pixels high. */
const PEOPLE = [
  { file: "sample1.jpg", width: 900 },
  { file: "sample2.jpg", width: 820 },
  { file: "sample5.jpg", width: 800 },
  { file: "sample3.jpg", width: 760 },
  { file: "sample4.jpg", width: 700 },
  { file: "sample6.jpg", width: 760 },
] as const;

/** Gives the n-th frame as JPEG, 1280x720; each n puts other people at another place. */
export type StreetScene = (n: number) => Promise<Buffer>;

/** Reads the photographs once and draws the street. Throws when the face library is not installed. */
export async function openStreetScene(): Promise<StreetScene> {
  const directory = join(dirname(createRequire(import.meta.url).resolve("@vladmandic/face-api/package.json")), "demo");
  const people = await Promise.all(
    PEOPLE.map(async ({ file, width }) =>
      sharp(await readFile(join(directory, file)))
        .resize({ width })
        .jpeg({ quality: 92 })
        .toBuffer({ resolveWithObject: true }),
    ),
  );
  const street = await sharp(Buffer.from(STREET)).png().toBuffer();
  return async (n) => {
    const person = people[n % people.length];
    if (person === undefined) throw new RangeError("there are no photographs");
    const { data, info } = person;
    // Steps that share no factor with the free space walk over all of it before they repeat.
    const left = (n * 157 + 40) % (WIDTH - info.width);
    const top = (n * 53 + 90) % (HEIGHT - info.height);
    return sharp(street)
      .composite([{ input: data, left, top }])
      .jpeg({ quality: 88 })
      .toBuffer();
  };
}

const house = (x: number, width: number, wall: string) => `
  <rect x="${x}" y="150" width="${width}" height="330" fill="${wall}"/>
  <path d="M${x - 18} 150 L${x + width / 2} 60 L${x + width + 18} 150 Z" fill="#6d4433"/>
  ${[0.14, 0.56].map((at) => `<rect x="${x + width * at}" y="210" width="${width * 0.28}" height="80" fill="#31424f" stroke="#e8e2d2" stroke-width="6"/>`).join("")}
  <rect x="${x + width * 0.4}" y="360" width="${width * 0.22}" height="120" fill="#4a3326"/>`;

const STREET = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
  <defs><linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="#7d9fc0"/><stop offset="1" stop-color="#dfe6e4"/></linearGradient></defs>
  <rect width="${WIDTH}" height="480" fill="url(#sky)"/>
  ${house(40, 300, "#c9b79c")}${house(420, 260, "#a9b7a6")}${house(760, 330, "#c4a596")}
  <rect y="480" width="${WIDTH}" height="50" fill="#5c7a4d"/>
  <rect y="530" width="${WIDTH}" height="40" fill="#b0aca3"/>
  <rect y="570" width="${WIDTH}" height="150" fill="#4b4d50"/>
  ${Array.from({ length: 8 }, (_, i) => `<rect x="${i * 170 + 30}" y="640" width="90" height="10" fill="#d9d6c7"/>`).join("")}
  <rect x="1160" y="120" width="12" height="410" fill="#2f3335"/><rect x="1110" y="112" width="112" height="16" rx="8" fill="#2f3335"/>
</svg>`;
