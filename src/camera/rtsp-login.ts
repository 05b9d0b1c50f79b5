// The login of one RTSP connection: the camera's challenge, and how often it was answered.
import type { GatewayError } from "../core/errors.ts";
import { authorize, type Challenge, chooseChallenge } from "./authorization.ts";
import type { CameraLogin } from "./camera.ts";
import { failureOf } from "./rtsp-failures.ts";

export class RtspLogin {
  readonly #cameraId: string;
  readonly #login: CameraLogin | null;
  #challenge: Challenge | null = null;
  #nonceCount = 0;

  constructor(cameraId: string, login: CameraLogin | null) {
    this.#cameraId = cameraId;
    this.#login = login;
  }

  /** The value of Authorization for a request; null until the camera has asked for one. */
  authorization(method: string, uri: string): string | null {
    if (this.#login === null || this.#challenge === null) return null;
    this.#nonceCount += 1;
    return authorize(this.#challenge, { login: this.#login, method, uri, nonceCount: this.#nonceCount });
  }

  /**
   * Takes the challenges of a 401. `tries`: how often this request was repeated for one. Null: it should be repeated; else
   * why not. A stale nonce is no wrong password (RFC 7616, 3.5); an answer that was refused is not given a third time,
   * since cameras lock accounts.
   */
  meet(challenges: readonly string[], tries: number): GatewayError | null {
    if (this.#login === null) return failureOf(this.#cameraId, "login-wanted");
    const challenge = chooseChallenge(challenges, this.#login);
    if (challenge === null) return failureOf(this.#cameraId, "challenge-unknown");
    const isStale = challenge.scheme === "digest" && challenge.isStale;
    if (tries > (isStale ? 1 : 0)) return failureOf(this.#cameraId, "login-wrong");
    this.#challenge = challenge;
    this.#nonceCount = 0;
    return null;
  }
}
