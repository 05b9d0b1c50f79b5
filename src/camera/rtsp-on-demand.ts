// A grab that begins a stream, takes its first picture and ends it.
import type { Camera, CameraDeps } from "./camera.ts";
import { RawFrame } from "./raw-frame.ts";
import { failureOf, timeoutOf } from "./rtsp-failures.ts";

/** `pictures`: begins the stream, which ends with the signal or when nobody reads on. */
type Deps = Required<CameraDeps> & { readonly pictures: (stop: AbortSignal) => AsyncGenerator<Buffer> };

export function openOnDemand({ id, clock, grabMs, pictures }: Deps): Camera & AsyncDisposable {
  const closing = new AbortController();
  const grabs = new Set<Promise<Buffer>>();

  const first = async (stop: AbortSignal): Promise<Buffer> => {
    // A timer of our own: AbortSignal.timeout would live on for its whole time after each grab.
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), grabMs);
    const until = AbortSignal.any([stop, closing.signal, late.signal]);
    try {
      for await (const picture of pictures(until)) return picture;
      throw failureOf(id, "closed");
    } catch (thrown) {
      if (stop.aborted || closing.signal.aborted) throw failureOf(id, "ended");
      if (late.signal.aborted) throw timeoutOf(id, grabMs);
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    id,
    async grab(stop) {
      if (stop.aborted || closing.signal.aborted) throw failureOf(id, "ended");
      const grab = first(stop);
      grabs.add(grab);
      try {
        return new RawFrame({ bytes: await grab, cameraId: id, takenAtMs: clock.nowMs() });
      } finally {
        grabs.delete(grab);
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await Promise.allSettled(grabs);
    },
  };
}
