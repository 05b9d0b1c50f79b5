// What cameras asked over HTTP have in common: one GET of the one address a person wrote, its login, and what is no picture.
// No redirect is followed, and the connection is checked by core/peer-check.ts.
import { GatewayError } from "../core/errors.ts";
import type { BodyFate, HttpAnswer, HttpHead } from "../core/http-answer.ts";
import { type HttpOutcome, openHttpClient } from "../core/http-client.ts";
import { LIMITS } from "../core/limits.ts";
import type { Resolve } from "../core/peer-check.ts";
import { authorize, type Challenge, chooseChallenge, loginOf } from "./authorization.ts";
import type { CameraDeps } from "./camera.ts";
import { isCutJpeg, isPicture } from "./picture-form.ts";

/** `credentials`: "user:password". `ca`, `certSha256`: see PeerTrust. */
export type HttpCameraDeps = CameraDeps & {
  readonly url: string;
  readonly credentials?: string | undefined;
  readonly ca?: string | undefined;
  readonly certSha256?: string | undefined;
  readonly resolve?: Resolve | undefined;
};

export type HttpCamera = AsyncDisposable & {
  /**
   * The body of the camera's answer, one buffer for the caller to zero, empty where `fate` has it taken. One call at a time. Throws
   * as Camera.grab does, within grabMs for all its requests. `fate`: asked of an answer that is no refusal.
   */
  get(fate: (head: HttpHead) => BodyFate, stop: AbortSignal): Promise<HttpAnswer>;
};

export function openHttpCamera(deps: HttpCameraDeps): HttpCamera {
  const { id, url, credentials, ca, certSha256, resolve, grabMs = LIMITS.grabMs } = deps;
  const client = openHttpClient({
    peer: { ca, certSha256, resolve },
    connections: 1,
    connectTimeoutMs: Math.min(grabMs, LIMITS.cameraConnectMs),
  });
  const login = credentials === undefined ? null : loginOf(credentials, id);
  const { pathname, search } = new URL(url);
  /** The newest challenge that was answered well, so that the next grab need not be refused first. */
  let challenge: Challenge | null = null;
  let nonceCount = 0;

  const ask = async (fate: (head: HttpHead) => BodyFate, stop: AbortSignal): Promise<HttpAnswer> => {
    nonceCount += 1;
    const by = { method: "GET", uri: `${pathname}${search}`, nonceCount };
    // In UTF-8, as the digest's hash takes it (RFC 7616, 3.4); a header's text is one byte a character.
    const authorization =
      login === null || challenge === null
        ? null
        : Buffer.from(authorize(challenge, { ...by, login })).toString("latin1");
    const outcome = await client.ask(
      {
        method: "GET",
        url,
        headers: authorization === null ? {} : { authorization },
        answerBytesMax: LIMITS.frameBytes + LIMITS.cameraHeaderBytes,
        timeoutMs: grabMs,
        // Of a refusal no byte is waited for.
        bodyFate: (head) => (head.status === 200 ? fate(head) : "cut"),
      },
      stop,
    );
    if (outcome.kind === "answer") return outcome;
    throw failureOf(outcome, id);
  };

  /** Asks, and answers a challenge; once more where our nonce was too old only. */
  const askWithLogin = async (
    fate: (head: HttpHead) => BodyFate,
    stop: AbortSignal,
  ): Promise<{ answer: HttpAnswer; isPasswordWrong: boolean }> => {
    let answer = await ask(fate, stop);
    if (login === null) return { answer, isPasswordWrong: false };
    for (let answered = 0; answer.status === 401 && answered < 2; answered += 1) {
      const fresh = chooseChallenge([answer.headers["www-authenticate"] ?? ""], login);
      const isStale = fresh?.scheme === "digest" && fresh.isStale;
      if (fresh === null || (answered > 0 && !isStale)) return { answer, isPasswordWrong: fresh !== null };
      challenge = fresh;
      nonceCount = 0;
      answer = await ask(fate, stop);
    }
    return { answer, isPasswordWrong: challenge !== null };
  };

  return {
    async get(fate, stop) {
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), grabMs);
      try {
        const { answer, isPasswordWrong } = await askWithLogin(fate, AbortSignal.any([stop, deadline.signal]));
        if (answer.status === 200) return answer;
        answer.body.fill(0);
        // A wrong password is tried once a grab, so that the camera does not lock us out sooner than it must.
        challenge = null;
        throw refusalOf({ id, status: answer.status, hasLogin: login !== null, isPasswordWrong });
      } catch (thrown) {
        if (!deadline.signal.aborted || stop.aborted) throw thrown;
        throw new GatewayError("CAMERA_TIMEOUT", `no picture from ${id} in ${grabMs} ms`);
      } finally {
        clearTimeout(timer);
      }
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** The bytes, if they are a whole picture of a size that is read; otherwise they are zeroed and PICTURE_REFUSED is thrown. */
export function wholePicture({ headers, body }: HttpAnswer, id: string): Buffer {
  const why = whyNoPicture(body, headers["content-type"] ?? "");
  if (why === null) return body;
  body.fill(0);
  throw new GatewayError("PICTURE_REFUSED", `camera ${id} ${why.what}`, { hint: why.hint });
}

function whyNoPicture(body: Buffer, contentType: string): { what: string; hint: string } | null {
  const isText =
    /^(text|application)\/(html|plain|xml|json|xhtml)/i.test(contentType) ||
    /^[\s\ufeff]*[<{]/.test(body.toString("latin1", 0, 64));
  if (body.length === 0) return { what: "sent an empty answer instead of a picture", hint: ADDRESS_HINT };
  if (body.length > LIMITS.frameBytes)
    return {
      what: `sent a picture larger than ${LIMITS.frameBytes} bytes`,
      hint: "Choose a smaller picture or a lower quality in the camera's settings.",
    };
  if (!isPicture(body))
    return isText
      ? {
          what: "answered with a page or text instead of a picture",
          hint: `Is it a login or error page? ${ADDRESS_HINT}`,
        }
      : { what: "sent what is no JPEG, PNG or WebP picture", hint: ADDRESS_HINT };
  return isCutJpeg(body)
    ? {
        what: "sent a picture that is cut short",
        hint: "It comes again with the next trigger; if not, restart the camera or choose a smaller picture in its settings.",
      }
    : null;
}

const ADDRESS_HINT = "Open the camera's address of the kit in a browser: it should show the picture and nothing else.";

function failureOf({ how, why, hint }: Extract<HttpOutcome, { kind: "failed" }>, id: string): GatewayError {
  const options = hint === undefined ? {} : { hint };
  switch (how) {
    case "timeout":
      return new GatewayError("CAMERA_TIMEOUT", `camera ${id}: ${why}`, options);
    case "too-large":
      return new GatewayError("PICTURE_REFUSED", `the picture of ${id} is larger than ${LIMITS.frameBytes} bytes`, {
        hint: "Does the address give one picture, and not a video? Open it in a browser.",
      });
    case "unreachable":
    case "untrusted":
    case "refused":
    case "broken":
    case "stopped":
      return new GatewayError("CAMERA_UNREACHABLE", `camera ${id}: ${why}`, options);
  }
}

function refusalOf(asked: { id: string; status: number; hasLogin: boolean; isPasswordWrong: boolean }): GatewayError {
  const { id, status, hasLogin, isPasswordWrong } = asked;
  const refuse = (what: string, hint: string): GatewayError =>
    new GatewayError("CAMERA_UNREACHABLE", `camera ${id} ${what}`, { hint });
  if (status === 401 && !hasLogin)
    return refuse(
      "asks for a user name and a password (401)",
      "Write user:password into a file and name it as the camera's credentialsFile.",
    );
  if (status === 401 && isPasswordWrong)
    return refuse(
      "refuses our user name or password (401)",
      "Wrong user name or password: correct the camera's credentialsFile. Upper and lower case count.",
    );
  if (status === 401)
    return refuse(
      "asks for a login in a way that Hedgerow does not know (401)",
      "Allow digest authentication in the camera's settings. A camera that once asked for digest is not told the password in the clear; if you changed that, restart the gateway.",
    );
  if (status === 403)
    return refuse(
      "does not allow our user to take pictures (403)",
      "Give the user in credentialsFile the right to see live pictures, in the camera's settings.",
    );
  if (status >= 300 && status < 400)
    return refuse(
      `sends on to another address (${status}), which is not followed`,
      "Open the camera's address in a browser; where it ends up, write that address into the kit.",
    );
  return refuse(`answered ${status} instead of a picture`, ADDRESS_HINT);
}
