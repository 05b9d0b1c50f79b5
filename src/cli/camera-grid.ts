// The mask editor's picture: a redacted picture under a grid in tenths, with the masks that there are. An SVG, which every
// browser shows and no program of ours has to draw.
import type { CameraPolicyEntry } from "../settings/schema.ts";

type Shown = {
  readonly jpeg: Buffer;
  readonly width: number;
  readonly height: number;
  readonly masks: CameraPolicyEntry["masks"];
};

const TENTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Complete in itself: nothing in it is fetched from elsewhere, and it holds no script. */
export function maskEditor({ jpeg, width, height, masks }: Shown): string {
  // A letter's height; two decimals of a corner can be read off between lines that are ten of them apart.
  const letter = Math.max(10, Math.round(Math.min(width, height) / 30));
  const thin = Math.max(1, Math.round(letter / 14));
  const label = `font-family="sans-serif" font-size="${letter}" fill="#fff" stroke="#000" stroke-width="${letter / 5}" paint-order="stroke"`;
  const grid = TENTHS.flatMap((tenth) => {
    const [x, y] = [(width * tenth) / 10, (height * tenth) / 10];
    return [
      `<path d="M${x} 0V${height}M0 ${y}H${width}" stroke="#000" stroke-width="${thin * 3}" opacity="0.35"/>`,
      `<path d="M${x} 0V${height}M0 ${y}H${width}" stroke="#fff" stroke-width="${thin}" opacity="0.8"/>`,
    ];
  });
  const names = TENTHS.flatMap((tenth) => {
    const [x, y] = [(width * tenth) / 10, (height * tenth) / 10];
    return [
      `<text x="${x}" y="${letter * 1.1}" text-anchor="middle" ${label}>0.${tenth}</text>`,
      `<text x="${letter / 4}" y="${y + letter / 3}" ${label}>0.${tenth}</text>`,
    ];
  });
  const shapes = masks.map(({ name, polygon }) => {
    const corners = polygon.map(([x, y]) => [x * width, y * height] as const);
    const points = corners.map((corner) => corner.join(",")).join(" ");
    const middle = [0, 1].map((axis) => corners.reduce((sum, corner) => sum + (corner[axis] ?? 0), 0) / corners.length);
    return [
      `<polygon points="${points}" fill="#000" fill-opacity="0.25" stroke="#ffd500" stroke-width="${thin * 3}"/>`,
      `<text x="${middle[0]}" y="${middle[1]}" text-anchor="middle" ${label}>${escaped(name)}</text>`,
    ].join("\n");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>Masks: fractions of the picture, x from the left, y from the top</title>`,
    `<image href="data:image/jpeg;base64,${jpeg.toString("base64")}" width="${width}" height="${height}"/>`,
    ...grid,
    ...shapes,
    ...names,
    "</svg>",
    "",
  ].join("\n");
}

/** A mask's name is a person's; control characters are no XML. */
function escaped(text: string): string {
  return text.replaceAll(/\p{C}/gu, "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
