// Shown: an operator's own model looks in place of the built-in one, through the real child, with the real runtime, and is never
// believed more: its digest, its card, its shapes, its time, its memory and its sight are held to what was agreed (I2, promise 3).
import { appendFile, open, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import {
  CONSTANT_CARD,
  constantYunet,
  heavyModel,
  SCRFD_CARD,
  scrfdOfSsd2,
  writeModel,
  type WrittenModel,
  YUNET_CARD,
  yunetOfSsd2,
} from "../helpers/own-models.ts";
import { samplePhotograph } from "../helpers/sample-photographs.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { imageOf, openTestRedactor, type TestRedactor } from "../helpers/test-redactor.ts";

let folder: Awaited<ReturnType<typeof tempDir>>;
let yunet: WrittenModel;
let house: TestRedactor;
beforeAll(async () => {
  folder = await tempDir();
  yunet = await writeModel(folder.path, await yunetOfSsd2(), YUNET_CARD);
  house = await openTestRedactor();
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** A model of its own for a test that breaks it. */
async function copyOf(model: WrittenModel, name: string): Promise<WrittenModel> {
  const file = `${folder.path}/${name}.onnx`;
  await writeFile(file, await readFile(model.file));
  await writeFile(`${file}.json`, await readFile(`${model.file}.json`));
  return { file, sha256: model.sha256 };
}

describe("an own face model", () => {
  test("finds the faces, and the receipt names it, its numbers and its card", async () => {
    const image = imageOf(await house.redact(await samplePhotograph("sample6"), { model: yunet }));
    expect(image.outcome).toBe("redacted");
    expect(image.boxes).toHaveLength(4);
    expect(image.modelSha256).toBe(yunet.sha256);
    expect(image.settings).toMatch(
      /^yunet level=normal searched=1280\+512 threshold=0\.1 grow=0\.25\+3px paint=mosaic masks=0 card=[0-9a-f]{64}$/,
    );
    expect(image.canaryAgeMs).toBeLessThan(10_000);
  });

  test("of another family finds them too, and one camera's model is not another's", async () => {
    const scrfd = await writeModel(folder.path, await scrfdOfSsd2(), SCRFD_CARD);
    const own = imageOf(await house.redact(await samplePhotograph("sample1"), { model: scrfd }));
    expect(own).toMatchObject({ outcome: "redacted", modelSha256: scrfd.sha256 });
    expect(own.settings).toMatch(/^scrfd /);
    const builtIn = imageOf(await house.redact(await samplePhotograph("sample1")));
    expect(builtIn.settings).toMatch(/^ssd2 /);
    expect(builtIn.modelSha256).not.toBe(scrfd.sha256);
    expect(builtIn.settings).not.toContain("card=");
  });

  test("is taken at its own level: strict counts fainter finds and fills", async () => {
    const image = imageOf(await house.redact(await samplePhotograph("sample6"), { model: yunet, level: "strict" }));
    expect(image.settings).toMatch(/level=strict .*threshold=0\.066\d* .*paint=fill/);
  });

  test("is readied before the first picture, and says whether it sees", async () => {
    const stop = new AbortController().signal;
    const ask = { masks: [], redact: { level: "normal", whenUnsure: "withhold", model: yunet } } as const;
    expect(await house.redactor.prepare({ ...ask, masks: [] }, stop)).toEqual({ canSee: true });
    const blind = await writeModel(folder.path, constantYunet(), CONSTANT_CARD);
    const why = "the detector does not find a known face";
    const asked = { ...ask, masks: [], redact: { ...ask.redact, model: blind } };
    expect(await house.redactor.prepare(asked, stop)).toEqual({ canSee: false, why });
    expect(house.redactor.health(), "the built-in one is not blind").toEqual({ canSee: true, why: null });
  });

  test("that is blind shows nothing, whatever the policy does when unsure: no canary, no picture", async () => {
    const blind = await writeModel(folder.path, constantYunet(), CONSTANT_CARD);
    const verdict = await house.redact(await samplePhotograph("sample6"), { model: blind, whenUnsure: "mosaic" });
    expect(verdict).toMatchObject({ kind: "withheld", why: "canary-missed" });
    expect(house.redactor.sightOf("cam")).toMatchObject({ canSee: false });
    expect(house.redactor.health(), "other cameras see").toEqual({ canSee: true, why: null });
  });
});

describe("a file that is not the one that was agreed stops the camera, with no model in its place", () => {
  const changed = { kind: "withheld", why: "model-changed" } as const;

  test("a model with another digest, and the message says which", async () => {
    const verdict = await house.redact(await samplePhotograph("sample6"), {
      model: { ...yunet, sha256: "ab".repeat(32) },
      whenUnsure: "mosaic",
    });
    expect(verdict).toMatchObject(changed);
    expect(verdict.kind === "withheld" && verdict.detail).toContain(yunet.sha256);
  });

  test("a model that changes under the running child, until the right one is back", async () => {
    const model = await copyOf(yunet, "changes");
    expect(imageOf(await house.redact(await samplePhotograph("sample6"), { model })).boxes).toHaveLength(4);
    const right = await readFile(model.file);
    await appendFile(model.file, "\0");
    expect(await house.redact(await samplePhotograph("sample6"), { model })).toMatchObject(changed);
    expect(await house.check(await samplePhotograph("sample6"), { model })).toMatchObject({ canSee: false });
    expect(house.redactor.sightOf("cam")?.why).toContain("not the one the policy names");
    await writeFile(model.file, right);
    expect(await house.redact(await samplePhotograph("sample6"), { model })).toMatchObject({ kind: "image" });
  });

  test("a model exchanged for another of the same size and times", async () => {
    const model = await copyOf(yunet, "exchanged");
    expect(await house.redact(await samplePhotograph("sample6"), { model })).toMatchObject({ kind: "image" });
    const other = Buffer.from(await readFile(model.file));
    other.writeUInt8(other.readUInt8(5_000_000) ^ 1, 5_000_000);
    const times = new Date(2026, 1, 1);
    await utimes(model.file, times, times);
    await writeFile(`${model.file}.new`, other);
    await utimes(`${model.file}.new`, times, times);
    await rename(`${model.file}.new`, model.file);
    expect(await house.redact(await samplePhotograph("sample6"), { model })).toMatchObject(changed);
  });

  test("a model or a card that is gone, or a folder", async () => {
    for (const which of ["", ".json"]) {
      const model = await copyOf(yunet, `gone${which}`);
      expect(await house.redact(await samplePhotograph("sample6"), { model })).toMatchObject({ kind: "image" });
      await rm(`${model.file}${which}`);
      expect(await house.redact(await samplePhotograph("sample6"), { model })).toMatchObject(changed);
    }
    const model = { ...yunet, file: folder.path };
    expect(await house.redact(await samplePhotograph("sample6"), { model })).toMatchObject(changed);
  });

  test("a card that is swapped while it is used: its numbers were agreed with the file", async () => {
    const model = await copyOf(yunet, "swapped");
    expect(await house.redact(await samplePhotograph("sample6"), { model })).toMatchObject({ kind: "image" });
    await writeFile(`${model.file}.json`, JSON.stringify({ ...YUNET_CARD, threshold: 0.9, certain: 0.99 }));
    const verdict = await house.redact(await samplePhotograph("sample6"), { model });
    expect(verdict).toMatchObject(changed);
    expect(verdict.kind === "withheld" && verdict.detail).toContain("restart");
  });

  test("a file that was only touched is still the one", async () => {
    const model = await copyOf(yunet, "touched");
    imageOf(await house.redact(await samplePhotograph("sample6"), { model }));
    await utimes(model.file, new Date(), new Date());
    imageOf(await house.redact(await samplePhotograph("sample6"), { model }));
  });

  test("a file of 2 GB is not read", async () => {
    const file = `${folder.path}/huge.onnx`;
    const hole = await open(file, "w");
    await hole.truncate(2 * 1024 ** 3);
    await hole.close();
    await writeFile(`${file}.json`, JSON.stringify(YUNET_CARD));
    const verdict = await house.redact(await samplePhotograph("sample6"), { model: { file, sha256: "0".repeat(64) } });
    expect(verdict).toMatchObject(changed);
    expect(verdict.kind === "withheld" && verdict.detail).toContain(`${LIMITS.modelBytes} are the most`);
  });

  test("a model whose weights lie in a file that no digest covers", async () => {
    const outside = Buffer.concat([
      constantYunet(),
      Buffer.from("\u001a\u0004\n\u0008location\u0012\u0002w\u0000", "latin1"),
    ]);
    const model = await writeModel(folder.path, outside, CONSTANT_CARD);
    const verdict = await house.redact(await samplePhotograph("sample6"), { model });
    expect(verdict).toMatchObject(changed);
    expect(verdict.kind === "withheld" && verdict.detail).toContain("another file");
  });
});

describe("a model that does not work is one withheld picture, and no other camera's loss", () => {
  const broken = { kind: "withheld", why: "detector-failed" } as const;
  const FAULTS: readonly (readonly [string, () => Promise<Buffer> | Buffer, object, RegExp])[] = [
    ["is no model", () => Buffer.from("no model"), CONSTANT_CARD, /./],
    ["has a card that is none", () => constantYunet(), { ...CONSTANT_CARD, mode: 1 }, /card.*mode/],
    ["has another model's card", () => constantYunet(), { ...CONSTANT_CARD, sha256: "1".repeat(64) }, /another model/],
    ["lacks an output", () => constantYunet(), { ...CONSTANT_CARD, strides: [8, 16] }, /cls_16/],
    ["has outputs of another shape", () => constantYunet({ bbox: [0, 0, 0] }), CONSTANT_CARD, /shape/],
    [
      "answers for other cells",
      () => constantYunet(),
      { ...CONSTANT_CARD, outputs: ["bbox_8", "cls_8", "obj_8"] },
      /shape/,
    ],
    ["answers NaN", () => constantYunet({ cls: Number.NaN }), CONSTANT_CARD, /not finite/],
    [
      "answers infinity",
      () => constantYunet({ bbox: [0, 0, Number.POSITIVE_INFINITY, 0] }),
      CONSTANT_CARD,
      /not finite/,
    ],
    ["gives endless boxes", () => constantYunet({ cls: 1, bbox: [0, 0, 800, 800] }), CONSTANT_CARD, /none/],
  ];

  test.each(FAULTS)("%s", async (_what, make, card, why) => {
    const model = await writeModel(folder.path, await make(), card);
    const pid = house.redactor.childPid;
    const verdict = await house.redact(await samplePhotograph("sample6"), { model, whenUnsure: "mosaic" });
    expect(verdict).toMatchObject(broken);
    expect(verdict.kind === "withheld" && verdict.detail).toMatch(why);
    expect(house.redactor.childPid, "the child goes on").toBe(pid);
    expect(await house.redact(await samplePhotograph("sample6"))).toMatchObject({ kind: "image" });
  });

  test("finds a face everywhere: more than can be painted is in doubt", async () => {
    const model = await writeModel(folder.path, constantYunet({ cls: 1 }), CONSTANT_CARD);
    const verdict = await house.redact(await samplePhotograph("sample6"), { model });
    expect(verdict).toMatchObject({ kind: "withheld", why: "unsure", detail: "more faces than can be painted" });
  });

  test("hangs: the deadline ends it, and the next picture is looked at by another child", async () => {
    await using own = await openTestRedactor({ limits: { redactMs: 3000 } });
    const model = await writeModel(folder.path, heavyModel({ layers: 60, channels: 96 }), {
      ...CONSTANT_CARD,
      longSides: [512],
    });
    const small = await sharp(await samplePhotograph("sample6"))
      .resize(640)
      .jpeg()
      .toBuffer();
    expect(await own.redact(Buffer.from(small), { model })).toMatchObject({
      kind: "withheld",
      why: "detector-timeout",
    });
    expect(await own.redact(small)).toMatchObject({ kind: "image" });
  });

  test("wants more memory than there is", async () => {
    await using own = await openTestRedactor();
    const card = { ...CONSTANT_CARD, longSides: [1920] };
    const model = await writeModel(folder.path, heavyModel({ layers: 1, channels: 400 }), card);
    expect(await own.redact(await samplePhotograph("sample6"), { model })).toMatchObject(broken);
    expect(await own.redact(await samplePhotograph("sample6"))).toMatchObject({ kind: "image" });
  });
});
