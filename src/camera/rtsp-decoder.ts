// Pictures of an RTSP stream: ffmpeg behind our relay turns its key frames into JPEGs, which come by pipe (I1).
// Key frames alone: the first picture is then whole, and a kept stream costs a fiftieth of a core.
import { startProgram } from "../core/child-process.ts";
import { GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { MultipartPictures } from "./multipart-pictures.ts";
import { failureOf } from "./rtsp-failures.ts";
import { openRtspRelay, type RtspSource } from "./rtsp-relay.ts";

/** `silentMs`: from one byte of the camera to the next. `isOne`: the stream ends after its first picture. */
type Decode = { readonly source: RtspSource; readonly silentMs: number; readonly isOne: boolean };

/**
 * The pictures as they come, each the receiver's to zero. Ends when `stop` aborts or the receiver leaves; by then camera
 * and ffmpeg are gone. Throws GatewayError for all that the camera or ffmpeg do, ends included.
 */
export async function* decodePictures({ source, silentMs, isOne }: Decode, stop: AbortSignal): AsyncGenerator<Buffer> {
  const { id } = source;
  await using relay = await openRtspRelay(source, silentMs, stop);
  const command = commandOf({ url: relay.url, silentMs, isOne });
  const program = startProgram({ command, memoryBytes: LIMITS.decoderMemoryBytes });
  using reader = new MultipartPictures({ id, boundary: "ffmpeg" });
  let left: Buffer[] = [];
  const end = (): void => program.kill();
  stop.addEventListener("abort", end);
  // A relay that has ended has no more for ffmpeg, which may yet wait for its own time-out.
  void relay.ended.then(end);
  try {
    if (stop.aborted) end();
    for await (const chunk of program.output) {
      left.push(...reader.push(chunk));
      for (let picture = left.shift(); picture !== undefined; picture = left.shift()) yield picture;
    }
    stop.throwIfAborted();
    throw relay.failure() ?? decoderFailure(id, await program.ended);
  } finally {
    stop.removeEventListener("abort", end);
    for (const picture of left) picture.fill(0);
    left = [];
    end();
    await program.ended;
  }
}

/** Options before -i are the camera's side: its connection, its stream, its decoder. */
function commandOf({ url, silentMs, isOne }: { url: string; silentMs: number; isOne: boolean }): [string, ...string[]] {
  const words = [
    "-nostdin -hide_banner -loglevel error",
    // Of its 40 protocols the one it needs: a stream cannot make it open files or other addresses.
    "-protocol_whitelist tcp -rtsp_transport tcp -allowed_media_types video",
    // Nor make it decode what no camera sends: of its 500 decoders these are looked at for what strangers send.
    "-codec_whitelist h264,hevc,mjpeg,mpeg4",
    `-timeout ${Math.ceil(silentMs * 1000)}`,
    // By default it looks at 5 s of a stream before it gives the first picture.
    "-fflags nobuffer -flags low_delay -analyzeduration 500000 -probesize 500000",
    `-threads 1 -skip_frame nokey -max_pixels ${LIMITS.framePixels} -i ${url}`,
    // Without passthrough it repeats each picture to keep up 25 in a second.
    `-map 0:v:0 -an -sn -dn${isOne ? " -frames:v 1" : ""} -fps_mode passthrough`,
    // With more threads the encoder holds as many pictures back, and each takes its share of the memory.
    "-threads 1 -c:v mjpeg -pix_fmt yuvj420p -q:v 2 -f mpjpeg pipe:1",
  ];
  return ["ffmpeg", ...words.flatMap((line) => line.split(" "))];
}

/** By how it ended; its own words go no further. */
function decoderFailure(cameraId: string, ended: string): GatewayError {
  if (ended.includes("ended with code 127")) return failureOf(cameraId, "no-decoder");
  if (/timed out/i.test(ended)) return new GatewayError("CAMERA_TIMEOUT", `camera ${cameraId}: its stream stopped`);
  return failureOf(cameraId, "undecodable");
}
