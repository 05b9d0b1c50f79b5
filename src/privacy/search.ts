// The first look of one redaction: for faces with the model that the policy names, and for heads where it asks for persons.
import type { Detector, Face, Level, Picture } from "./detector.ts";
import { lookFirst } from "./first-look.ts";
import { lookOf, turnedLookOf } from "./redact-levels.ts";
import type { RedactRequest, Searched } from "./redactor-protocol.ts";
import type { Sight } from "./sight.ts";
import { lookTurned } from "./turned-look.ts";

/** `card`: digest of what stands beside an operator's model. `persons`: finds heads; there if the policy asks for persons. */
export type SearchTools = { readonly detector: Detector; readonly card?: string; readonly persons?: Detector };

/** `heads`: where persons' heads may be, face or not; to be painted as they are. `searched`: how, for the receipt. */
export type Found = {
  readonly faces: readonly Face[];
  readonly heads: readonly Face[];
  readonly searched: Searched;
};

/** Throws when these are not the tools that the policy asks for: none is followed with another model, or with less (fails closed). */
export function checkTools(
  { model, persons, personModel }: Pick<RedactRequest, "model" | "persons" | "personModel">,
  tools: SearchTools,
): void {
  const isModel = model === undefined || isOf(tools.detector, model);
  const isPersons = persons !== true || (personModel !== undefined && isOf(tools.persons, personModel));
  if (!isModel || !isPersons) throw new Error("the policy asks for a model that is not loaded");
}

/** Throws what a detector throws, and for a box that is none. */
export async function searchPicture(
  picture: Picture,
  by: { readonly tools: SearchTools; readonly level: Level; readonly sight: Sight },
): Promise<Found> {
  const { detector, card = null, persons } = by.tools;
  const { spread } = by.sight;
  const look = lookOf(by.level, { ...by.sight, tuning: detector.tuning });
  const upright = checked(await lookFirst(detector, picture, { look, spread }));
  const { kind, grow } = detector.tuning;
  const turned = turnedLookOf(by.level, detector.tuning);
  const onTheirSides = turned === null ? [] : checked(await lookTurned(detector, picture, { look: turned, upright }));
  const faces = [...upright, ...onTheirSides];
  const { longSides, threshold } = look;
  const searched = {
    kind,
    grow,
    longSides: [...longSides],
    threshold,
    spread: spread?.of ?? null,
    turned: turned && { longSide: Math.max(...turned.longSides), threshold: turned.threshold },
    card,
    persons: null,
  };
  if (persons === undefined) return { faces, heads: [], searched };
  const personLook = lookOf(by.level, { ...by.sight, tuning: persons.tuning });
  const heads = checked(await lookFirst(persons, picture, { look: personLook, spread }));
  const asked = { kind: persons.tuning.kind, sha256: persons.modelSha256, threshold: personLook.threshold };
  return { faces, heads, searched: { ...searched, persons: asked } };
}

/** A detector's answer is believed only if every number in it is one. */
export function checked(faces: readonly Face[]): readonly Face[] {
  for (const { x, y, width, height, score } of faces) {
    if (![x, y, width, height, score].every((value) => Number.isFinite(value)) || width <= 0 || height <= 0) {
      throw new RangeError("the detector gives a box that is none");
    }
  }
  return faces;
}

function isOf(detector: Detector | undefined, { sha256 }: { readonly sha256: string }): boolean {
  return detector?.modelSha256 === sha256.toLowerCase();
}
