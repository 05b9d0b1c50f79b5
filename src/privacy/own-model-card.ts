// What an operator writes beside a model of their own (`faces.onnx.json`): what kind it is, how a picture is fed to it, and from
// which score its finds count. The numbers belong to the weights; the one who chose the file knows them.
import { z } from "zod";

const name = z.string().min(1).max(100);
const share = z.number().min(0).max(1);
const side = z.int().min(64).max(2048);
/** One number for all three channels, or one for each in the model's own order. */
const perChannel = <T extends z.ZodType>(of: T) => z.union([of, z.tuple([of, of, of])]);

const common = {
  title: name.optional().describe("what people call it, such as YuNet 2023mar"),
  licence: name.optional().describe("under which the weights may be used here"),
  sha256: z.hex().length(64).toLowerCase().optional().describe("of the ONNX file that this belongs to"),
  longSides: z
    .array(side)
    .min(1)
    .max(4)
    .optional()
    .describe("long sides in pixels at which a picture is searched; for a model that takes any size"),
  size: z
    .strictObject({ width: side, height: side })
    .optional()
    .describe("the one size that the model takes; a picture is reduced to fit within it"),
  stride: z.int().min(1).max(128).default(32).describe("sides of the input are multiples of this"),
  layout: z.literal("nchw").default("nchw"),
  channelOrder: z.enum(["rgb", "bgr"]),
  mean: perChannel(z.number()).default(0).describe("taken from each value of 0 to 255"),
  std: perChannel(z.number().positive()).default(1).describe("by which the rest is divided"),
  padding: z.int().min(0).max(255).default(0).describe("shade of what is added at the right and below"),
  stretch: z.boolean().default(false).describe("whether dark pictures are brightened for it"),
  threshold: share.gt(0).describe("score from which a find counts"),
  certain: share.gt(0).describe("score from which a find in the finished picture counts, at least the threshold"),
  overlap: share
    .default(0.45)
    .describe("finds that overlap more than this (area of overlap over area of union) are one"),
  input: name.optional(),
  outputs: z
    .array(name)
    .min(1)
    .max(16)
    .optional()
    .describe("names in the order of the kind, where they are not the usual ones"),
};

const grow = z
  .strictObject({ share: z.number().min(0).max(1), px: z.number().min(0).max(64) })
  .default({ share: 0.25, px: 3 })
  .describe("how much larger than found a face is painted: a share of it, and pixels at a long side of 1280");
const strides = z.array(z.int().min(1).max(256)).min(1).max(6).default([8, 16, 32]);
const classIndex = z.int().min(0).max(10_000).describe("which class is a person");

const FaceCard = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("yunet"), strides, grow, ...common }),
  z.strictObject({ kind: z.literal("scrfd"), strides, anchors: z.int().min(1).max(4).default(2), grow, ...common }),
  z.strictObject({ kind: z.literal("ultraface"), grow, ...common }),
  z.strictObject({ kind: z.literal("centerface"), grow, ...common }),
]);
const PersonCard = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("boxes"),
    classIndex: classIndex.default(1),
    units: z.enum(["pixels", "fractions"]).describe("of the input, in which the boxes are given"),
    ...common,
  }),
  z.strictObject({ kind: z.literal("yolox"), classIndex: classIndex.default(0), strides, ...common }),
]);

export type FaceCard = z.infer<typeof FaceCard>;
export type PersonCard = z.infer<typeof PersonCard>;

/** A face model's card from the bytes of its file. Throws with what is wrong with it, in words for a person. */
export function parseFaceCard(bytes: Buffer): FaceCard {
  return sensible(parsed(FaceCard, bytes));
}

/** A person model's card from the bytes of its file. Throws with what is wrong with it, in words for a person. */
export function parsePersonCard(bytes: Buffer): PersonCard {
  return sensible(parsed(PersonCard, bytes));
}

function parsed<Card>(schema: z.ZodType<Card>, bytes: Buffer): Card {
  let raw: unknown;
  try {
    raw = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new TypeError("it is not JSON");
  }
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new TypeError(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it is not understood"}`);
}

function sensible<Card extends FaceCard | PersonCard>(card: Card): Card {
  if ((card.longSides === undefined) === (card.size === undefined))
    throw new TypeError("write longSides for a model that takes any size, or size for one that takes only that");
  if (card.certain < card.threshold) throw new TypeError("certain must not be less than threshold");
  const { size, stride } = card;
  if (size !== undefined && (size.width % stride !== 0 || size.height % stride !== 0))
    throw new TypeError(`the sides of size must be multiples of the stride ${stride}`);
  return card;
}
