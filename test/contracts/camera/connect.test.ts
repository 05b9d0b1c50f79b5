// Shown: a camera whose address does not even answer a connection's first packet costs its bound, for every kind that is asked
// over the network; opened as the kit has it.
import { expect, test } from "vitest";
import { openCamera } from "../../../src/camera/open-cameras.ts";
import { PictureInbox } from "../../../src/camera/picture-inbox.ts";
import { Board } from "../../../src/core/board.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { silentLog } from "../../../src/core/log.ts";
import type { CameraSettings } from "../../../src/settings/schema.ts";
import { descendants } from "../../helpers/processes.ts";
import { ILLNESSES, openDeafPort, PASSWORD, USER } from "./harness.ts";

const GRAB_MS = 1500;
/** Far below the bound of a grab that was not told of this one. */
const SLACK_MS = 4000;

test.each<{ name: string; sourceAt: (authority: string) => CameraSettings["source"] }>([
  { name: "http-snapshot", sourceAt: (at) => ({ kind: "http-snapshot", url: `http://${at}/`, credentialsFile: "x" }) },
  { name: "http-snapshot with TLS", sourceAt: (at) => ({ kind: "http-snapshot", url: `https://${at}/` }) },
  { name: "mjpeg", sourceAt: (at) => ({ kind: "mjpeg", url: `http://${at}/`, credentialsFile: "x" }) },
  { name: "rtsp", sourceAt: (at) => ({ kind: "rtsp", url: `rtsp://${at}/1`, credentialsFile: "x", warm: false }) },
  { name: "rtsp with TLS", sourceAt: (at) => ({ kind: "rtsp", url: `rtsps://${at}/1`, warm: false }) },
  { name: "rtsp, kept open", sourceAt: (at) => ({ kind: "rtsp", url: `rtsp://${at}/1`, warm: true }) },
])("$name: one that hangs at connect costs its bound, and leaves no process", async ({ sourceAt }) => {
  await using deaf = await openDeafPort();
  const before = [...descendants().keys()];
  using inbox = new PictureInbox({ clock: systemClock, board: new Board() });
  const camera = await openCamera({
    id: "cam",
    clock: systemClock,
    grabMs: GRAB_MS,
    source: sourceAt(`127.0.0.1:${deaf.port}`),
    readSecret: () => Promise.resolve(`${USER}:${PASSWORD}`),
    inbox,
    log: silentLog,
  });
  const from = performance.now();
  const thrown: unknown = await camera.grab(new AbortController().signal).catch((error: unknown) => error);
  expect(performance.now() - from).toBeLessThan(GRAB_MS + SLACK_MS);
  expect(thrown).toBeInstanceOf(GatewayError);
  expect(ILLNESSES["hangs at connect"]).toContain(thrown instanceof GatewayError && thrown.code);
  await camera[Symbol.asyncDispose]?.();
  await expect.poll(() => [...descendants().keys()]).toEqual(before);
});
