// Shown: what the RTSP relay hands on of a picture is zeroed in this process once the kernel has it (I1).
import { once } from "node:events";
import { Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { openRtspRelay } from "../../src/camera/rtsp-relay.ts";
import { RtspReader } from "../../src/camera/rtsp-messages.ts";
import { Decoder } from "../helpers/rtsp-decoder.ts";
import { lacksFfmpeg, serveRtspCamera } from "../helpers/rtsp-server.ts";
import { streetPicture } from "../helpers/street-picture.ts";

test.runIf(lacksFfmpeg === null)("bytes of the picture are zeroed here once the decoder has them", async () => {
  await using camera = await serveRtspCamera({ picture: await streetPicture() });
  const source = { id: "cam", url: camera.url, login: null };
  await using relay = await openRtspRelay(source, 10_000, new AbortController().signal);
  const writes = vi.spyOn(Socket.prototype, "write");
  onTestFinished(() => writes.mockRestore());
  const decoder = await Decoder.come(relay);
  await decoder.play();
  await once(decoder.socket, "data");
  const port = Number(new URL(relay.url).port);
  const handedOn = writes.mock.calls.flatMap(([bytes], at) => {
    const by: unknown = writes.mock.contexts[at];
    return by instanceof Socket && by.localPort === port && Buffer.isBuffer(bytes) ? [bytes] : [];
  });
  expect(handedOn.length).toBeGreaterThan(0);
  await expect.poll(() => handedOn.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
});

test("of what follows a text in one chunk no copy is left", () => {
  const copies = vi.spyOn(Buffer, "concat");
  onTestFinished(() => copies.mockRestore());
  new RtspReader().push(Buffer.from("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n$\0\0\x06pixels", "latin1"));
  const left = copies.mock.results.flatMap(({ type, value }) => (type === "return" ? [value] : []));
  expect(left.length).toBeGreaterThan(0);
  expect(left.filter((bytes) => bytes.includes("pixels"))).toEqual([]);
});
