// Shown: frames in memory have room for so many bytes together, in the order of asking, and nobody waits for ever.
import { expect, test } from "vitest";
import { FrameRoom, type Place } from "../../src/camera/frame-room.ts";

const never = new AbortController().signal;
const BOUNDS = { bytesMax: 100, usualBytes: 40, waitingMax: 2 };

async function place(asked: Promise<Place | null>): Promise<Place> {
  const got = await asked;
  if (got === null) throw new Error("there is no place");
  return got;
}

test("as many usual frames as fit are in the room, and the next enters when one leaves, in order", async () => {
  const room = new FrameRoom(BOUNDS);
  const [one, two] = [await place(room.enter(never)), await place(room.enter(never))];
  const entered: string[] = [];
  const third = place(room.enter(never)).then((got) => (entered.push("third"), got));
  const fourth = place(room.enter(never)).then((got) => (entered.push("fourth"), got));
  expect(await room.enter(never)).toBeNull();
  one[Symbol.dispose]();
  const held = await third;
  expect(entered).toEqual(["third"]);
  two[Symbol.dispose]();
  await fourth;
  expect(entered).toEqual(["third", "fourth"]);
  held[Symbol.dispose]();
});

test("a small frame makes room for another at once, a large one is refused beside others and taken alone", async () => {
  const room = new FrameRoom(BOUNDS);
  const one = await place(room.enter(never));
  const two = await place(room.enter(never));
  const waiting = place(room.enter(never));
  expect(one.grow(10)).toBe(true);
  const three = await waiting;
  expect(two.grow(90)).toBe(false);
  for (const each of [one, two, three]) each[Symbol.dispose]();
  const alone = await place(room.enter(never));
  expect(alone.grow(1000)).toBe(true);
  alone[Symbol.dispose]();
  await place(room.enter(never));
});

test("a place is given back once, however often it is disposed of", async () => {
  const room = new FrameRoom(BOUNDS);
  const one = await place(room.enter(never));
  await place(room.enter(never));
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  await place(room.enter(never));
  const stop = new AbortController();
  const waiting = room.enter(stop.signal);
  stop.abort(new Error("the gateway ends"));
  await expect(waiting).rejects.toThrow("the gateway ends");
});

test("cameras that gave nothing last time hold little room, so that the living do not wait for them", async () => {
  const room = new FrameRoom({ ...BOUNDS, silentBytes: 1 });
  const [one, two] = [await place(room.enter(never, "one")), await place(room.enter(never, "two"))];
  const third = place(room.enter(never, "three"));
  for (const dead of [one, two]) dead[Symbol.dispose]();
  expect((await third).grow(40)).toBe(true);
  const again = [await place(room.enter(never, "one")), await place(room.enter(never, "two"))];
  const living = await place(room.enter(never, "four"));
  expect(
    again.map((each) => each.grow(30)),
    "one that is there again takes what is left",
  ).toEqual([false, false]);
  living[Symbol.dispose]();
  expect(again[0]?.grow(30)).toBe(true);
});

test("a camera whose look was stopped is not taken for dead", async () => {
  const room = new FrameRoom({ ...BOUNDS, silentBytes: 1 });
  const stop = new AbortController();
  const one = await place(room.enter(stop.signal, "one"));
  stop.abort();
  one[Symbol.dispose]();
  await place(room.enter(never, "one"));
  await place(room.enter(never, "two"));
  const waits = room.enter(never, "three");
  const first = await Promise.race([waits, new Promise<string>((resolve) => setImmediate(() => resolve("waits")))]);
  expect(first).toBe("waits");
});
