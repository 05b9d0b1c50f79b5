// Reads where the true faces of pictures are: JSON lines of our own, or the text format of WIDER FACE, told apart by content.
import { z } from "zod";
import { messageOf } from "../../src/core/errors.ts";
import type { TrueFace } from "./redaction-measures.ts";

/** `file`: relative to the folder of pictures. */
export type TruePicture = { readonly file: string; readonly faces: readonly TrueFace[] };
/** `mistakes`: what could not be read, with its line; the rest is used. */
export type Truth = { readonly pictures: readonly TruePicture[]; readonly mistakes: readonly string[] };

/** Mistakes named one by one; a file of another kind has as many as lines. */
const MISTAKES_NAMED = 20;

/** Never throws: what is no truth is named in `mistakes`. */
export function readTruth(text: string): Truth {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const isJson =
    lines
      .find((line) => line.trim() !== "")
      ?.trimStart()
      .startsWith("{") === true;
  const { pictures, mistakes } = isJson ? readJsonLines(lines) : readWider(lines);
  const byFile = new Map<string, TruePicture>();
  for (const picture of pictures) {
    if (byFile.has(picture.file)) mistakes.push(`${picture.file} stands there twice: the first counts`);
    else byFile.set(picture.file, picture);
  }
  const more = mistakes.length - MISTAKES_NAMED;
  const named = more > 0 ? [...mistakes.slice(0, MISTAKES_NAMED), `and ${more} more mistakes`] : mistakes;
  return { pictures: [...byFile.values()], mistakes: named };
}

type Read = { readonly pictures: TruePicture[]; readonly mistakes: string[] };

const finite = z.number();
const Corners = z.tuple([finite, finite, finite.positive(), finite.positive()]);
const tag = z.string().min(1).max(60).optional();
const FaceLine = z.union([
  Corners,
  z.looseObject({ box: Corners, light: tag, pose: tag, ignore: z.boolean().optional() }),
]);
const PictureLine = z.looseObject({ file: z.string().min(1), faces: z.array(FaceLine), light: tag, pose: tag });

function readJsonLines(lines: readonly string[]): Read {
  const read: Read = { pictures: [], mistakes: [] };
  lines.forEach((line, i) => {
    if (line.trim() === "") return;
    try {
      const { file, faces, light, pose } = PictureLine.parse(JSON.parse(line));
      const picture = { light, pose };
      read.pictures.push({ file, faces: faces.map((face) => faceOf(face, picture)) });
    } catch (cause) {
      const why = cause instanceof z.ZodError ? issueOf(cause) : messageOf(cause);
      read.mistakes.push(`line ${i + 1}: ${why}`);
    }
  });
  return read;
}

type Tags = { readonly light?: string | undefined; readonly pose?: string | undefined };

function faceOf(face: z.infer<typeof FaceLine>, picture: Tags): TrueFace {
  const { box, light, pose, ignore } = Array.isArray(face) ? { box: face, ...noTags } : face;
  const [x, y, width, height] = box;
  const tags = tagsOf({ light: light ?? picture.light, pose: pose ?? picture.pose });
  return { x, y, width, height, tags, isIgnored: ignore === true };
}
const noTags = { light: undefined, pose: undefined, ignore: undefined } as const;

function tagsOf(all: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) if (value !== undefined) tags[name] = value;
  return tags;
}

function issueOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? "not a line of truth" : `${issue.path.join(".") || "it"}: ${issue.message}`;
}

/** x y w h blur expression illumination invalid occlusion pose (readme of WIDER FACE's wider_face_split). */
const WIDER = {
  blur: ["clear", "blurred", "heavily blurred"],
  light: ["normal", "extreme"],
  occlusion: ["none", "partly covered", "mostly covered"],
  pose: ["typical", "atypical"],
} as const;
const FACE_NUMBERS = 10;
const PICTURE_NAME = /\.(jpe?g|png|webp)$/i;

/** A line with the file, one with the number of faces, then a line for each; with no face a line of zeros may follow. */
function readWider(lines: readonly string[]): Read {
  const read: Read = { pictures: [], mistakes: [] };
  let at = 0;
  while (at < lines.length) {
    const file = (lines[at] ?? "").trim();
    at += 1;
    if (file === "") continue;
    if (!PICTURE_NAME.test(file)) {
      read.mistakes.push(`line ${at}: neither JSON nor the name of a JPEG, PNG or WebP picture`);
      continue;
    }
    const count = Number((lines[at] ?? "").trim() || Number.NaN);
    if (!Number.isInteger(count) || count < 0) {
      read.mistakes.push(`line ${at + 1}: the number of faces of ${file} should stand here`);
      continue;
    }
    at += 1;
    const faces: TrueFace[] = [];
    let isWhole = true;
    for (let i = 0; i < count; i += 1) {
      const face = widerFace(lines[at] ?? "");
      if (face === null) {
        read.mistakes.push(`line ${at + 1}: not a face of ${file}, which is left out`);
        isWhole = false;
        break;
      }
      faces.push(face);
      at += 1;
    }
    if (count === 0 && widerFace(lines[at] ?? "") !== null) at += 1;
    if (isWhole) read.pictures.push({ file, faces });
  }
  return read;
}

function widerFace(line: string): TrueFace | null {
  const numbers = line.trim().split(/\s+/).map(Number);
  if (numbers.length !== FACE_NUMBERS || !numbers.every((value) => Number.isFinite(value))) return null;
  const [x = 0, y = 0, width = 0, height = 0, blur = 0, , light = 0, invalid = 0, occlusion = 0, pose = 0] = numbers;
  const tags = tagsOf({
    light: WIDER.light[light],
    pose: WIDER.pose[pose],
    occlusion: WIDER.occlusion[occlusion],
    blur: WIDER.blur[blur],
  });
  return { x, y, width, height, tags, isIgnored: invalid === 1 || width <= 0 || height <= 0 };
}
