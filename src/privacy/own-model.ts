// An operator's own model as a detector: of faces, in place of the built-in one, or of persons, whose heads are painted too.
import { type Detector, type Face, reductionOf, type Look, type Picture } from "./detector.ts";
import { type OnnxSession, openSession, type OutputTensor } from "./onnx-session.ts";
import { type FaceCard, parseFaceCard, parsePersonCard, type PersonCard } from "./own-model-card.ts";
import { type Answer, faceOutputs, facesIn } from "./own-model-faces.ts";
import type { ModelFiles } from "./own-model-files.ts";
import { inputsOf } from "./own-model-input.ts";
import { withoutDoubles } from "./own-model-outputs.ts";
import { tuningOf } from "./own-model-tuning.ts";
import { headOf, personOutputs, personsIn } from "./person-boxes.ts";

/** `cardSha256`: of the file beside it, for the receipt. */
export type OwnDetector = Detector & { readonly cardSha256: string };

export type OwnRole = "faces" | "persons";

type Opening = { readonly files: ModelFiles; readonly sha256: string; readonly threads: number };

/** What one kind of model needs beside the card. */
type Reading = {
  readonly card: FaceCard | PersonCard;
  readonly wanted: { readonly names: readonly string[] | null; readonly count: number };
  readonly decode: (answer: Answer) => Face[];
};

/**
 * Opens a model whose digest was checked. A finder of persons gives the region of each one's head. Throws when the card is none,
 * is of another model, or does not fit what the model takes and gives.
 */
export async function openOwnModel(role: OwnRole, { files, sha256, threads }: Opening): Promise<OwnDetector> {
  const { card, wanted, decode } = readingOf(role, files.card);
  if (card.sha256 !== undefined && card.sha256 !== sha256.toLowerCase())
    throw new TypeError("the model's card belongs to another model: its sha256 differs");
  await using opened = new AsyncDisposableStack();
  const session = opened.use(await openSession({ model: files.model, threads }));
  const input = inputNameOf(card, session);
  const names = outputNamesOf(card, wanted, session);
  const owned = opened.move();
  return {
    modelSha256: sha256.toLowerCase(),
    cardSha256: files.cardSha256,
    tuning: tuningOf(card),
    async detect(picture, look) {
      const finds: Face[] = [];
      for (const longSide of sidesOf(picture, card, look)) {
        for await (const fed of inputsOf(picture, card, { longSide, spread: look.stretch })) {
          const answers = await session.run({ name: input, ...fed }, names);
          const outputs = names.map((name) => outputNamed(answers, name));
          const { width, height, scaleX, scaleY } = fed;
          const found = decode({ outputs, width, height, threshold: look.threshold });
          finds.push(...found.map((find) => scaled(find, { x: scaleX, y: scaleY })));
        }
      }
      const kept = withoutDoubles(finds, card.overlap);
      return role === "persons" ? kept.map((person) => headOf(person)) : kept;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function readingOf(role: OwnRole, bytes: Buffer): Reading {
  try {
    if (role === "faces") {
      const card = parseFaceCard(bytes);
      return { card, wanted: faceOutputs(card), decode: (answer) => facesIn(card, answer) };
    }
    const card = parsePersonCard(bytes);
    return { card, wanted: personOutputs(card), decode: (answer) => personsIn(card, answer) };
  } catch (cause) {
    throw new TypeError(`the model's card is none: ${cause instanceof Error ? cause.message : "it is not read"}`, {
      cause,
    });
  }
}

/** Each side once: a small picture is searched at its own size in place of all above it. A model of one size looks once. */
function sidesOf(picture: Picture, card: FaceCard | PersonCard, { longSides }: Look): ReadonlySet<number> {
  if (card.size !== undefined) return new Set(longSides.slice(0, 1));
  const longest = Math.max(picture.width, picture.height);
  return new Set(longSides.map((side) => (reductionOf(picture, side) === 1 ? longest : side)));
}

/** Throws when the model has not one input that takes what the card says. */
function inputNameOf(card: FaceCard | PersonCard, { inputs }: OnnxSession): string {
  const input = inputs.find(({ name }) => card.input === undefined || name === card.input);
  if (input === undefined || inputs.length !== 1)
    throw new TypeError(`the model has the inputs ${inputs.map(({ name }) => name).join(", ")}`);
  const [height, width] = input.shape.slice(-2);
  const { size } = card;
  if (typeof height !== "number" || typeof width !== "number" || height < 1 || width < 1) return input.name;
  if (size?.width !== width || size.height !== height)
    throw new TypeError(`the model takes ${width} x ${height} pixels and nothing else: write that as size`);
  return input.name;
}

/** The names in the order that is decoded. Throws when the model lacks one. */
function outputNamesOf(
  card: FaceCard | PersonCard,
  { names, count }: Reading["wanted"],
  { outputs }: OnnxSession,
): readonly string[] {
  const wanted = card.outputs ?? names ?? outputs.slice(0, count);
  const missing = wanted.filter((name) => !outputs.includes(name));
  // Of boxes a third output may name the classes; all else has so many and no more.
  const isEnough = wanted.length === count || (card.kind === "boxes" && wanted.length === count + 1);
  if (missing.length === 0 && isEnough) return wanted;
  throw new TypeError(`of the outputs ${wanted.join(", ")} the model has ${outputs.join(", ")}`);
}

function outputNamed(answers: ReadonlyMap<string, OutputTensor>, name: string): OutputTensor {
  const output = answers.get(name);
  if (output === undefined) throw new RangeError(`the model gives no output ${name}`);
  return output;
}

function scaled({ x, y, width, height, score }: Face, by: { readonly x: number; readonly y: number }): Face {
  return { x: x * by.x, y: y * by.y, width: width * by.x, height: height * by.y, score };
}
