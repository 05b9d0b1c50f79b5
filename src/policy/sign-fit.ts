// How large the sign's type may be so that all of it stays on one A4 page. Reckoned here and not by a script in the browser: the
// sign is printed from a file too, where none runs. Widths are those of DejaVu Sans, the widest of the fonts that assets/sign.css
// names, so that another font leaves white space and never a second page; test/journeys/sign.test.ts measures it in a browser.

import { PAPER_LIMITS } from "./paper-limits.ts";

/** What is stacked in which box of the layout; texts as they will stand there. */
export type Lines = {
  /** A smaller headline leaves more room for the rest. */
  readonly isCompact: boolean;
  readonly title: string;
  readonly pictograms: number;
  readonly head: readonly string[];
  readonly wide: readonly Stack[];
  readonly narrow: readonly Stack[];
  /** Beside the QR code; empty where there is none. */
  readonly link: readonly string[];
};
export type Stack = { readonly heading: string; readonly lines: readonly Line[] };
/** `name`: bold, before the text. */
type Line = { readonly text: string; readonly name?: string };

/** Millimetres on A4, and type in points; assets/sign.css says the same. Sizes end where arm's length does. */
const SHEET = {
  innerWidth: 190,
  innerHeight: 277,
  pictogramGap: 7,
  gap: 5,
  wide: 98,
  narrow: 84,
  partGap: 4,
  lineGap: 1,
  bulletEm: 1.3,
  headingEm: 1.15,
  qr: 40,
  linkPt: 12.5,
  linkPadding: 8,
  foot: 5,
  lineHeight: 1.32,
} as const;
/** The headline's capitals are 10 mm high, to be read at two metres; compact 7.4 mm. */
const HEADS = {
  large: { titlePt: 38, pt: 14.5, pictogram: 22, padding: 14 },
  compact: { titlePt: 28, pt: 11.5, pictogram: 16, padding: 10 },
} as const;
const SIZES_PT = [15, 14, 13.5, 13, 12.5, 12, 11.5, 11, 10.5, 10, 9.2] as const;
const MM_OF_PT = 25.4 / 72;
/** Of bold type against regular. */
const BOLD = 1.12;

/** `leastPt`: in no smaller type than this. */
export type Group<Content> = { readonly contents: readonly Content[]; readonly leastPt: number };

/** Of the first group in which one fits: the one whose type may be largest, of equals the shorter. Else `otherwise` in the smallest. */
export function fitted<Content>(
  groups: readonly Group<Content>[],
  { linesOf, otherwise }: { readonly linesOf: (content: Content) => Lines; readonly otherwise: Content },
): Content & { readonly size: number } {
  for (const { contents, leastPt } of groups) {
    const sized = contents.flatMap((content) => {
      const lines = linesOf(content);
      const sizes = SIZES_PT.filter((pt) => pt >= leastPt);
      if (heightOf(lines, sizes.at(-1) ?? leastPt) > SHEET.innerHeight) return [];
      const heights = sizes.map((pt) => heightOf(lines, pt));
      const size = heights.findIndex((height) => height <= SHEET.innerHeight);
      return [{ content, size, height: heights[size] ?? 0 }];
    });
    const [best] = sized.toSorted((one, other) => one.size - other.size || one.height - other.height);
    if (best !== undefined) return { ...best.content, size: best.size };
  }
  return { ...otherwise, size: SIZES_PT.length - 1 };
}

function heightOf({ isCompact, title, pictograms, head, wide, narrow, link }: Lines, pt: number): number {
  const sizes = isCompact ? HEADS.compact : HEADS.large;
  const width = SHEET.innerWidth - sizes.padding - sizes.pictogram - SHEET.pictogramGap;
  const words =
    block(title, { pt: sizes.titlePt, width, weight: BOLD, lineHeight: 1.12 }) +
    head.reduce((sum, text) => sum + 1 + block(text, { pt: sizes.pt, width, weight: 1 }), 0);
  const headHeight = Math.max(words, pictograms * (sizes.pictogram + 2)) + sizes.padding;
  const columns = Math.max(column(wide, { pt, width: SHEET.wide }), column(narrow, { pt, width: SHEET.narrow }));
  return headHeight + SHEET.gap + columns + SHEET.gap + linkHeight(link) + SHEET.foot;
}

function linkHeight(link: readonly string[]): number {
  if (link.length === 0) return 0;
  const width = SHEET.innerWidth - SHEET.qr - SHEET.linkPadding - SHEET.pictogramGap;
  const words = link.reduce((sum, text) => sum + 1 + block(text, { pt: SHEET.linkPt, width, weight: BOLD }), 0);
  return Math.max(SHEET.qr, words) + SHEET.linkPadding + SHEET.gap;
}

function column(parts: readonly Stack[], { pt, width }: { pt: number; width: number }): number {
  const em = pt * MM_OF_PT;
  return parts.reduce((sum, { heading, lines }, index) => {
    const title = block(heading, { pt: pt * SHEET.headingEm, width, weight: BOLD });
    const room = width - SHEET.bulletEm * em;
    const rest = lines.map(
      ({ text, name }) =>
        SHEET.lineGap + block(text, { pt, width: room, weight: 1, ...(name !== undefined && { name }) }),
    );
    return sum + (index === 0 ? 0 : SHEET.partGap) + title + rest.reduce((all, each) => all + each, 0);
  }, 0);
}

type Type = {
  readonly pt: number;
  readonly width: number;
  readonly weight: number;
  readonly lineHeight?: number;
  /** Bold, before the text. */
  readonly name?: string;
};

/** Millimetres that a text takes in height, broken at spaces, and inside a word that is wider than the line. */
function block(text: string, { pt, width, weight, lineHeight = SHEET.lineHeight, name }: Type): number {
  const room = width / (pt * MM_OF_PT);
  const words = [...(name === undefined ? [] : widthsOf(`${name}:`, BOLD)), ...widthsOf(text, weight)];
  let lines = 1;
  let used = 0;
  for (const wide of words) {
    if (used > 0 && used + SPACE_EM + wide > room) {
      lines += 1;
      used = 0;
    }
    if (wide > room) lines += Math.ceil(wide / room) - 1;
    used = wide > room ? wide % room : used + (used > 0 ? SPACE_EM : 0) + wide;
  }
  return lines * pt * MM_OF_PT * lineHeight;
}

const SPACE_EM = 0.32;
/** Widths in em, the first that matches: what takes no room, scripts of whole squares, wide letters, narrow ones, capitals. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[\p{Mn}\p{Me}\p{Cf}]/u, 0],
  [/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}]/u, 1.05],
  [/[mWшщюжфыЩШЮЖФМ@%—…æœ]/u, 0.98],
  [/[wMм<>=+~&]/u, 0.86],
  [/[iljIії.,:;'’|!·]/u, 0.33],
  [/[ftr()[\]/«»-]/u, 0.42],
  [/[cksvxyzуcхзсг]/u, 0.57],
  [/\p{Lu}/u, 0.74],
  [/[اأإآلٱ،]/u, 0.33],
  [/[سشصضطظ]/u, 0.9],
  [/\p{Script=Arabic}/u, 0.55],
];
/** Of the other letters and digits. */
const USUAL_EM = 0.63;

/** Widths of a text's words in em, by text: the same few are asked for in each size and layout. */
const REMEMBERED = new Map<string, readonly number[]>();

function widthsOf(text: string, weight: number): readonly number[] {
  const known = REMEMBERED.get(text) ?? text.split(/\s+/).map(widthOf);
  if (REMEMBERED.size >= PAPER_LIMITS.measuredTexts) REMEMBERED.clear();
  REMEMBERED.set(text, known);
  return weight === 1 ? known : known.map((width) => width * weight);
}

function widthOf(word: string): number {
  return Array.from(word).reduce(
    (sum, letter) => sum + (WIDTHS.find(([kind]) => kind.test(letter))?.[1] ?? USUAL_EM),
    0,
  );
}
