// Shown: of what a camera sends by itself the newest waits in memory, for a few seconds, and each picture that is not handed
// out is zeroed and counted (I1).
import { expect, test } from "vitest";
import { PictureInbox } from "../../src/camera/picture-inbox.ts";
import { bytesOfFrame } from "../../src/camera/raw-frame.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { LIMITS } from "../../src/core/limits.ts";

const never = new AbortController().signal;
const isZero = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0);
const picture = (value: number, bytes = 1000): Buffer => Buffer.alloc(bytes, value);

function inboxOf(bounds: { bytesMax?: number; freshMs?: number } = {}) {
  const board = new Board();
  const inbox = new PictureInbox({ clock: systemClock, board, freshMs: 60_000, ...bounds });
  return { board, inbox, dropped: (why: string) => board.get(`camera.picture.dropped.${why}`) };
}

test("a picture that has come is handed out once, and its watcher is told", async () => {
  const { inbox } = inboxOf();
  using slot = inbox.open("cam");
  let heard = 0;
  const forget = slot.onPicture(() => void (heard += 1));
  inbox.take("cam", picture(7));
  expect(heard).toBe(1);
  using frame = await slot.next(50, never);
  expect(bytesOfFrame(frame)[0]).toBe(7);
  await expect(slot.next(1, never)).rejects.toMatchObject({ code: "CAMERA_TIMEOUT" });
  forget();
  inbox.take("cam", picture(8));
  expect(heard).toBe(1);
});

test("who waits for the next picture gets it, and no trigger is made of it", async () => {
  const { inbox } = inboxOf();
  using slot = inbox.open("cam");
  let heard = 0;
  slot.onPicture(() => void (heard += 1));
  const waiting = slot.next(60_000, never);
  inbox.take("cam", picture(7));
  using frame = await waiting;
  expect([frame.size, heard]).toEqual([1000, 0]);
});

test("a newer picture takes the place of an older one, which is zeroed", async () => {
  const { inbox, dropped } = inboxOf();
  using slot = inbox.open("cam");
  const old = picture(1);
  inbox.take("cam", old);
  inbox.take("cam", picture(2));
  expect([isZero(old), dropped("replaced")]).toEqual([true, 1]);
  using frame = await slot.next(50, never);
  expect(bytesOfFrame(frame)[0]).toBe(2);
});

test("a picture that nobody grabs is zeroed after its time", async () => {
  const { inbox, board, dropped } = inboxOf({ freshMs: 10 });
  using _slot = inbox.open("cam");
  const bytes = picture(1);
  const counted = new Promise<void>((resolve) => {
    board.watch(() => dropped("too-old") === 1 && resolve());
  });
  inbox.take("cam", bytes);
  await counted;
  expect(isZero(bytes)).toBe(true);
});

test("what is of no open camera, empty, too large or beyond the room of all is zeroed", () => {
  const { inbox, dropped } = inboxOf({ bytesMax: 2500 });
  const slots = ["a", "b", "c"].map((id) => inbox.open(id));
  const kept = ["a", "b"].map((id) => {
    const bytes = picture(1);
    inbox.take(id, bytes);
    return bytes;
  });
  const refused = [picture(1), picture(1), picture(1, LIMITS.frameBytes + 1)] as const;
  inbox.take("c", refused[0]);
  inbox.take("nobody", refused[1]);
  inbox.take("c", refused[2]);
  inbox.take("c", Buffer.alloc(0));
  expect(["no-room", "no-camera", "too-large", "no-picture"].map(dropped)).toEqual([1, 1, 1, 1]);
  expect(refused.every(isZero)).toBe(true);
  // What was given back is room again.
  slots[0]?.[Symbol.dispose]();
  expect(kept.map(isZero)).toEqual([true, false]);
  const next = picture(1);
  inbox.take("c", next);
  expect(isZero(next)).toBe(false);
  inbox[Symbol.dispose]();
  expect([isZero(next), ...kept.map(isZero)]).toEqual([true, true, true]);
  expect(dropped("closed")).toBe(3);
});

test("a wait ends by stop, by a failure and by closing, each with its reason", async () => {
  const { inbox } = inboxOf();
  const slot = inbox.open("cam");
  const stop = new AbortController();
  const stopped = slot.next(60_000, stop.signal);
  stop.abort();
  await expect(stopped).rejects.toMatchObject({ code: "CAMERA_UNREACHABLE" });
  const failed = slot.next(60_000, never);
  slot.fail(new GatewayError("CAMERA_UNREACHABLE", "its folder is gone"));
  await expect(failed).rejects.toThrow("its folder is gone");
  const closed = slot.next(60_000, never);
  slot[Symbol.dispose]();
  await expect(closed).rejects.toThrow("closed");
  await expect(slot.next(1, never)).rejects.toMatchObject({ code: "CAMERA_UNREACHABLE" });
});
