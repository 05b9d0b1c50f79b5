// What an RTSP camera's stream is made of, for set-up and `camera test`: node-ffmpeg asks ffprobe, through the relay that the
// pictures come by too, so that no password is on a command line. The library starts ffprobe itself; what it cannot bound,
// confined-ffprobe.sh does. Its own words and ffprobe's go no further.
import { fileURLToPath } from "node:url";
import { createClient, FfmpegError, type Video } from "ffmpeg";
import { GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { waitFor } from "../core/wait.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";
import { failureOf, timeoutOf } from "./rtsp-failures.ts";
import { openRtspRelay, type RtspRelay, type RtspSource } from "./rtsp-relay.ts";

/** `codec`: as ffmpeg names it (h264, hevc). Pixels; frames per second as the stream claims, null where it does not. */
export type StreamDescription = {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number | null;
  /** Whether the camera offers sound; it is not asked for. */
  readonly hasSound: boolean;
  readonly transport: "tcp";
};

const CONFINED_FFPROBE = fileURLToPath(new URL("./confined-ffprobe.sh", import.meta.url));

/**
 * Ends within CAMERA_LIMITS.describeMs or `withinMs`, and leaves no process. Throws CAMERA_UNREACHABLE, CAMERA_TIMEOUT or
 * PICTURE_REFUSED, as a grab does.
 */
export async function describeStream(
  { source, withinMs = CAMERA_LIMITS.describeMs }: { readonly source: RtspSource; readonly withinMs?: number },
  stop: AbortSignal,
): Promise<StreamDescription> {
  const { id } = source;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), withinMs);
  try {
    await using relay = await openRtspRelay(source, withinMs, AbortSignal.any([stop, late.signal]));
    return await describe({ id, relay }, AbortSignal.any([stop, late.signal]));
  } catch (thrown) {
    if (stop.aborted) throw failureOf(id, "ended");
    if (late.signal.aborted) throw timeoutOf(id, withinMs);
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

async function describe(
  { id, relay }: { readonly id: string; readonly relay: RtspRelay },
  stop: AbortSignal,
): Promise<StreamDescription> {
  // A relay that has ended has no more for ffprobe, which would wait on; one that said goodbye itself is about to answer.
  const gone = new AbortController();
  const isOver = new AbortController();
  void relay.ended.then(async () => {
    if (relay.failure() === null) await waitFor(CAMERA_LIMITS.describeGraceMs, isOver.signal);
    gone.abort();
  });
  try {
    const { metadata } = await open(relay.url, AbortSignal.any([stop, gone.signal]));
    const { codec, resolution, fps } = metadata.video;
    if (codec === "" || resolution.w === 0 || resolution.h === 0) throw failureOf(id, "undecodable");
    return {
      codec,
      width: resolution.w,
      height: resolution.h,
      framesPerSecond: fps > 0 ? Math.round(fps * 100) / 100 : null,
      hasSound: relay.hasSound() === true,
      transport: "tcp",
    };
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown;
    if (!(thrown instanceof FfmpegError)) throw thrown;
    throw relay.failure() ?? failureOf(id, thrown.code === NOT_STARTED ? "no-decoder" : "undecodable");
  } finally {
    isOver.abort();
  }
}

/** node-ffmpeg's number for a program that could not be started. */
const NOT_STARTED = 114;

/** The library asks ffmpeg for its formats and encoders first, each time: 0.1 s, for a person who waits for seconds. */
async function open(url: string, signal: AbortSignal): Promise<Video> {
  const client = await createClient({
    ffprobePath: CONFINED_FFPROBE,
    cwd: "/",
    env: {
      PATH: "/usr/bin:/bin",
      LC_ALL: "C",
      HEDGEROW_MEMORY_KIB: String(Math.floor(LIMITS.decoderMemoryBytes / 1024)),
    },
    maxBuffer: CAMERA_LIMITS.describeBytes,
    signal,
  });
  return client.open(url);
}
