// Shown: pictures of GStreamer's RTSP server by our relay and ffmpeg, anew and kept, with each login, over TLS; what the stream is
// made of; and that meanwhile no process of this machine shows the password, and afterwards none is left.
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { expect, test } from "vitest";
import { type StreamDescription, describeStream } from "../../src/camera/describe-stream.ts";
import type { Camera } from "../../src/camera/camera.ts";
import { openCamera } from "../../src/camera/open-cameras.ts";
import { PictureInbox } from "../../src/camera/picture-inbox.ts";
import { bytesOfFrame, type RawFrame } from "../../src/camera/raw-frame.ts";
import { rtspSourceOf } from "../../src/camera/rtsp-camera.ts";
import { decodePictures } from "../../src/camera/rtsp-decoder.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { makeCertificates } from "../helpers/certificates.ts";
import { lacksGstreamer, startGstreamerCamera } from "../helpers/rtsp-gstreamer.ts";
import { lacksFfmpeg, serveRtspCamera } from "../helpers/rtsp-server.ts";
import { streetPicture } from "../helpers/street-picture.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { textLog } from "../helpers/text-log.ts";

const never = new AbortController().signal;
const LOGIN = ["hedge", "hawthorn-5813"] as const;
const CREDENTIALS = LOGIN.join(":");
const GRAB_MS = 15_000;
const lacks = lacksGstreamer ?? lacksFfmpeg;
if (lacks !== null) console.warn(`SKIPPED: RTSP cameras are not tested: Debian package ${lacks} is missing`);
const isThere = lacks === null;

type Source = {
  readonly url: string;
  readonly warm?: boolean;
  readonly caFile?: string;
  readonly credentialsFile?: string;
};

/** As the gateway opens it; what it logs is looked at when it closes. */
async function open({ warm = false, ...source }: Source): Promise<Camera & AsyncDisposable> {
  const { log, lines } = textLog();
  const camera = await openCamera({
    id: "cam",
    clock: systemClock,
    grabMs: GRAB_MS,
    source: { kind: "rtsp", warm, ...source },
    readSecret: async (file) => (file === "cam.cred" ? CREDENTIALS : await readFile(file, "utf8")),
    inbox: new PictureInbox({ clock: systemClock, board: new Board() }),
    log,
  });
  return {
    ...camera,
    async [Symbol.asyncDispose]() {
      await camera[Symbol.asyncDispose]?.();
      expect(lines.join("")).not.toContain(LOGIN[1]);
    },
  };
}

async function sizeOf(frame: RawFrame): Promise<string> {
  const { width, height, format } = await sharp(bytesOfFrame(frame)).metadata();
  return `${format} ${width}x${height}`;
}

/** Command lines and environments of all processes of this machine, by number. */
function processes(): Map<string, string> {
  const numbers = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return new Map(
    numbers.map((pid) => [pid, ["cmdline", "environ"].map((file) => readOr(`/proc/${pid}/${file}`)).join("\0")]),
  );
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // it has ended meanwhile
  }
}

/** Decoders and probes below this process, by number. */
function ours(): string[] {
  return [...processes().keys()].filter(
    (pid) =>
      /^PPid:\t(\d+)$/m.exec(readOr(`/proc/${pid}/status`))?.[1] === String(process.pid) &&
      /ffmpeg|ffprobe|setpriv/.test(readOr(`/proc/${pid}/cmdline`)),
  );
}

/** Looks at all processes until `work` is done; how many of ours it saw, and which showed a secret. */
async function watching(work: Promise<unknown>): Promise<{ seen: number; telling: string[] }> {
  const state = { isOver: false };
  const over = work.finally(() => {
    state.isOver = true;
  });
  const seen = new Set<string>();
  const telling: string[] = [];
  while (!state.isOver) {
    for (const pid of ours()) seen.add(pid);
    for (const text of processes().values())
      if (text.includes(LOGIN[1]) || text.includes(Buffer.from(CREDENTIALS).toString("base64"))) telling.push(text);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await over;
  return { seen: seen.size, telling };
}

test.runIf(isThere).each(["basic", "digest"] as const)(
  "a picture comes from a camera with %s login; sound is not asked for, and the session is ended",
  async (scheme) => {
    await using server = await startGstreamerCamera({ login: LOGIN, scheme, sound: true });
    await using camera = await open({ url: server.url, credentialsFile: "cam.cred" });
    using frame = await camera.grab(never);
    expect(await sizeOf(frame)).toBe("jpeg 640x480");
    await expect.poll(() => server.asked.at(-1)).toContain("TEARDOWN");
    expect(server.asked.filter((line) => line.startsWith("SETUP"))).toEqual([`SETUP ${server.url}/stream=0`]);
    expect(ours()).toEqual([]);
  },
);

test.runIf(isThere)("a picture comes of H.265, too", async () => {
  await using server = await startGstreamerCamera({ codec: "h265" });
  await using camera = await open({ url: server.url });
  using frame = await camera.grab(never);
  expect(await sizeOf(frame)).toBe("jpeg 640x480");
});

test.runIf(isThere)("a picture comes over TLS, by an authority of one's own", async () => {
  await using folder = await tempDir();
  const { caFile, certFile: certificate, keyFile: key } = await makeCertificates(folder.path);
  await using server = await startGstreamerCamera({ certificate, key });
  await using camera = await open({ url: server.url, caFile });
  using frame = await camera.grab(never);
  expect(await sizeOf(frame)).toBe("jpeg 640x480");
});

test.runIf(isThere)(
  "a kept stream gives pictures by one connection, and is begun again when its decoder dies",
  async () => {
    await using server = await startGstreamerCamera({ login: LOGIN, scheme: "digest" });
    await using camera = await open({ url: server.url, credentialsFile: "cam.cred", warm: true });
    const hours: number[] = [];
    for (let times = 0; times < 3; times++) {
      using frame = await camera.grab(never);
      expect(await sizeOf(frame)).toBe("jpeg 640x480");
      hours.push(frame.takenAtMs);
    }
    expect(hours.toSorted((a, b) => a - b)).toEqual(hours);
    expect(server.asked.filter((line) => line.startsWith("PLAY"))).toHaveLength(1);
    const [decoder = "0"] = ours();
    process.kill(Number(decoder), "SIGKILL");
    await expect
      .poll(
        () =>
          camera.grab(never).then(
            (frame) => frame[Symbol.dispose](),
            () => "not yet",
          ),
        { timeout: 15_000 },
      )
      .toBeUndefined();
    expect(ours()).not.toContain(decoder);
    expect(server.asked.filter((line) => line.startsWith("PLAY")).length).toBeGreaterThan(1);
    await camera[Symbol.asyncDispose]?.();
    expect(ours()).toEqual([]);
  },
);

test.runIf(isThere)("a key frame is handed on as it comes, and waits for none that follow it", async () => {
  await using server = await serveRtspCamera({ picture: await streetPicture() });
  // 31 frames, each fifth and the last of them a key frame, and then nothing. What looks first takes the first second.
  server.behave((request, { sendFrame }) => {
    if (request !== "playing") return false;
    for (let times = 0; times < 31; times++) sendFrame();
    return true;
  });
  const source = rtspSourceOf({ id: "cam", url: server.url });
  const sizes: number[] = [];
  for await (const bytes of decodePictures({ source, silentMs: GRAB_MS, isOne: false }, never)) {
    sizes.push(bytes.length);
    if (sizes.length === 7) break;
  }
  expect(sizes).toHaveLength(7);
  await expect.poll(() => server.asked.at(-1)?.method).toBe("TEARDOWN");
  expect(ours()).toEqual([]);
});

test.runIf(isThere)(
  "while a picture comes, and while a stream is described, no process shows the password",
  async () => {
    await using server = await startGstreamerCamera({ login: LOGIN, scheme: "digest", sound: true });
    await using camera = await open({ url: server.url, credentialsFile: "cam.cred" });
    const grabbed = await watching(camera.grab(never).then((frame) => frame[Symbol.dispose]()));
    expect(grabbed.telling).toEqual([]);
    expect(grabbed.seen).toBeGreaterThan(0);
    const source = rtspSourceOf({ id: "cam", url: server.url, credentials: CREDENTIALS });
    const description = Promise.withResolvers<StreamDescription>();
    const described = await watching(describeStream({ source }, never).then(description.resolve));
    expect(described.telling).toEqual([]);
    expect(described.seen).toBeGreaterThan(0);
    expect(await description.promise).toEqual({
      codec: "h264",
      width: 640,
      height: 480,
      framesPerSecond: 10,
      hasSound: true,
      transport: "tcp",
    });
    expect(server.asked.filter((line) => line.includes("stream=1"))).toEqual([]);
    expect(ours()).toEqual([]);
  },
);

test.runIf(isThere)("a stream that cannot be described says why, within its bound, and leaves no process", async () => {
  await using server = await serveRtspCamera({
    picture: await streetPicture(),
    door: { user: LOGIN[0], password: LOGIN[1], schemes: ["MD5"] },
  });
  const wrong = rtspSourceOf({ id: "cam", url: server.url, credentials: "hedge:wrong" });
  await expect(describeStream({ source: wrong }, never)).rejects.toThrow("camera cam: wrong user name or password");
  const source = rtspSourceOf({ id: "cam", url: server.url, credentials: CREDENTIALS });
  server.behave((request) => request === "playing");
  await expect(describeStream({ source, withinMs: 1000 }, never)).rejects.toMatchObject({ code: "CAMERA_TIMEOUT" });
  expect(ours()).toEqual([]);
  const stop = new AbortController();
  const described = describeStream({ source }, stop.signal);
  await expect.poll(() => server.asked.at(-1)?.method).toBe("PLAY");
  stop.abort();
  await expect(described).rejects.toMatchObject({ code: "CAMERA_UNREACHABLE" });
  expect(ours()).toEqual([]);
});

test.runIf(isThere)(
  "a picture that no decoder may take, such as one of 30 megapixels, is refused as that",
  async () => {
    const picture = await sharp({ create: { width: 6144, height: 4096, channels: 3, background: "grey" } })
      .jpeg()
      .toBuffer();
    await using server = await serveRtspCamera({ picture });
    await using camera = await open({ url: server.url });
    await expect(camera.grab(never)).rejects.toMatchObject({ code: "PICTURE_REFUSED" });
  },
);
