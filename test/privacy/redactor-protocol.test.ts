// Shown: the pipe between gateway and redactor child carries whole messages or ends in an error, however the bytes are cut,
// and what it has read is zeroed.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ZodError } from "zod";
import { LIMITS } from "../../src/core/limits.ts";
import { encodeMessage, MessageReader, parseAnswer, plainDetail } from "../../src/privacy/redactor-protocol.ts";

const message = fc.record({ text: fc.string({ unit: "binary" }), body: fc.uint8Array({ maxLength: 300 }) });

test("messages come out as they went in, however the pipe cuts them", () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (messages, cuts) => {
        const bytes = Buffer.concat(messages.flatMap(({ text, body }) => encodeMessage({ text }, body)));
        const reader = new MessageReader();
        const heard: { header: unknown; body: number[] }[] = [];
        for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
          const end = Math.min(bytes.length, at + (cuts[cut % cuts.length] ?? 1));
          for (const { header, body } of reader.push(Buffer.from(bytes.subarray(at, end))))
            heard.push({ header, body: [...body] });
          at = end;
        }
        expect(heard).toEqual(messages.map(({ text, body }) => ({ header: { text }, body: [...body] })));
      },
    ),
  );
});

test("a chunk is zeroed once it is read", () => {
  const chunk = Buffer.concat(encodeMessage({ kind: "redact" }, Buffer.from("pixels")));
  const [heard] = new MessageReader().push(chunk);
  expect(heard?.body.toString()).toBe("pixels");
  expect(chunk.every((byte) => byte === 0)).toBe(true);
});

test("a body is handed over by reference: a frame is not copied on its way", () => {
  const frame = Buffer.from("frame");
  expect(encodeMessage({}, frame).some((part) => part === frame)).toBe(true);
});

test("random bytes are never a message, and lengths beyond the limits are refused before anything is reserved", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 64 }), (bytes) => {
      if (Buffer.from(bytes.subarray(0, 4)).toString("latin1") === "HRD1") return;
      expect(() => new MessageReader().push(Buffer.from(bytes))).toThrow("not a message");
    }),
  );
  const prefix = (header: number, body: number): Buffer => {
    const bytes = Buffer.from("HRD1........");
    bytes.writeUInt32BE(header, 4);
    bytes.writeUInt32BE(body, 8);
    return bytes;
  };
  expect(() => new MessageReader().push(prefix(0, 0))).toThrow(/header/);
  expect(() => new MessageReader().push(prefix(LIMITS.redactorHeaderBytes + 1, 0))).toThrow(/header/);
  expect(() => new MessageReader().push(prefix(10, LIMITS.frameBytes + 1))).toThrow(/body/);
  expect(() => new MessageReader().push(Buffer.concat([prefix(4, 0), Buffer.from("{a:b")]))).toThrow(SyntaxError);
});

test("an answer with a field too many, a number that is none, or a negative one is no answer", () => {
  const withheld = { kind: "withheld", id: 1, why: "unsure", canary: null, detail: "", ms: {} };
  expect(parseAnswer(withheld)).toEqual(withheld);
  for (const bad of [
    { ...withheld, pixels: "AAAA" },
    { ...withheld, id: -1 },
    { ...withheld, why: "no-detector" },
    { ...withheld, ms: { total: Number.NaN } },
    { ...withheld, detail: "x".repeat(201) },
    { kind: "image", id: 1 },
    null,
    [],
    "ready",
  ]) {
    expect(() => parseAnswer(bad), JSON.stringify(bad)).toThrow(ZodError);
  }
});

test("an error's text crosses as one short line of plain letters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 4000 }), (text) => {
      expect(plainDetail(new Error(text))).toMatch(/^[ -~]{0,160}$/);
    }),
  );
});
