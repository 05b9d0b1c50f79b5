// Shown: redact() through the real child process. It fails closed: whatever the child does is one withheld picture with its
// reason, a restart, and never an exception or a hung gateway (promise 3, I2). Each fault is a child of its own in fixtures/.
import { existsSync, readFileSync } from "node:fs";
import { cp, truncate } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { describe, expect, test, vi } from "vitest";
import { RawFrame } from "../../src/camera/raw-frame.ts";
import { modelDirectory, samplePhotograph } from "../helpers/sample-photographs.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestRedactor } from "../helpers/test-redactor.ts";
import { leaksIn, makeWatermarkedJpeg } from "../helpers/watermark.ts";

const at = (url: string): string => fileURLToPath(url);

describe("a healthy child", () => {
  test("gives an image of destroyed faces, with evidence that it could see, and is asked again by the next picture", async () => {
    await using house = await openTestRedactor();
    const first = await house.redact(await samplePhotograph("sample6"));
    if (first.kind !== "image") throw new Error(first.detail);
    expect(first.image.content).toMatchObject({ outcome: "redacted", width: 1920, height: 1537 });
    expect(first.image.content.boxes).toHaveLength(4);
    expect(first.image.content.canaryAgeMs).toBeLessThan(5000);
    expect(first.ms["canary"]).toBeGreaterThan(0);
    const second = await house.redact(await samplePhotograph("sample5"), { level: "strict" });
    if (second.kind !== "image") throw new Error(second.detail);
    expect(second.ms["canary"], "the canary is younger than its limit").toBeUndefined();
    expect(second.image.content.settings).toContain("level=strict");
    expect(house.redactor.health()).toEqual({ canSee: true, why: null });
  });

  test("leaves nothing of the original in the image, not even its bytes", async () => {
    const { jpeg, needles } = await makeWatermarkedJpeg();
    await using house = await openTestRedactor();
    const verdict = await house.redact(Buffer.from(jpeg));
    if (verdict.kind !== "image") throw new Error(verdict.detail);
    const { content } = verdict.image;
    expect(leaksIn(content.jpeg, needles)).toEqual([]);
    const pixels = await sharp(content.jpeg).removeAlpha().raw().toBuffer();
    expect(leaksIn(pixels, needles)).toEqual([]);
    expect(leaksIn(Buffer.from(JSON.stringify(verdict)), needles)).toEqual([]);
  });

  test("frames wait for each other and are answered in turn", async () => {
    await using house = await openTestRedactor();
    const names = ["sample1", "sample2", "sample3"] as const;
    const verdicts = await Promise.all(names.map(async (name) => house.redact(await samplePhotograph(name))));
    expect(verdicts.map((each) => each.kind === "image" && each.image.content.height)).toEqual([1280, 1367, 1350]);
  });

  test("a torn picture is refused, a 30000 x 30000 PNG within a blink, and the next one is redacted by the same child", async () => {
    await using house = await openTestRedactor();
    const whole = await samplePhotograph("sample1");
    const torn = await house.redact(Buffer.from(whole.subarray(0, whole.length / 2)));
    expect(torn).toMatchObject({ kind: "withheld", why: "picture-refused" });
    const pid = house.redactor.childPid;
    const bomb = await house.redact(claimingPng(30_000, 30_000));
    expect(bomb).toMatchObject({ kind: "withheld", why: "picture-refused" });
    expect(bomb.ms["total"]).toBeLessThan(500);
    expect(await house.redact(whole)).toMatchObject({ kind: "image" });
    expect(house.redactor.childPid).toBe(pid);
    expect(house.board.get("redactor.failed")).toBe(0);
  });

  test("a frame that nobody waits for any more ends with the reason of the stop, and the child that held it is gone", async () => {
    await using house = await openTestRedactor();
    await house.redact(await samplePhotograph("sample1"));
    const pid = house.redactor.childPid;
    const stop = new AbortController();
    using frame = new RawFrame({ bytes: await samplePhotograph("sample2"), cameraId: "cam", takenAtMs: 0 });
    const ask = { masks: [], redact: { level: "normal", whenUnsure: "withhold" } } as const;
    const asked = house.redactor.redact(frame, { ...ask, masks: [] }, stop.signal);
    setImmediate(() => stop.abort(new Error("the house closes")));
    await expect(asked).rejects.toThrow("the house closes");
    expect(house.redactor.childPid).not.toBe(pid);
    expect(await house.redact(await samplePhotograph("sample2"))).toMatchObject({ kind: "image" });
  });

  test("closing ends the child, twice is as good as once, and later pictures are withheld", async () => {
    const house = await openTestRedactor();
    await house.redact(await samplePhotograph("sample1"));
    const pid = house.redactor.childPid;
    await house[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(await house.redact(await samplePhotograph("sample1"))).toMatchObject({
      kind: "withheld",
      why: "no-detector",
    });
    expect(house.redactor.health().canSee).toBe(false);
  });

  test("the child has nothing of the gateway's environment and may neither write nor start anything", async () => {
    await using house = await openTestRedactor();
    await house.redact(await samplePhotograph("sample1"));
    const environment = readFileSync(`/proc/${house.redactor.childPid}/environ`, "utf8");
    const names = environment.split("\0").map((line) => line.split("=")[0]);
    expect(new Set(names)).toEqual(
      new Set([
        "GLIBC_TUNABLES",
        "MALLOC_ARENA_MAX",
        "MALLOC_TRIM_THRESHOLD_",
        "PATH",
        "PWD",
        "VIPS_DISC_THRESHOLD",
        "",
      ]),
    );
    const limits = readFileSync(`/proc/${house.redactor.childPid}/limits`, "utf8");
    expect(limits).toMatch(/Max core file size\s+0\s+0/);
    expect(limits).toMatch(/Max data size\s+16\d{8}\s/);
    const command = readFileSync(`/proc/${house.redactor.childPid}/cmdline`, "utf8");
    expect(command).toContain("--permission");
    expect(command).not.toMatch(/--allow-(fs-write|child-process|worker)/);
  });
});

describe("a faulty child", () => {
  const FAULTS = [
    ["throws", at(import.meta.resolve("./fixtures/throwing-child.ts")), "detector-failed"],
    ["answers NaN", at(import.meta.resolve("./fixtures/nan-child.ts")), "detector-failed"],
    ["dies", at(import.meta.resolve("./fixtures/exiting-child.ts")), "detector-failed"],
    ["dies in the middle of its answer", at(import.meta.resolve("./fixtures/torn-child.ts")), "detector-failed"],
    ["prints pixels to its answers' pipe", at(import.meta.resolve("./fixtures/babbling-child.ts")), "detector-failed"],
    ["takes all memory", at(import.meta.resolve("./fixtures/hungry-child.ts")), "detector-failed"],
    ["gives the original back", at(import.meta.resolve("./fixtures/lying-child.ts")), "detector-failed"],
    ["hangs", at(import.meta.resolve("./fixtures/hanging-child.ts")), "detector-timeout"],
    ["finds not even the canary", at(import.meta.resolve("./fixtures/blind-child.ts")), "canary-missed"],
  ] as const;

  test.each(FAULTS)(
    "that %s costs one withheld picture with its reason, even if mosaics are allowed",
    async (_name, childScript, why) => {
      await using house = await openTestRedactor({
        childScript,
        limits: { redactMs: why === "detector-timeout" ? 1500 : 20_000 },
      });
      const { jpeg, needles } = await makeWatermarkedJpeg();
      const verdict = await house.redact(jpeg, { whenUnsure: "mosaic" });
      expect(verdict).toMatchObject({ kind: "withheld", why });
      expect(leaksIn(Buffer.from(JSON.stringify(verdict), "latin1"), needles)).toEqual([]);
      expect(house.redactor.health().canSee).toBe(false);
      expect(house.redactor.health().why).toMatch(/[a-z]{4}/);
      expect(house.board.get("redactor.failed")).toBe(why === "canary-missed" ? 0 : 1);
    },
  );

  test("is replaced: the picture after a crash is looked at by a new one", async () => {
    const childScript = at(import.meta.resolve("./fixtures/exiting-child.ts"));
    await using house = await openTestRedactor({ childScript });
    const photograph = await samplePhotograph("sample1");
    expect(await house.redact(Buffer.from(photograph))).toMatchObject({ why: "detector-failed" });
    // Not "no-detector": the second picture waited for the new child and met the same fault.
    expect(await house.redact(Buffer.from(photograph))).toMatchObject({ why: "detector-failed" });
    expect(house.board.get("redactor.failed")).toBe(2);
  });

  test("that says nothing, or whose model is missing or damaged, means no detector, and the gateway lives on", async () => {
    await using empty = await tempDir();
    await using damaged = await tempDir();
    await cp(join(modelDirectory, "model"), join(damaged.path, "model"), { recursive: true });
    await truncate(join(damaged.path, "model", "ssd_mobilenetv1_model.bin"), 5_000_000);
    const silent = at(import.meta.resolve("./fixtures/silent-child.ts"));
    for (const changes of [
      { childScript: silent, limits: { redactorStartMs: 300 } },
      { childScript: at(import.meta.resolve("./fixtures/unready-child.ts")) },
      { modelDirectory: empty.path },
      { modelDirectory: damaged.path },
      { childScript: `${empty.path}/gone.ts` },
    ]) {
      await using house = await openTestRedactor(changes);
      const verdict = await house.redact(await samplePhotograph("sample1"), { whenUnsure: "mosaic" });
      expect(verdict).toMatchObject({ kind: "withheld", why: "no-detector" });
      expect(house.redactor.health().canSee).toBe(false);
    }
  });
});

describe("evidence that the detector can see", () => {
  const wordy = at(import.meta.resolve("./fixtures/wordy-child.ts"));

  test("is that of the child that earned it: after a restart the canary is asked for anew", async () => {
    await using house = await openTestRedactor({ childScript: wordy });
    const photograph = await samplePhotograph("sample1");
    expect((await house.redact(Buffer.from(photograph))).ms["asked"], "nothing is known yet").toBe(1);
    // Calls the next one empty, has no evidence from it, and is replaced.
    expect(await house.redact(Buffer.from(photograph))).toMatchObject({ kind: "withheld", why: "detector-failed" });
    expect((await house.redact(Buffer.from(photograph))).ms["asked"], "of the new child nothing is known").toBe(1);
  });

  test("is needed from the very picture that is called empty, however young the last one", async () => {
    await using house = await openTestRedactor({ childScript: wordy });
    const photograph = await samplePhotograph("sample1");
    expect(await house.redact(Buffer.from(photograph))).toMatchObject({ kind: "image" });
    expect(await house.redact(Buffer.from(photograph))).toMatchObject({
      kind: "withheld",
      why: "detector-failed",
      detail: "the redactor gave no evidence that it could see",
    });
  });

  test("is missing from the start: the child is a failure, and the page says so", async () => {
    await using house = await openTestRedactor({
      childScript: at(import.meta.resolve("./fixtures/unready-child.ts")),
      limits: { redactorRestartMs: 60_000, redactorRestartMsMax: 60_000 },
    });
    await vi.waitUntil(() => house.board.get("redactor.failed") === 1, { timeout: 20_000 });
    const { canSee, why } = house.redactor.health();
    expect(canSee).toBe(false);
    expect(why).toContain("does not find its canary");
  });

  test("is never claimed: a mosaic of a picture in which nobody looked has no age of a canary", async () => {
    await using house = await openTestRedactor();
    const black = await sharp({ create: { width: 320, height: 240, channels: 3, background: "#000" } })
      .jpeg()
      .toBuffer();
    const verdict = await house.redact(black, { whenUnsure: "mosaic" });
    if (verdict.kind !== "image") throw new Error(verdict.detail);
    expect(verdict.image.content).toMatchObject({ outcome: "mosaic", canaryAgeMs: null });
    expect(verdict.image.content.settings).toContain("searched=no");
  });
});

/** A PNG that says it has this size and holds nothing. */
function claimingPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(25);
  header.writeUInt32BE(13, 0);
  header.write("IHDR", 4);
  header.writeUInt32BE(width, 8);
  header.writeUInt32BE(height, 12);
  header.set([8, 2, 0, 0, 0], 16);
  header.writeUInt32BE(crc32(header.subarray(4, 21)), 21);
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), header, Buffer.alloc(64)]);
}
