// Shown: a kept stream's newest key frame is handed out while it is fresh, and zeroed otherwise; a stream that ends, hangs or is
// refused is started again at its pace, and a grab says why it has no frame. The stream is the test's own.
import { expect, test } from "vitest";
import { bytesOfFrame } from "../../src/camera/raw-frame.ts";
import { failureOf } from "../../src/camera/rtsp-failures.ts";
import { openWarmCamera } from "../../src/camera/warm-camera.ts";
import { systemClock } from "../../src/core/clock.ts";
import { GatewayError } from "../../src/core/errors.ts";

const never = new AbortController().signal;
const LONG_MS = 60_000;
/** Nothing in it is waited for, unless a test shortens it. */
const PACE = { firstFrameMs: LONG_MS, silentMs: LONG_MS, retryMinMs: 1, retryMaxMs: 2, freshMs: LONG_MS };

type Stream = {
  /** Gives a picture; resolves when the camera has it. */
  show(byte: number): Promise<Buffer>;
  fail(reason: Error): void;
  readonly stop: AbortSignal;
};

/** Each start of the stream, in order. */
class Streams {
  readonly started: Stream[] = [];
  readonly ended: Stream[] = [];
  readonly #waiting: ((stream: Stream) => void)[] = [];

  /** The next start that nobody was told of yet. */
  next(): Promise<Stream> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  async *open(stop: AbortSignal): AsyncGenerator<Buffer> {
    let queue: { bytes: Buffer; taken: () => void }[] = [];
    const over = Promise.withResolvers<never>();
    over.promise.catch(() => undefined);
    let come = Promise.withResolvers<void>();
    stop.addEventListener("abort", () => over.reject(stop.reason));
    const stream: Stream = {
      stop,
      show: (byte) =>
        new Promise((resolve) => {
          const bytes = Buffer.alloc(100, byte);
          queue.push({ bytes, taken: () => resolve(bytes) });
          come.resolve();
        }),
      fail: (reason) => over.reject(reason),
    };
    this.started.push(stream);
    this.#waiting.shift()?.(stream);
    try {
      for (;;) {
        await Promise.race([come.promise, over.promise]);
        come = Promise.withResolvers();
        const shown = queue;
        queue = [];
        for (const { bytes, taken } of shown) {
          yield bytes;
          // Whoever reads on has done with the one before.
          taken();
        }
      }
    } finally {
      this.ended.push(stream);
    }
  }
}

async function openOne(pace: Partial<typeof PACE> = {}, grabMs = LONG_MS) {
  const streams = new Streams();
  const first = streams.next();
  const camera = openWarmCamera({
    id: "cam",
    clock: systemClock,
    grabMs,
    pictures: (stop) => streams.open(stop),
    pace: { ...PACE, ...pace },
  });
  camera.rest?.(false);
  return { camera, streams, first: await first };
}

const isZeroed = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0);

test("a grab gives the newest frame, of when it came, without a new connection; the one before was zeroed", async () => {
  const { camera, streams, first } = await openOne();
  await using _ = camera;
  const older = await first.show(1);
  const newest = await first.show(2);
  const came = Date.now();
  expect([isZeroed(older), isZeroed(newest)]).toEqual([true, false]);
  using frame = await camera.grab(never);
  expect(bytesOfFrame(frame)).toBe(newest);
  expect(frame.takenAtMs).toBeLessThanOrEqual(came);
  expect(streams.started).toHaveLength(1);
});

test("a frame is handed out once; the next grab waits for the next frame", async () => {
  const { camera, first } = await openOne();
  await using _ = camera;
  await first.show(1);
  using one = await camera.grab(never);
  const waiting = camera.grab(never);
  const shown = await first.show(2);
  using two = await waiting;
  expect(bytesOfFrame(two)).toBe(shown);
  expect(isZeroed(bytesOfFrame(one))).toBe(false);
});

test("a frame that nobody wanted while it was fresh is zeroed", async () => {
  const { camera, first } = await openOne({ freshMs: 1 });
  await using _ = camera;
  const stale = await first.show(1);
  await expect.poll(() => isZeroed(stale)).toBe(true);
});

test("a grab without a frame costs its bound, or ends when it is told to stop", async () => {
  const { camera } = await openOne({}, 20);
  await using _ = camera;
  await expect(camera.grab(never)).rejects.toMatchObject({ code: "CAMERA_TIMEOUT" });
  const stop = new AbortController();
  const { camera: patient } = await openOne();
  await using __ = patient;
  const grab = patient.grab(stop.signal);
  stop.abort();
  await expect(grab).rejects.toMatchObject({ code: "CAMERA_UNREACHABLE" });
});

test("a stream that ends is started again, and a grab that waited says why", async () => {
  const { camera, streams, first } = await openOne();
  await using _ = camera;
  const grab = camera.grab(never);
  const next = streams.next();
  first.fail(failureOf("cam", "closed"));
  await expect(grab).rejects.toThrow("camera cam: it closed the connection");
  await (await next).show(3);
  using frame = await camera.grab(never);
  expect(bytesOfFrame(frame)[0]).toBe(3);
});

test("a grab does not wait for the pace of a stream that is away: it is started at once", async () => {
  const { camera, streams, first } = await openOne({ retryMinMs: LONG_MS, retryMaxMs: LONG_MS });
  await using _ = camera;
  const ended = camera.grab(never);
  first.fail(failureOf("cam", "closed"));
  await expect(ended).rejects.toThrow(GatewayError);
  const next = streams.next();
  const grab = camera.grab(never);
  await (await next).show(4);
  using frame = await grab;
  expect(bytesOfFrame(frame)[0]).toBe(4);
});

test("a refused password is not tried again soon, whoever asks: cameras lock accounts", async () => {
  const { camera, streams, first } = await openOne();
  await using _ = camera;
  const waited = camera.grab(never);
  first.fail(failureOf("cam", "login-wrong"));
  await expect(waited).rejects.toThrow("wrong user name or password");
  for (let times = 0; times < 3; times++)
    await expect(camera.grab(never)).rejects.toThrow("wrong user name or password");
  expect(streams.started).toHaveLength(1);
});

test.each([
  ["gives no first frame", { firstFrameMs: 20 }, 0],
  ["falls silent", { silentMs: 20 }, 1],
])("a stream that %s is started again", async (_, pace, frames) => {
  const streams = new Streams();
  const first = streams.next();
  await using camera = openWarmCamera({
    id: "cam",
    clock: systemClock,
    grabMs: LONG_MS,
    pictures: (stop) => streams.open(stop),
    pace: { ...PACE, ...pace },
  });
  camera.rest?.(false);
  const stream = await first;
  const again = streams.next();
  if (frames > 0) await stream.show(1);
  await again;
  expect(stream.stop.aborted).toBe(true);
  expect(streams.ended).toContain(stream);
});

test("closing ends the stream, zeroes the frame, refuses grabs, and may be done twice", async () => {
  const { camera, streams, first } = await openOne();
  const kept = await first.show(1);
  await camera[Symbol.asyncDispose]();
  await camera[Symbol.asyncDispose]();
  expect(isZeroed(kept)).toBe(true);
  expect(streams.ended).toEqual([first]);
  await expect(camera.grab(never)).rejects.toMatchObject({ code: "CAMERA_UNREACHABLE" });
});

test("a camera that may not look keeps no stream and no frame, until it may again or somebody asks", async () => {
  const streams = new Streams();
  const pictures = (stop: AbortSignal) => streams.open(stop);
  await using camera = openWarmCamera({ id: "cam", clock: systemClock, grabMs: LONG_MS, pictures, pace: PACE });
  await new Promise(setImmediate);
  expect(streams.started).toEqual([]);
  const first = streams.next();
  camera.rest?.(false);
  const kept = await (await first).show(1);
  camera.rest?.(true);
  expect(isZeroed(kept)).toBe(true);
  await expect.poll(() => streams.ended).toHaveLength(1);
  const second = streams.next();
  const grab = camera.grab(never);
  const stream = await second;
  // Who waits for a picture gets it.
  camera.rest?.(true);
  expect(stream.stop.aborted).toBe(false);
  await stream.show(2);
  using frame = await grab;
  expect(bytesOfFrame(frame)[0]).toBe(2);
  camera.rest?.(true);
  await expect.poll(() => streams.ended).toHaveLength(2);
  expect(streams.started).toHaveLength(2);
});
