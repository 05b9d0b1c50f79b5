// What can go wrong with an RTSP camera, in words a volunteer can act on. What the camera or ffmpeg said is never repeated:
// it may hold addresses, passwords or bytes of a picture.
import { GatewayError } from "../core/errors.ts";

const CHECK_LOGIN = "Check the user name and password in the camera's credentialsFile, at the camera itself too.";
const CHECK_PATH = "Check the path of the stream's address: it stands in the camera's manual, under RTSP or ONVIF.";
const OTHER_CODEC = "Set the stream to H.264 or H.265 on the camera's own page.";

const FAILURES = {
  ended: ["it is no longer asked", undefined],
  broken: ["the connection broke", undefined],
  closed: ["it closed the connection", "Does the camera allow one more viewer? Many allow few."],
  damaged: ["what it sends is no RTSP stream", CHECK_PATH],
  redirected: ["it sends on to another address", "Change the camera's address in the kit: it is the only one asked."],
  "no-video": ["its stream has no video", CHECK_PATH],
  "login-wanted": [
    "it wants a user name and password",
    "Name a credentialsFile in the kit, with one line user:password.",
  ],
  "login-wrong": ["wrong user name or password", CHECK_LOGIN],
  "challenge-unknown": [
    "it wants a login of an unknown kind",
    "Allow digest authentication at the camera. One that once asked for digest is not told the password in the clear; if you changed that, restart the gateway.",
  ],
  undecodable: ["its stream cannot be decoded", OTHER_CODEC],
  "no-decoder": ["ffmpeg cannot be started", "Install ffmpeg: sudo apt-get install ffmpeg"],
} as const;

const STATUSES: Readonly<Record<number, readonly [string, string]>> = {
  403: ["it does not let this user in", CHECK_LOGIN],
  404: ["it has no stream at this address", CHECK_PATH],
  453: ["it has too many viewers", "Close other programs that watch this camera, or allow more viewers at it."],
  461: ["it does not send over TCP", "Allow RTSP over TCP (interleaved) at the camera."],
  503: ["it is too busy", "Close other programs that watch this camera."],
};

export type Failure = keyof typeof FAILURES;

/** What came, and is no picture. */
const REFUSED: ReadonlySet<Failure | number> = new Set(["damaged", "no-video", "undecodable"] as const);

/** PICTURE_REFUSED or CAMERA_UNREACHABLE with the sentence for a failure or a status of RTSP. `detail`: of our own words only. */
export function failureOf(cameraId: string, what: Failure | number, detail?: string): GatewayError {
  const [text, hint] =
    typeof what === "number"
      ? (STATUSES[what] ?? [`it answered ${what} instead of a stream`, CHECK_PATH])
      : FAILURES[what];
  const message = `camera ${cameraId}: ${text}${detail === undefined ? "" : ` (${detail})`}`;
  return new GatewayError(
    REFUSED.has(what) ? "PICTURE_REFUSED" : "CAMERA_UNREACHABLE",
    message,
    hint === undefined ? {} : { hint },
  );
}

/** A grab's or a start's own bound. */
export function timeoutOf(cameraId: string, ms: number): GatewayError {
  return new GatewayError("CAMERA_TIMEOUT", `no picture from ${cameraId} in ${Math.round(ms)} ms`);
}

/** Whether to try again soon would lock the account. */
export function isLoginFailure({ message }: GatewayError): boolean {
  return [FAILURES["login-wrong"], FAILURES["login-wanted"], STATUSES[403]].some(
    (row) => row !== undefined && message.includes(row[0]),
  );
}
