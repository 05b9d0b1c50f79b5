// Shown: a self-check puts the canary into a copy of a camera's frame and says whether it was found, and nothing else comes of
// it: no picture, no pixel left in memory, no exception for what a picture or the detector does (promise 3, I1).
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { RawFrame } from "../../src/camera/raw-frame.ts";
import { systemClock } from "../../src/core/clock.ts";
import { openCanary } from "../../src/privacy/canary.ts";
import type { Detector } from "../../src/privacy/detector.ts";
import { checkPicture } from "../../src/privacy/redaction.ts";
import { openSsd2 } from "../../src/privacy/ssd2.ts";
import { modelDirectory, samplePhotograph } from "../helpers/sample-photographs.ts";
import { openTestRedactor } from "../helpers/test-redactor.ts";

const at = (url: string): string => fileURLToPath(url);

async function darkened(): Promise<Buffer> {
  const picture = sharp(await samplePhotograph("sample5")).linear(0.04, 0);
  return await picture.jpeg().toBuffer();
}

describe("through the child", () => {
  test("a camera that sees is told so, and its next picture need not prove it again", async () => {
    await using house = await openTestRedactor();
    expect(house.redactor.sightOf("cam")).toBeNull();
    const beforeMs = systemClock.nowMs();
    expect(await house.check(await samplePhotograph("sample5"))).toEqual({ canSee: true });
    const sight = house.redactor.sightOf("cam");
    expect(sight).toMatchObject({ canSee: true, why: null });
    expect(sight?.atMs).toBeGreaterThanOrEqual(beforeMs);
    expect(house.redactor.sightOf("another-cam")).toBeNull();
    const verdict = await house.redact(await samplePhotograph("sample6"));
    expect(verdict.ms["canary"]).toBeUndefined();
    expect(verdict.kind === "image" && verdict.image.content.canaryAgeMs).toBeGreaterThan(0);
  });

  test("a camera that looks into the dark cannot see well enough until a picture shows otherwise", async () => {
    await using house = await openTestRedactor();
    const why = "cannot see well enough: too dark to see faces";
    expect(await house.check(await darkened(), { whenUnsure: "mosaic" })).toEqual({ canSee: false, why });
    expect(house.redactor.sightOf("cam")).toMatchObject({ canSee: false, why });
    expect(house.redactor.health(), "the detector itself is well").toEqual({ canSee: true, why: null });
    expect(await house.redact(await samplePhotograph("sample5"))).toMatchObject({ kind: "image" });
    expect(house.redactor.sightOf("cam")).toMatchObject({ canSee: true, why: null });
    expect(await house.redact(await darkened(), { whenUnsure: "mosaic" })).toMatchObject({ kind: "image" });
    expect(house.redactor.sightOf("cam"), "a mosaic shows that nobody could tell").toMatchObject({
      canSee: false,
      why,
    });
  });

  test("what is no picture is no exception", async () => {
    await using house = await openTestRedactor();
    const checked = await house.check(Buffer.from("no picture"));
    expect(checked).toEqual({ canSee: false, why: "not a JPEG, PNG or WebP picture" });
    expect(house.board.get("redactor.failed")).toBe(0);
  });

  const FAULTS = [
    ["throws", at(import.meta.resolve("./fixtures/throwing-child.ts")), /detector failed|inference failed/],
    ["dies", at(import.meta.resolve("./fixtures/exiting-child.ts")), /the redactor failed/],
    ["hangs", at(import.meta.resolve("./fixtures/hanging-child.ts")), /no answer within 1500 ms/],
    ["answers with a picture", at(import.meta.resolve("./fixtures/lying-child.ts")), /out of turn/],
  ] as const;

  test.each(FAULTS)("a child that %s cannot see, and is replaced", async (_name, childScript, why) => {
    await using house = await openTestRedactor({ childScript, limits: { redactMs: 1500 } });
    const checked = await house.check(await samplePhotograph("sample5"));
    expect(checked).toMatchObject({ canSee: false });
    expect(checked.canSee || checked.why).toMatch(why);
    expect(house.board.get("redactor.failed")).toBe(1);
    expect(house.redactor.sightOf("cam"), "of the next child nothing is known").toBeNull();
  });

  test("a child that finds not even the canary on grey is blind, whatever the scene", async () => {
    await using house = await openTestRedactor({ childScript: at(import.meta.resolve("./fixtures/blind-child.ts")) });
    const why = "the detector does not find a known face";
    expect(await house.check(await samplePhotograph("sample5"))).toEqual({ canSee: false, why });
    expect(house.redactor.health()).toEqual({ canSee: false, why });
  });

  test("it takes its turn among the redactions, and ends with the reason of a stop", async () => {
    await using house = await openTestRedactor();
    const stop = new AbortController();
    using frame = new RawFrame({ bytes: await samplePhotograph("sample2"), cameraId: "cam", takenAtMs: 0 });
    const ask = { masks: [], redact: { level: "normal", whenUnsure: "withhold" } } as const;
    const first = house.redact(await samplePhotograph("sample1"));
    const checked = house.redactor.check(frame, { ...ask, masks: [] }, stop.signal);
    stop.abort(new Error("the house closes"));
    await expect(checked).rejects.toThrow("the house closes");
    expect(await first).toMatchObject({ kind: "image" });
  });

  test("one that is stopped is over at once and costs no child, and nothing is learnt of it", async () => {
    await using house = await openTestRedactor();
    await house.redact(await samplePhotograph("sample1"));
    const [pid, sight] = [house.redactor.childPid, house.redactor.sightOf("cam")];
    const stop = new AbortController();
    const bytes = await samplePhotograph("sample2");
    const ask = { masks: [], redact: { level: "normal", whenUnsure: "withhold" } } as const;
    const checked = (async () => {
      using frame = new RawFrame({ bytes, cameraId: "cam", takenAtMs: 0 });
      await house.redactor.check(frame, { ...ask, masks: [] }, stop.signal);
    })();
    // The child has it in hand: what it was sent is on its way.
    setImmediate(() => stop.abort(new Error("a picture comes first")));
    await expect(checked).rejects.toThrow("a picture comes first");
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect(house.redactor.sightOf("cam")).toEqual(sight);
    expect(await house.redact(await samplePhotograph("sample1"))).toMatchObject({ kind: "image" });
    expect(house.redactor.childPid).toBe(pid);
    expect(house.board.get("redactor.failed")).toBe(0);
  });
});

describe("in the child", () => {
  const ask = { kind: "check", id: 1, level: "normal", masks: [] } as const;

  test("no pixel is left of the frame nor of the copies with the canary", async () => {
    await using real = await openSsd2({ directory: modelDirectory, threads: 2 });
    const looked: Buffer[] = [];
    const detector: Detector = {
      ...real,
      detect: (picture, look) => {
        looked.push(picture.rgb);
        return real.detect(picture, look);
      },
    };
    const encoded = await samplePhotograph("sample5");
    const tools = { detector, canary: await openCanary(modelDirectory), clock: systemClock };
    expect(await checkPicture(encoded, ask, tools)).toMatchObject({ kind: "sees", canary: true });
    expect(looked.length).toBeGreaterThan(1);
    for (const pixels of [encoded, ...looked]) expect(pixels.every((byte) => byte === 0)).toBe(true);
  });

  test("a scene that hides the canary from a detector that sees it on grey is in doubt", async () => {
    await using real = await openSsd2({ directory: modelDirectory, threads: 2 });
    const fogged: Detector = {
      ...real,
      detect: (picture, look) => (picture.width === 640 ? real.detect(picture, look) : Promise.resolve([])),
    };
    const tools = { detector: fogged, canary: await openCanary(modelDirectory), clock: systemClock };
    const checked = await checkPicture(await samplePhotograph("sample5"), ask, tools);
    expect(checked).toMatchObject({ kind: "withheld", why: "unsure", canary: false });
  });
});
