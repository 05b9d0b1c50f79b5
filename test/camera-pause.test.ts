// A paused camera: no look by any trigger, no test, no self-check, and what it sends by itself is dropped unread. A draft policy is
// as a pause of all, but that a person may try a camera.
import { expect, test } from "vitest";
import { PictureInbox } from "../src/camera/picture-inbox.ts";
import { Board } from "../src/core/board.ts";
import { systemClock } from "../src/core/clock.ts";
import { pauseCamera } from "../src/registry/camera-pausing.ts";
import { exportKit, importKit } from "../src/registry/kit-exchange.ts";
import { CameraEntry } from "../src/settings/camera-schema.ts";
import { memoryRegistry } from "./helpers/memory-registry.ts";
import { openSite, rounds, settled } from "./helpers/watched-camera.ts";

const never = new AbortController().signal;

test("nothing makes a paused camera look, and each refusal is counted", async () => {
  await using site = await openSite({ camera: { schedule: { at: ["12:01"] } }, sends: true, held: "paused" });
  site.watch.onMotion("gate-pir");
  for (const heard of site.senders) heard();
  expect(await site.watch.lookNow("gate-cam")).toEqual({ outcome: "refused", why: "paused" });
  site.time.pass(60_000);
  await expect.poll(() => site.refused("paused")).toBe(4);
  await expect(site.watch.test("gate-cam", never)).rejects.toMatchObject({ code: "USAGE" });
  await rounds();
  expect([site.looks.length, site.checks.length]).toEqual([0, 0]);
  expect(site.watch.health("gate-cam")).toMatchObject({ held: "paused", missed: { paused: 4 } });
});

test("a pause ends the look in hand and the one that waits behind it, and the camera rests; afterwards it looks again", async () => {
  await using site = await openSite({ camera: { cooldownS: 0 } });
  const inHand = site.watch.lookNow("gate-cam");
  const behind = site.watch.lookNow("gate-cam");
  site.hold("paused");
  site.watch.keepHours();
  expect(await behind).toEqual({ outcome: "refused", why: "paused" });
  expect(site.looks[0]?.stop.aborted).toBe(true);
  site.looks[0]?.end({ kind: "stopped" });
  expect(await inHand).toEqual({ outcome: "refused", why: "paused" });
  expect(site.rests.at(-1)).toBe(true);
  site.hold(null);
  site.watch.keepHours();
  expect(site.rests.at(-1)).toBe(false);
  site.watch.onMotion("gate-pir");
  expect(site.looks).toHaveLength(2);
  expect(site.looks[1]?.stop.aborted).toBe(false);
});

test("while the policy is a draft a camera may be tried, and looks at nothing else", async () => {
  await using site = await openSite({ held: "draft" });
  site.watch.onMotion("gate-pir");
  await rounds();
  expect([site.looks.length, site.checks.length, site.refused("draft")]).toEqual([0, 0, 1]);
  expect((await site.watch.test("gate-cam", never))?.outcome).toBe("withheld");
});

test("what a paused camera sends is zeroed unread and counted; one whose test waits gets its picture", async () => {
  const board = new Board();
  let isPaused = true;
  using inbox = new PictureInbox({ clock: systemClock, board, isPaused: () => isPaused });
  let read = 0;
  using slot = inbox.open("gate-cam", (message) => {
    read += 1;
    return message;
  });
  const heard: number[] = [];
  slot.onPicture(() => heard.push(1));
  const message = Buffer.from([1, 2, 3]);
  inbox.take("gate-cam", message);
  const put = Buffer.from([4, 5]);
  slot.put(put);
  expect([message, put].map((bytes) => bytes.every((byte) => byte === 0))).toEqual([true, true]);
  expect([read, heard.length, board.all()["camera.picture.dropped.paused"]]).toEqual([0, 0, 2]);
  const next = slot.next(5000, never);
  inbox.take("gate-cam", Buffer.from([7]));
  using frame = await next;
  expect([frame.size, read]).toEqual([1, 1]);
  isPaused = false;
  inbox.take("gate-cam", Buffer.from([8]));
  expect(heard).toHaveLength(1);
});

test("a pause is kept with who asked, is no part of kit.yaml, and outlives a kit taken in", async () => {
  const registry = memoryRegistry();
  const camera = CameraEntry.parse({ id: "gate-cam", zone: "gate", source: { kind: "file", path: "/x.jpg" } });
  await registry.update((data) => void data.cameras.push(camera));
  await pauseCamera(registry, { id: "gate-cam", isPaused: true, by: "vera" });
  expect(registry.data().cameras[0]).toMatchObject({ paused: true, pausedBy: "vera" });
  const { cameras } = exportKit(registry.data());
  expect(cameras).toEqual([camera]);
  await registry.update((data) => importKit(data, { kit: { bridges: [], devices: [], cameras }, prune: true }));
  expect(registry.data().cameras[0]).toMatchObject({ paused: true, pausedBy: "vera" });
  await pauseCamera(registry, { id: "gate-cam", isPaused: false, by: "vera" });
  expect(registry.data().cameras[0]).toEqual(camera);
  await expect(pauseCamera(registry, { id: "no-cam", isPaused: true, by: "" })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  await settled();
});
