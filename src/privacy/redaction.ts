// One picture through the redactor child: decode, judge, mask, detect, paint, encode, look again. Fails closed: each way
// out is an image in which every found face was destroyed, or a reason why none leaves (I2, promise 3).
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import { type Canary, seesCanary, seesPlainCanary } from "./canary.ts";
import { type Face, type Picture, reductionOf, type Tuning } from "./detector.ts";
import { uncoveredFaces } from "./look-again.ts";
import { burnMasks, destroy, destroyAll, fill, growBox, type Region, soften } from "./paint.ts";
import { decodePicture, encodeJpeg, PictureRefused } from "./picture.ts";
import { DETECTION_SIDE, paintOf } from "./redact-levels.ts";
import type { CheckRequest, ImageAnswer, Redaction, RedactRequest, SelfCheck } from "./redactor-protocol.ts";
import { checkTools, checked, type Found, type SearchTools, searchPicture } from "./search.ts";
import { judgeSight, type Sight } from "./sight.ts";
import { Stages } from "./stages.ts";

export type RedactionTools = SearchTools & { readonly canary: Canary; readonly clock: Clock };
type Painted = Region & { readonly score: number };
type Withheld = Extract<Redaction, { kind: "withheld" }>;

/** A head's region is generous already (person-boxes.ts). */
const NOT_GROWN = { share: 0, px: 0 } as const;
const BLIND = "the detector does not find a known face";
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

/** Whether the models that a policy asks for run, and that for faces finds the canary on plain grey. Throws what they throw. */
export async function checkModels(ask: CheckRequest, tools: RedactionTools): Promise<SelfCheck> {
  const stages = new Stages(tools.clock);
  checkTools(ask, tools);
  const canary = await seesPlainCanary(tools);
  if (tools.persons !== undefined) await seesPlainCanary({ ...tools, detector: tools.persons });
  stages.lap("canary");
  if (canary) return { kind: "sees", canary, ms: stages.ms() };
  return { kind: "withheld", why: "canary-missed", detail: BLIND, canary, ms: stages.ms() };
}

async function withPicture<Made>(
  encoded: Buffer,
  { ask, tools }: { ask: RedactRequest; tools: RedactionTools },
  make: (work: PictureRedaction) => Promise<Made>,
): Promise<Made | Withheld> {
  const stages = new Stages(tools.clock);
  checkTools(ask, tools);
  let picture: Picture;
  try {
    // Where memory is scarce (core/child-process.ts), the last picture's buffers go before this one's are made.
    globalThis.gc?.();
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
    const { faces, heads } = await this.#look(sight);
    // A canary of some minutes ago will do beside a face; silence needs evidence from this very picture.
    if (this.#ask.checkCanary || faces.length === 0) {
      const miss = await this.#missCanary(faces, sight);
      if (miss !== null) return miss.isBlind ? this.#blind() : this.#unsure(UNSEEN);
    }
    return this.#paintUntilClean([...this.#regionsOf(faces), ...this.#regionsOf(heads, NOT_GROWN)]);
  }

  async check(): Promise<SelfCheck> {
    const sight = await this.#judge();
    if (sight.doubt !== null) return this.#withheld("unsure", sight.doubt);
    const { faces } = await this.#look(sight);
    const miss = await this.#missCanary(faces, sight);
    if (miss !== null) return miss.isBlind ? this.#blind() : this.#withheld("unsure", UNSEEN);
    return { kind: "sees", canary: true, ms: this.#stages.ms() };
  }

  async #judge(): Promise<Sight> {
    const sight = await judgeSight(this.#picture);
    burnMasks(this.#picture, this.#ask.masks);
    this.#stages.lap("judge");
    return sight;
  }

  async #look(sight: Sight): Promise<Found> {
    const found = await searchPicture(this.#picture, { tools: this.#tools, level: this.#ask.level, sight });
    this.#searched = found.searched;
    this.#stages.lap("detect");
    // What lies wholly outside the picture is no evidence that anybody was seen in it.
    return { ...found, faces: found.faces.filter((face) => this.#regionOf(face) !== null) };
  }

  /** Null when the canary is seen; else whether it is not even seen on plain grey. */
  async #missCanary(faces: readonly Face[], sight: Sight): Promise<{ isBlind: boolean } | null> {
    this.#canarySeen = await seesCanary(this.#tools, { picture: this.#picture, faces, sight, level: this.#ask.level });
    const isBlind = !this.#canarySeen && !(await seesPlainCanary(this.#tools));
    this.#stages.lap("canary");
    return this.#canarySeen ? null : { isBlind };
  }

  async #paintUntilClean(first: readonly Painted[]): Promise<Redaction> {
    const painted: Painted[] = [];
    let regions = first;
    for (let round = 0; round <= ROUNDS; round += 1) {
      this.#paint(regions);
      painted.push(...regions);
      if (painted.length > LIMITS.regions) return this.#unsure("more faces than can be painted");
      this.#stages.lap("paint");
      const jpeg = await encodeJpeg(this.#picture);
      this.#stages.lap("encode");
      const by = { picture: this.#picture, painted, detector: this.#tools.detector };
      const missed = checked(await uncoveredFaces(jpeg, by));
      this.#stages.lap("again");
      if (missed.length === 0) return this.#image(jpeg, painted.length > 0 ? "redacted" : "empty", painted);
      regions = this.#regionsOf(missed);
    }
    return this.#unsure("faces are still found after painting");
  }

  #paint(regions: readonly Region[]): void {
    if (paintOf(this.#ask.level) === "fill") fill(this.#picture, regions);
    else soften(this.#picture, destroy(this.#picture, regions));
  }

  #regionsOf(finds: readonly Face[], grow?: Tuning["grow"]): Painted[] {
    return finds.flatMap((find) => {
      const region = this.#regionOf(find, grow);
      return region === null ? [] : [{ ...region, score: find.score }];
    });
  }

  /** What is painted of a find; null when it lies outside the picture. */
  #regionOf(find: Face, { share, px } = this.#tools.detector.tuning.grow): Region | null {
    return growBox(find, { share, px: px * reductionOf(this.#picture, DETECTION_SIDE) }, this.#picture);
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
    return this.#withheld("canary-missed", BLIND);
  }

  #withheld(why: "unsure" | "canary-missed" | "picture-refused", detail: string): Withheld {
    return { kind: "withheld", why, detail, canary: this.#canarySeen, ms: this.#stages.ms() };
  }
}
