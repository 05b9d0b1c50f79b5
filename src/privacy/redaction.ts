// One picture through the redactor child: decode, judge, mask, detect, paint, encode, look again. Fails closed: each way
// out is an image in which every found face was destroyed, or a reason why none leaves (I2, promise 3).
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import { type Canary, seesCanary, seesPlainCanary } from "./canary.ts";
import { type Detector, type Face, type Picture, reductionOf } from "./detector.ts";
import { lookFirst } from "./first-look.ts";
import { uncoveredFaces } from "./look-again.ts";
import { burnMasks, destroy, destroyAll, fill, growBox, type Region, soften } from "./paint.ts";
import { decodePicture, encodeJpeg, PictureRefused } from "./picture.ts";
import { DETECTION_SIDE, lookOf, paintOf } from "./redact-levels.ts";
import type { CheckRequest, ImageAnswer, Redaction, RedactRequest, SelfCheck } from "./redactor-protocol.ts";
import { judgeSight, type Sight } from "./sight.ts";
import { Stages } from "./stages.ts";

export type RedactionTools = { readonly detector: Detector; readonly canary: Canary; readonly clock: Clock };
type Painted = Region & { readonly score: number };
type Withheld = Extract<Redaction, { kind: "withheld" }>;

const UNSEEN = "a face put into this scene cannot be seen";

/** How often what the second look finds is painted before the picture is in doubt as a whole. */
const ROUNDS = 2;

/** Redacts one encoded picture and zeroes it, and all pixels made of it, before returning. Throws what the detector throws. */
export function redactPicture(encoded: Buffer, ask: RedactRequest, tools: RedactionTools): Promise<Redaction> {
  return withPicture(encoded, { ask, tools }, (work) => work.redact());
}

/**
 * Whether the canary, put into a copy of this picture, is found: judged, masked and looked at as for a redaction, but nothing
 * is made of it. Zeroes it, and all pixels made of it, before returning. Throws what the detector throws.
 */
export function checkPicture(encoded: Buffer, ask: CheckRequest, tools: RedactionTools): Promise<SelfCheck> {
  const withholding = { ...ask, kind: "redact", whenUnsure: "withhold", checkCanary: true } as const;
  return withPicture(encoded, { ask: withholding, tools }, (work) => work.check());
}

async function withPicture<Made>(
  encoded: Buffer,
  { ask, tools }: { ask: RedactRequest; tools: RedactionTools },
  make: (work: PictureRedaction) => Promise<Made>,
): Promise<Made | Withheld> {
  const stages = new Stages(tools.clock);
  // Until own models are looked with, a policy that asks for one is not followed with another (fails closed).
  if (ask.persons === true || ask.model !== undefined) throw new Error("own models are not there yet");
  let picture: Picture;
  try {
    picture = await decodePicture(encoded);
  } catch (cause) {
    if (!(cause instanceof PictureRefused)) throw cause;
    return {
      kind: "withheld",
      why: "picture-refused",
      detail: cause.message.slice(0, 160),
      canary: null,
      ms: stages.ms(),
    };
  } finally {
    encoded.fill(0);
  }
  stages.lap("decode");
  try {
    return await make(new PictureRedaction(picture, { ask, tools, stages }));
  } finally {
    picture.rgb.fill(0);
  }
}

class PictureRedaction {
  readonly #picture: Picture;
  readonly #ask: RedactRequest;
  readonly #tools: RedactionTools;
  readonly #stages: Stages;
  #canarySeen: boolean | null = null;
  #searched: ImageAnswer["searched"] = null;

  constructor(picture: Picture, by: { ask: RedactRequest; tools: RedactionTools; stages: Stages }) {
    this.#picture = picture;
    this.#ask = by.ask;
    this.#tools = by.tools;
    this.#stages = by.stages;
  }

  async redact(): Promise<Redaction> {
    const sight = await this.#judge();
    if (sight.doubt !== null) return this.#unsure(sight.doubt);
    const faces = await this.#look(sight);
    // A canary of some minutes ago will do beside a face; silence needs evidence from this very picture.
    if (this.#ask.checkCanary || faces.length === 0) {
      const miss = await this.#missCanary(faces, sight);
      if (miss !== null) return miss.isBlind ? this.#blind() : this.#unsure(UNSEEN);
    }
    return this.#paintUntilClean(faces);
  }

  async check(): Promise<SelfCheck> {
    const sight = await this.#judge();
    if (sight.doubt !== null) return this.#withheld("unsure", sight.doubt);
    const miss = await this.#missCanary(await this.#look(sight), sight);
    if (miss !== null) return miss.isBlind ? this.#blind() : this.#withheld("unsure", UNSEEN);
    return { kind: "sees", canary: true, ms: this.#stages.ms() };
  }

  async #judge(): Promise<Sight> {
    const sight = await judgeSight(this.#picture);
    burnMasks(this.#picture, this.#ask.masks);
    this.#stages.lap("judge");
    return sight;
  }

  async #look(sight: Sight): Promise<readonly Face[]> {
    const { detector } = this.#tools;
    const { kind, grow } = detector.tuning;
    const look = lookOf(this.#ask.level, { ...sight, tuning: detector.tuning });
    this.#searched = {
      ...look,
      longSides: [...look.longSides],
      kind,
      grow,
      spread: sight.spread?.of ?? null,
      card: null,
      persons: null,
    };
    const found = checked(await lookFirst(detector, this.#picture, { look, spread: sight.spread }));
    const faces = found.filter((face) => this.#regionOf(face) !== null);
    this.#stages.lap("detect");
    return faces;
  }

  /** Null when the canary is seen; else whether it is not even seen on plain grey. */
  async #missCanary(faces: readonly Face[], sight: Sight): Promise<{ isBlind: boolean } | null> {
    this.#canarySeen = await seesCanary(this.#tools, { picture: this.#picture, faces, sight, level: this.#ask.level });
    const isBlind = !this.#canarySeen && !(await seesPlainCanary(this.#tools));
    this.#stages.lap("canary");
    return this.#canarySeen ? null : { isBlind };
  }

  async #paintUntilClean(faces: readonly Face[]): Promise<Redaction> {
    const painted: Painted[] = [];
    let missed = faces;
    for (let round = 0; round <= ROUNDS; round += 1) {
      painted.push(...this.#paint(missed));
      if (painted.length > LIMITS.regions) return this.#unsure("more faces than can be painted");
      this.#stages.lap("paint");
      const jpeg = await encodeJpeg(this.#picture);
      this.#stages.lap("encode");
      missed = checked(await uncoveredFaces(jpeg, { picture: this.#picture, painted, detector: this.#tools.detector }));
      this.#stages.lap("again");
      if (missed.length === 0) return this.#image(jpeg, painted.length > 0 ? "redacted" : "empty", painted);
    }
    return this.#unsure("faces are still found after painting");
  }

  #paint(faces: readonly Face[]): Painted[] {
    const regions = faces.flatMap((face) => {
      const region = this.#regionOf(face);
      return region === null ? [] : [{ ...region, score: face.score }];
    });
    if (paintOf(this.#ask.level) === "fill") fill(this.#picture, regions);
    else soften(this.#picture, destroy(this.#picture, regions));
    return regions;
  }

  /** What is painted of a face; null when it lies outside the picture. */
  #regionOf(face: Face): Region | null {
    const { share, px } = this.#tools.detector.tuning.grow;
    return growBox(face, { share, px: px * reductionOf(this.#picture, DETECTION_SIDE) }, this.#picture);
  }

  /** Could not tell: nothing leaves, or if the policy says so 16 x 12 cells. A dead or blind detector never gets here. */
  async #unsure(detail: string): Promise<Redaction> {
    if (this.#ask.whenUnsure === "withhold") return this.#withheld("unsure", detail);
    const region = destroyAll(this.#picture);
    this.#stages.lap("paint");
    const jpeg = await encodeJpeg(this.#picture);
    this.#stages.lap("encode");
    return this.#image(jpeg, "mosaic", [{ ...region, score: 1 }], detail);
  }

  #image(
    jpeg: Buffer,
    outcome: "redacted" | "empty" | "mosaic",
    painted: readonly Painted[],
    detail: string | null = null,
  ): Redaction {
    if (jpeg.length > LIMITS.frameBytes)
      return this.#withheld("picture-refused", "the redacted picture is too large to send");
    return {
      kind: "image",
      outcome,
      jpeg,
      width: this.#picture.width,
      height: this.#picture.height,
      boxes: painted.map(({ x, y, width, height, score }) => [x, y, width, height, Math.round(score * 1000) / 1000]),
      canary: this.#canarySeen,
      searched: this.#searched,
      detail,
      ms: this.#stages.ms(),
    };
  }

  #blind(): Withheld {
    return this.#withheld("canary-missed", "the detector does not find a known face");
  }

  #withheld(why: "unsure" | "canary-missed" | "picture-refused", detail: string): Withheld {
    return { kind: "withheld", why, detail, canary: this.#canarySeen, ms: this.#stages.ms() };
  }
}

/** A detector's answer is believed only if every number in it is one. */
function checked(faces: readonly Face[]): readonly Face[] {
  for (const { x, y, width, height, score } of faces) {
    if (![x, y, width, height, score].every((value) => Number.isFinite(value)) || width <= 0 || height <= 0) {
      throw new RangeError("the detector gives a box that is none");
    }
  }
  return faces;
}
