// A camera that gives one picture per HTTP GET. Only the configured address is asked; redirects are not followed.
import { GatewayError } from "../core/errors.ts";
import { openHttpClient } from "../core/http-client.ts";
import { LIMITS } from "../core/limits.ts";
import { authorize, type Challenge, chooseChallenge, loginOf } from "./authorization.ts";
import type { Camera, CameraDeps } from "./camera.ts";
import { RawFrame } from "./raw-frame.ts";

type HttpHeaders = Readonly<Record<string, string>>;

/** `credentials`: "user:password". `ca`: PEM of a private authority. */
type Deps = CameraDeps & {
  readonly url: string;
  readonly credentials?: string | undefined;
  readonly ca?: string | undefined;
};

export function openHttpSnapshotCamera({
  id,
  url,
  credentials,
  ca,
  clock,
  grabMs = LIMITS.grabMs,
}: Deps): Camera & AsyncDisposable {
  const client = openHttpClient({ ca, connections: 1, connectTimeoutMs: Math.min(grabMs, LIMITS.cameraConnectMs) });
  const login = credentials === undefined ? null : loginOf(credentials, id);
  const { pathname, search } = new URL(url);
  /** The newest challenge, so that the next grab need not be refused first. */
  let challenge: Challenge | null = null;
  let nonceCount = 0;

  const ask = async (stop: AbortSignal): Promise<{ status: number; headers: HttpHeaders; body: Buffer }> => {
    nonceCount += 1;
    const by = { method: "GET", uri: `${pathname}${search}`, nonceCount };
    const headers: HttpHeaders =
      login === null || challenge === null ? {} : { authorization: authorize(challenge, { ...by, login }) };
    const outcome = await client.ask(
      { method: "GET", url, headers, answerBytesMax: LIMITS.frameBytes, timeoutMs: grabMs },
      stop,
    );
    if (outcome.kind === "answer") return outcome;
    if (outcome.how === "timeout") throw new GatewayError("CAMERA_TIMEOUT", `no picture from ${id} in ${grabMs} ms`);
    if (outcome.how === "too-large")
      throw new GatewayError("PICTURE_REFUSED", `the picture of ${id} is larger than ${LIMITS.frameBytes} bytes`);
    throw new GatewayError("CAMERA_UNREACHABLE", `camera ${id}: ${outcome.why}`);
  };

  return {
    id,
    async grab(stop) {
      let answer = await ask(stop);
      if (answer.status === 401 && login !== null) {
        challenge = chooseChallenge([answer.headers["www-authenticate"] ?? ""]);
        nonceCount = 0;
        if (challenge !== null) answer = await ask(stop);
      }
      const { status, body } = answer;
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
    return "Check the user name and password in the camera's credentialsFile; basic or digest authentication must be allowed.";
  if (status >= 300 && status < 400) return "The camera sends on to another address: write that address into the kit.";
  return "Open the camera's snapshot address in a browser: it should show one picture.";
}
