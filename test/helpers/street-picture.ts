// A drawn street at dusk with two faces already painted over: for tests of the page, where no real face belongs.
import sharp from "sharp";

/** A JPEG of 1280x720. */
export async function streetPicture(): Promise<Buffer> {
  const tile = (x: number, y: number, n: number) =>
    `<rect x="${x}" y="${y}" width="14" height="14" fill="hsl(24 ${20 + ((n * 37) % 30)}% ${38 + ((n * 53) % 30)}%)"/>`;
  const mosaic = (x: number, y: number) =>
    Array.from({ length: 30 }, (_, n) => tile(x + (n % 5) * 14, y + Math.floor(n / 5) * 14, n)).join("");
  const house = (x: number, width: number, height: number, colour: string) =>
    `<rect x="${x}" y="${460 - height}" width="${width}" height="${height}" fill="${colour}"/>${[0, 1, 2]
      .map(
        (n) =>
          `<rect x="${x + 26 + n * (width / 3.3)}" y="${490 - height}" width="38" height="54" fill="${n === 1 ? "#f3c56b" : "#27303f"}"/>`,
      )
      .join("")}`;
  const person = (x: number, coat: string) =>
    `<rect x="${x - 34}" y="400" width="100" height="190" rx="36" fill="${coat}"/><rect x="${x - 14}" y="570" width="24" height="90" fill="#1d2230"/><rect x="${x + 22}" y="570" width="24" height="90" fill="#1d2230"/>${mosaic(x - 18, 312)}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="720">
<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#2d3a55"/><stop offset="1" stop-color="#c98f6b"/></linearGradient></defs>
<rect width="1280" height="470" fill="url(#sky)"/><rect y="460" width="1280" height="260" fill="#4a4c4d"/><rect y="460" width="1280" height="46" fill="#77736b"/>
${house(40, 250, 280, "#7a4f42")}${house(300, 230, 340, "#8d7b63")}${house(820, 260, 300, "#6b5a66")}${house(1090, 240, 250, "#586a5c")}
<rect x="640" y="180" width="10" height="300" fill="#20242c"/><circle cx="645" cy="172" r="20" fill="#ffe9b0"/>
${person(440, "#35506b")}${person(730, "#6b3542")}</svg>`;
  return await sharp(Buffer.from(svg)).blur(1.2).jpeg({ quality: 82 }).toBuffer();
}
