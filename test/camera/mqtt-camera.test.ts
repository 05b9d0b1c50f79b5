// Shown: a picture in base64 is found in any JSON by its pointer, as JSON.parse would find it, decoded in place, and the rest
// of the message is zeroed; what is no picture is left as it was and dropped.
import fc from "fast-check";
import { expect, test } from "vitest";
import { openMqttCamera } from "../../src/camera/mqtt-camera.ts";
import { pictureInJson } from "../../src/camera/mqtt-camera-json.ts";
import { PictureInbox } from "../../src/camera/picture-inbox.ts";
import { bytesOfFrame } from "../../src/camera/raw-frame.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";

const key = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom("/", "~", "a/b", '"', "\\", "é", "0"),
);
const pointerTo = (names: readonly string[]): string =>
  names.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** What stands beside the picture. */
const noise = fc.jsonValue({ maxDepth: 3 });

test("the picture is found wherever JSON.parse would find it", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 400 }),
      fc.array(fc.record({ name: key, before: noise, after: noise, isList: fc.boolean() }), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.constantFrom(undefined, 1, "\t"),
      fc.constantFrom<BufferEncoding>("base64", "base64url"),
      (bytes, levels, space, encoding) => {
        let value: unknown = Buffer.from(bytes).toString(encoding);
        const names: string[] = [];
        for (const { name, before, after, isList } of levels) {
          names.unshift(isList ? "1" : name);
          value = isList ? [before, value, after] : { [`${name}-`]: before, [name]: value, [`-${name}`]: after };
        }
        const message = Buffer.from(JSON.stringify(value, null, space));
        const picture = pictureInJson(message, pointerTo(names));
        expect(picture).toEqual(Buffer.from(bytes));
        expect(message.subarray(bytes.length).every((byte) => byte === 0)).toBe(true);
      },
    ),
  );
});

test("whatever the bytes are, the search ends, and gives null or a picture", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.string().map((text) => Buffer.from(text)),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        const message = Buffer.from(bytes);
        const picture = pictureInJson(message, "/a/0");
        if (picture === null) expect(message).toEqual(Buffer.from(bytes));
      },
    ),
  );
});

test.each([
  ["an escaped slash", String.raw`{"a":"\/9j\/4A=="}`],
  ["broken lines", String.raw`{"a":"/9j/\r\n4A=="}`],
  ["a data URL", `{"a":"data:image/jpeg;base64,/9j/4A=="}`],
  ["a data URL as some write it", String.raw`{"a":"data:image\/jpeg;base64,\/9j\/4A=="}`],
])("%s is read", (_, text) => {
  expect(pictureInJson(Buffer.from(text), "/a")).toEqual(Buffer.from([0xff, 0xd8, 0xff, 0xe0]));
});

test.each([
  ["another field", `{"b":"AAAA"}`],
  ["no text", `{"a":1}`],
  ["no base64", `{"a":"on the way!"}`],
  ["a text without an end", `{"a":"AAAA`],
  ["no JSON", "online"],
  ["nothing", ""],
])("%s is no picture", (_, text) => {
  const message = Buffer.from(text);
  expect(pictureInJson(message, "/a")).toBeNull();
  expect(message.toString()).toBe(text);
});

test.each(["1,", "[],", " ", "[", '"",'])(
  "of a message that is all %j no more is read than a camera sends",
  (piece) => {
    const message = (times: number) =>
      Buffer.from(`{"x":[${piece.repeat(times)}0${"]".repeat(piece === "[" ? times : 0)}],"a":"AAAA"}`);
    expect(pictureInJson(message(10_000), "/a")).toEqual(Buffer.alloc(3));
    const long = message(600_000);
    const before = Buffer.from(long);
    expect(pictureInJson(long, "/a")).toBeNull();
    expect(long.equals(before)).toBe(true);
  },
);

test("a message without its picture is zeroed and counted, and is no trigger", async () => {
  const board = new Board();
  const inbox = new PictureInbox({ clock: systemClock, board });
  await using camera = openMqttCamera({ id: "cam", at: "/image", inbox, clock: systemClock, grabMs: 1 });
  let heard = 0;
  camera.onPicture?.(() => void (heard += 1));
  const state = Buffer.from(`{"state":"AAAA"}`);
  inbox.take("cam", state);
  expect([state.every((byte) => byte === 0), heard, board.get("camera.picture.dropped.no-picture")]).toEqual([
    true,
    0,
    1,
  ]);
  inbox.take("cam", Buffer.from(`{"image":"/9j/4A=="}`));
  expect(heard).toBe(1);
  using frame = await camera.grab(new AbortController().signal);
  expect(bytesOfFrame(frame).toString("hex")).toBe("ffd8ffe0");
});
