// A camera that gives one picture per HTTP GET. Only the configured address is asked; redirects are not followed.
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { openHttpClient } from "../core/http-client.ts";
import { LIMITS } from "../core/limits.ts";
import type { Camera } from "./camera.ts";
import { RawFrame } from "./raw-frame.ts";

/** `credentials`: "user:password" for basic authentication. `ca`: PEM of a private authority. `grabMs`: for the whole grab. */
type Deps = {
  readonly id: string;
  readonly url: string;
  readonly credentials?: string | undefined;
  readonly ca?: string | undefined;
  readonly clock: Clock;
  readonly grabMs?: number;
};

export function openHttpSnapshotCamera({
  id,
  url,
  credentials,
  ca,
  clock,
  grabMs = LIMITS.grabMs,
}: Deps): Camera & AsyncDisposable {
  const client = openHttpClient({ ca, connections: 1, connectTimeoutMs: Math.min(grabMs, 3000) });
  const headers =
    credentials === undefined ? {} : { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
  return {
    id,
    async grab(stop) {
      const outcome = await client.ask(
        { method: "GET", url, headers, answerBytesMax: LIMITS.frameBytes, timeoutMs: grabMs },
        stop,
      );
      if (outcome.kind === "failed") {
        if (outcome.how === "timeout")
          throw new GatewayError("CAMERA_TIMEOUT", `no picture from ${id} in ${grabMs} ms`);
        if (outcome.how === "too-large")
          throw new GatewayError("PICTURE_REFUSED", `the picture of ${id} is larger than ${LIMITS.frameBytes} bytes`);
        throw new GatewayError("CAMERA_UNREACHABLE", `camera ${id}: ${outcome.why}`);
      }
      const { status, body } = outcome;
      if (status !== 200) {
        body.fill(0);
        throw new GatewayError("CAMERA_UNREACHABLE", `camera ${id} answered ${status} instead of a picture`, {
          hint: hintFor(status),
        });
      }
      return new RawFrame({ bytes: body, cameraId: id, takenAtMs: clock.nowMs() });
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

function hintFor(status: number): string {
  if (status === 401 || status === 403)
    return "Check the user name and password in the camera's credentialsFile; basic authentication must be allowed.";
  if (status >= 300 && status < 400) return "The camera sends on to another address: write that address into the kit.";
  return "Open the camera's snapshot address in a browser: it should show one picture.";
}
