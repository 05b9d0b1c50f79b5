// HTTP cameras against servers on loopback, of one picture and of MJPEG: a whole picture or a reason, within the bound, from the address in the kit alone.
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { HttpCameraDeps } from "../../src/camera/http-camera.ts";
import { openHttpSnapshotCamera } from "../../src/camera/http-snapshot.ts";
import { openMjpegCamera } from "../../src/camera/mjpeg.ts";
import { bytesOfFrame } from "../../src/camera/raw-frame.ts";
import { systemClock } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { type HttpIllness, serveMjpegCamera, serveSnapshotCamera } from "../helpers/http-cameras.ts";
import type { Login } from "../helpers/http-login.ts";

const never = new AbortController().signal;
const PASSWORD = 'ha:w"thorn-4711';
const LOGIN = { user: "hédge-ж", password: PASSWORD } as const;
const CREDENTIALS = `${LOGIN.user}:${PASSWORD}`;
/** 40 kB that are whole for all that can be told without decoding. */
const PICTURE = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff]),
  Buffer.alloc(40_000, "PIXEL"),
  Buffer.from([0xff, 0xd9]),
]);
const OTHER = Buffer.concat([PICTURE.subarray(0, 30_000), Buffer.from([0xff, 0xd9])]);

const KINDS = [
  { kind: "http-snapshot", serve: serveSnapshotCamera, openIt: openHttpSnapshotCamera },
  { kind: "mjpeg", serve: serveMjpegCamera, openIt: openMjpegCamera },
] as const;

const deps = (url: string, more: Partial<HttpCameraDeps> = {}): HttpCameraDeps => ({
  id: "gate-cam",
  clock: systemClock,
  url,
  ...more,
});

async function pictureOf(camera: ReturnType<typeof openMjpegCamera>): Promise<Buffer> {
  using frame = await camera.grab(never);
  return Buffer.from(bytesOfFrame(frame));
}

/** What it throws; the whole of it holds no secret, no address and no byte of a picture. */
async function refusalOf(
  camera: ReturnType<typeof openMjpegCamera>,
): Promise<{ code: string; message: string; hint: string }> {
  const thrown: unknown = await camera.grab(never).then(
    () => null,
    (cause: unknown) => cause,
  );
  expect(inspect(thrown, { depth: 10, showHidden: true })).not.toMatch(/4711|hédge|PIXEL|127\.0\.0\.1|Basic |Digest /);
  expect(thrown).toMatchObject({ name: "GatewayError", hint: expect.stringMatching(/\w/) });
  return Object(thrown);
}

describe.each(KINDS)("$kind", ({ serve, openIt }) => {
  test("gives the camera's picture as it is then", async () => {
    await using server = await serve({ picture: PICTURE });
    await using camera = openIt(deps(server.url));
    expect(await pictureOf(camera)).toEqual(PICTURE);
    server.show(OTHER);
    expect(await pictureOf(camera)).toEqual(OTHER);
  });

  test.each<Omit<Login, "user" | "password">>([
    { scheme: "basic" },
    { scheme: "digest", algorithm: "MD5" },
    { scheme: "digest", algorithm: "SHA-256" },
    { scheme: "digest", algorithm: "MD5-sess" },
    { scheme: "digest", algorithm: "SHA-256-sess" },
    { scheme: "digest", algorithm: null },
    { scheme: "digest", algorithm: null, hasQop: false },
  ])("answers its challenge once and keeps to it: %o", async (login) => {
    await using server = await serve({ picture: PICTURE, login: { ...LOGIN, ...login } });
    await using camera = openIt(deps(server.url, { credentials: CREDENTIALS }));
    for (let grab = 0; grab < 4; grab += 1) expect(await pictureOf(camera)).toEqual(PICTURE);
    expect(server.asked.map(({ status }) => status)).toEqual([401, 200, 200, 200, 200]);
    expect(server.asked[0]?.authorization).toBeUndefined();
  });

  test("a stale nonce is answered anew, in the same grab", async () => {
    const login = { ...LOGIN, scheme: "digest", algorithm: "SHA-256", usesPerNonce: 2 } as const;
    await using server = await serve({ picture: PICTURE, login });
    await using camera = openIt(deps(server.url, { credentials: CREDENTIALS }));
    for (let grab = 0; grab < 3; grab += 1) await pictureOf(camera);
    expect(server.asked.map(({ status }) => status)).toEqual([401, 200, 200, 401, 200]);
  });

  test("nonces that are always stale end the grab", async () => {
    const login = { ...LOGIN, scheme: "digest", usesPerNonce: 0 } as const;
    await using server = await serve({ picture: PICTURE, login });
    await using camera = openIt(deps(server.url, { credentials: CREDENTIALS }));
    expect(await refusalOf(camera)).toMatchObject({ code: "CAMERA_UNREACHABLE" });
    expect(server.asked).toHaveLength(3);
  });

  test.each(["basic", "digest"] as const)("a wrong password is tried once a grab (%s)", async (scheme) => {
    await using server = await serve({ picture: PICTURE, login: { ...LOGIN, scheme, password: "another" } });
    await using camera = openIt(deps(server.url, { credentials: CREDENTIALS }));
    for (const grabs of [1, 2]) {
      expect(await refusalOf(camera)).toMatchObject({
        code: "CAMERA_UNREACHABLE",
        hint: expect.stringContaining("Wrong user name or password"),
      });
      expect(server.asked.filter(({ authorization }) => authorization !== undefined)).toHaveLength(grabs);
    }
    server.relock(LOGIN);
    expect(await pictureOf(camera)).toEqual(PICTURE);
  });

  test("a login that is missing is asked for", async () => {
    await using server = await serve({ picture: PICTURE, login: { ...LOGIN, scheme: "digest" } });
    await using camera = openIt(deps(server.url));
    expect(await refusalOf(camera)).toMatchObject({ hint: expect.stringContaining("credentialsFile") });
  });

  test("a login that the camera does not ask for is not sent", async () => {
    await using server = await serve({ picture: PICTURE });
    await using camera = openIt(deps(server.url, { credentials: CREDENTIALS }));
    await pictureOf(camera);
    expect(server.asked).toEqual([{ authorization: undefined, status: 200 }]);
  });

  const ILLNESSES: readonly (readonly [HttpIllness, string, RegExp])[] = [
    [{ kind: "silent" }, "CAMERA_TIMEOUT", /in 300 ms/],
    [{ kind: "hangs-in-header" }, "CAMERA_TIMEOUT", /in 300 ms/],
    [{ kind: "hangs-at-10000" }, "CAMERA_TIMEOUT", /in 300 ms/],
    [{ kind: "one-byte-a-second" }, "CAMERA_TIMEOUT", /in 300 ms/],
    [{ kind: "endless-header" }, "CAMERA_UNREACHABLE", /HEADERS_OVERFLOW/],
    [{ kind: "endless-body" }, "PICTURE_REFUSED", /larger than/],
    [{ kind: "too-large" }, "PICTURE_REFUSED", /larger than/],
    [{ kind: "gone-in-the-middle" }, "CAMERA_UNREACHABLE", /cut the connection|ended/],
    [{ kind: "refuses" }, "CAMERA_UNREACHABLE", /cut the connection|reached/],
    [{ kind: "ends-at-once" }, "CAMERA_UNREACHABLE", /cut the connection/],
    [{ kind: "empty" }, "PICTURE_REFUSED|CAMERA_UNREACHABLE", /empty|ended/],
    [{ kind: "text" }, "PICTURE_REFUSED", /page or text/],
    [{ kind: "wrong-length", by: -500 }, "PICTURE_REFUSED", /cut short|does not fit/],
    [{ kind: "wrong-length", by: 500 }, "CAMERA_UNREACHABLE", /cut the connection|ended/],
    [{ kind: "redirects", to: "/cgi/picture.jpg?again" }, "CAMERA_UNREACHABLE", /not followed/],
    [{ kind: "redirects", to: "http://192.0.2.1/" }, "CAMERA_UNREACHABLE", /not followed/],
    [{ kind: "redirects", to: "file:///etc/passwd" }, "CAMERA_UNREACHABLE", /not followed/],
    [{ kind: "status", status: 403 }, "CAMERA_UNREACHABLE", /403/],
    [{ kind: "status", status: 404 }, "CAMERA_UNREACHABLE", /404/],
    [{ kind: "status", status: 503 }, "CAMERA_UNREACHABLE", /503/],
  ];
  test.each(ILLNESSES)("%o ends with its reason, and the next grab is well", async (ill, code, why) => {
    await using server = await serve({ picture: PICTURE });
    const isSlow = code === "CAMERA_TIMEOUT";
    await using camera = openIt(deps(server.url, isSlow ? { grabMs: 300 } : {}));
    server.fall(ill);
    const refusal = await refusalOf(camera);
    expect(refusal).toMatchObject({ code: expect.stringMatching(code), message: expect.stringMatching(why) });
    expect(server.asked.length).toBeLessThanOrEqual(ill.kind === "refuses" ? 0 : 1);
    server.show(OTHER);
    expect(await pictureOf(camera)).toEqual(OTHER);
  });

  test("a redirect to this machine is not followed", async () => {
    await using decoy = await serve({ picture: OTHER });
    await using server = await serve({ picture: PICTURE });
    server.fall({ kind: "redirects", to: decoy.url });
    await using camera = openIt(deps(server.url));
    await refusalOf(camera);
    expect(decoy.connections()).toBe(0);
  });

  test("a name that leads to this machine is not asked", async () => {
    await using server = await serve({ picture: PICTURE });
    const resolve = async () => ["127.0.0.1"];
    await using camera = openIt(deps(`http://cam.example:${server.port}/`, { resolve }));
    expect(await refusalOf(camera)).toMatchObject({
      code: "CAMERA_UNREACHABLE",
      message: expect.stringContaining("this machine"),
    });
    expect(server.connections()).toBe(0);
  });

  test("the second request of a grab has no time of its own", async () => {
    await using server = await serve({ picture: PICTURE, login: { ...LOGIN, scheme: "digest" } });
    server.fall({ kind: "silent" });
    await using camera = openIt(deps(server.url, { credentials: CREDENTIALS, grabMs: 300 }));
    expect(await refusalOf(camera)).toMatchObject({
      code: "CAMERA_TIMEOUT",
      message: "no picture from gate-cam in 300 ms",
    });
    expect(server.asked.map(({ status }) => status)).toEqual([401, 0]);
  });

  test("a stop ends a grab at once, and so does closing the camera", async () => {
    await using server = await serve({ picture: PICTURE });
    server.fall({ kind: "silent" });
    await using camera = openIt(deps(server.url, { grabMs: 60_000 }));
    await expect(camera.grab(AbortSignal.abort())).rejects.toMatchObject({ code: "CAMERA_UNREACHABLE" });
    const grabbing = camera.grab(never);
    const [refused] = await Promise.allSettled([grabbing, camera[Symbol.asyncDispose]()]);
    expect(refused).toMatchObject({ status: "rejected", reason: { code: "CAMERA_UNREACHABLE" } });
  });

  test("credentials that are not user:password are refused before anybody is asked", () => {
    expect(() => openIt(deps("http://127.0.0.1:9/", { credentials: "4711" }))).toThrow(
      expect.objectContaining({ code: "SECRET_UNREADABLE" }),
    );
  });
});

test("a camera that closes its connection after each answer, without a word, is asked as any other", async () => {
  await using server = await serveSnapshotCamera({ picture: PICTURE, login: { ...LOGIN, scheme: "digest" } });
  await using camera = openHttpSnapshotCamera(deps(server.url, { credentials: CREDENTIALS }));
  for (let grab = 0; grab < 3; grab += 1) await pictureOf(camera);
  expect(server.connections()).toBe(server.asked.length);
});

test("a PNG or WebP is a picture too, and what is none of the three is not", async () => {
  await using server = await serveSnapshotCamera({ picture: PICTURE });
  await using camera = openHttpSnapshotCamera(deps(server.url));
  for (const head of ["\x89PNG\r\n\x1a\n", "RIFF1234WEBPVP8 "]) {
    server.show(Buffer.from(`${head}PIXELS`, "latin1"));
    expect(await pictureOf(camera)).toHaveLength(head.length + 6);
  }
  server.show(Buffer.from("GIF89a PIXELS"));
  expect(await refusalOf(camera)).toMatchObject({
    code: "PICTURE_REFUSED",
    message: expect.stringContaining("no JPEG, PNG or WebP"),
  });
});

describe("mjpeg", () => {
  test.each(["lengths", "boundaries", "single"] as const)("is taken as %s", async (form) => {
    await using server = await serveMjpegCamera({ picture: PICTURE, form });
    await using camera = openMjpegCamera(deps(server.url));
    for (let grab = 0; grab < 3; grab += 1) expect(await pictureOf(camera)).toEqual(PICTURE);
  });

  test("a picture of the largest size that is read comes through", async () => {
    const largest = Buffer.concat([
      PICTURE.subarray(0, -2),
      Buffer.alloc(LIMITS.frameBytes - PICTURE.length),
      PICTURE.subarray(-2),
    ]);
    await using server = await serveMjpegCamera({ picture: largest });
    await using camera = openMjpegCamera(deps(server.url));
    expect((await pictureOf(camera)).equals(largest)).toBe(true);
  });
});
