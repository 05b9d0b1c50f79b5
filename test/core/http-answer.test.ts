// One answer, handed over in pieces as undici does: what is not handed on is zeroed, and who is done lets go of the connection.
import { describe, expect, test } from "vitest";
import { AnswerReading, type BodyFate } from "../../src/core/http-answer.ts";

/** What undici hands over with each call; notes whether the connection was given up. */
function control() {
  let isAborted = false;
  return {
    get aborted() {
      return isAborted;
    },
    paused: false,
    reason: null,
    abort: () => {
      isAborted = true;
    },
    pause: () => undefined,
    resume: () => undefined,
  };
}

function read(fate: BodyFate, answerBytesMax = 100) {
  const reading = new AnswerReading({ answerBytesMax, bodyFate: () => fate });
  const controller = control();
  const pieces = ["one ", "two ", "three"].map((text) => Buffer.from(text));
  reading.onRequestStart(controller);
  reading.onResponseStart(controller, 103, {});
  reading.onResponseStart(controller, 200, { "set-cookie": ["a", "b"] });
  return {
    reading,
    controller,
    pieces,
    push: () => pieces.forEach((piece) => reading.onResponseData(controller, piece)),
  };
}

const isZero = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0);

describe("an answer that is collected", () => {
  test("is one buffer of its own, and its pieces are zeroed", async () => {
    const { reading, controller, pieces, push } = read("collect");
    push();
    reading.onResponseEnd();
    expect(await reading.outcome).toEqual({
      kind: "answer",
      status: 200,
      headers: { "set-cookie": "a, b" },
      body: Buffer.from("one two three"),
    });
    expect(pieces.map(isZero)).toEqual([true, true, true]);
    expect(controller.aborted).toBe(false);
  });

  test("keeps none of the pieces it came in: a million of a byte each would be a hundred times as large", async () => {
    const { reading, controller, pieces, push } = read("collect", 5000);
    push();
    expect(pieces.map(isZero)).toEqual([true, true, true]);
    for (let n = 0; n < 4000; n += 1) reading.onResponseData(controller, Buffer.from([n]));
    reading.onResponseEnd();
    const body = Buffer.concat([Buffer.from("one two three"), Buffer.from(Array.from({ length: 4000 }, (_, n) => n))]);
    expect(await reading.outcome).toMatchObject({ kind: "answer", body });
  });

  test("and is too large, breaks or is stopped leaves nothing of itself", async () => {
    const large = read("collect", 5);
    large.push();
    expect(await large.reading.outcome).toMatchObject({ kind: "failed", how: "too-large" });
    const broken = read("collect");
    broken.push();
    broken.reading.onResponseError(broken.controller, new Error("broken"));
    await expect(broken.reading.outcome).rejects.toThrow("broken");
    for (const { pieces, controller } of [large, broken]) {
      expect(pieces.map(isZero)).toEqual([true, true, true]);
      expect(controller.aborted).toBe(true);
    }
  });
});

test("an answer that is taken gives its pieces until it is enough; what comes then is zeroed, and the connection goes", async () => {
  const taken: Buffer[] = [];
  const { reading, controller, pieces, push } = read((piece) => (taken.push(piece) < 2 ? "more" : "enough"));
  push();
  expect(taken.map(String)).toEqual(["one ", "two "]);
  expect(pieces.map(isZero)).toEqual([false, false, true]);
  expect(controller.aborted).toBe(true);
  expect(await reading.outcome).toMatchObject({ kind: "answer", body: Buffer.alloc(0) });
});

test("an answer that is cut lets go of the connection at once", async () => {
  const { reading, controller } = read("cut");
  expect(controller.aborted).toBe(true);
  expect(await reading.outcome).toMatchObject({ kind: "answer", status: 200 });
});

test("what was stopped before it was asked is not asked", async () => {
  const reading = new AnswerReading({ answerBytesMax: 1 });
  const controller = control();
  reading.fail(new Error("stopped"));
  reading.onRequestStart(controller);
  expect(controller.aborted).toBe(true);
  await expect(reading.outcome).rejects.toThrow("stopped");
});
