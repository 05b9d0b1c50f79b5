// A camera by GStreamer's RTSP server, from Debian's packages: a stranger's code on the other side of ours.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("rtsp-camera.py", import.meta.url));
/** Debian's own Python, which has its packages. */
const PYTHON = "/usr/bin/python3";

const looked = spawnSync(PYTHON, [
  "-c",
  `import gi
for name in ["Gst", "GstRtspServer"]: gi.require_version(name, "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
assert all(Gst.ElementFactory.find(name) for name in ["x264enc", "x265enc", "rtph264pay", "videotestsrc"])`,
]);
/** Debian's package without which there is none, or null. */
export const lacksGstreamer: string | null =
  looked.status === 0 ? null : "gir1.2-gst-rtsp-server-1.0, python3-gi or a gstreamer1.0-plugins package";

export type GstreamerCamera = AsyncDisposable & {
  readonly url: string;
  /** Each request that was let in, as `SETUP rtsp://…`, in order. */
  readonly asked: readonly string[];
};

/** 640 x 480, ten frames a second, a key frame each second, of a ball that moves. */
export async function startGstreamerCamera(
  settings: {
    readonly sound?: boolean;
    readonly codec?: "h264" | "h265";
    readonly login?: readonly [user: string, password: string];
    readonly scheme?: "basic" | "digest";
    readonly certificate?: string;
    readonly key?: string;
  } = {},
): Promise<GstreamerCamera> {
  const child = spawn(PYTHON, [SCRIPT], { stdio: ["pipe", "pipe", "ignore"] });
  const exit = once(child, "exit");
  child.stdin.write(`${JSON.stringify(settings)}\n`);
  const lines = createInterface(child.stdout);
  const [port] = await Promise.race([once(lines, "line"), exit.then(() => Promise.reject(new Error("no camera")))]);
  const asked: string[] = [];
  lines.on("line", (line) => asked.push(line));
  return {
    url: `${settings.certificate === undefined ? "rtsp" : "rtsps"}://127.0.0.1:${String(port)}/stream1`,
    asked,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exit;
    },
  };
}
