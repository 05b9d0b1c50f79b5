// What each kind of camera plugs into the cameras' contract suite (camera.test.ts): a camera with a scene, that is well or
// ill. One file per kind beside this one (`http-snapshot-site.ts`) exports a CameraKind and is listed in kinds.ts.
import { connect, createServer } from "node:net";
import { once } from "node:events";
import sharp from "sharp";
import type { Camera } from "../../../src/camera/camera.ts";
import type { ErrorCode } from "../../../src/core/errors.ts";
import { seededRandom } from "../../helpers/random.ts";
import { forkScript } from "../../helpers/forked.ts";

/** Every text a camera's site uses as a password; the suite searches errors and command lines for it. */
export const PASSWORD = "hawthorn-4711-marker";
export const USER = "hedge";

/** What may be wrong with a camera, and the codes that are right answers to it. A kind has those that it can have. */
export const ILLNESSES = {
  "hangs at connect": ["CAMERA_TIMEOUT", "CAMERA_UNREACHABLE"],
  "never answers": ["CAMERA_TIMEOUT"],
  "hangs in the header": ["CAMERA_TIMEOUT"],
  "hangs at byte 10,000": ["CAMERA_TIMEOUT"],
  "sends one byte a second": ["CAMERA_TIMEOUT"],
  "sends a body without end": ["PICTURE_REFUSED", "CAMERA_TIMEOUT"],
  "sends a header without end": ["CAMERA_UNREACHABLE", "PICTURE_REFUSED", "CAMERA_TIMEOUT"],
  "names a length that is too long": ["CAMERA_UNREACHABLE", "PICTURE_REFUSED", "CAMERA_TIMEOUT"],
  "redirects thirty times": ["CAMERA_UNREACHABLE"],
  "redirects to another host": ["CAMERA_UNREACHABLE"],
  "redirects to file://": ["CAMERA_UNREACHABLE"],
  "redirects to loopback": ["CAMERA_UNREACHABLE"],
  refuses: ["CAMERA_UNREACHABLE"],
  "does not know our password": ["CAMERA_UNREACHABLE"],
  "is gone in the middle": ["CAMERA_UNREACHABLE", "PICTURE_REFUSED"],
  "sends a picture that is too large": ["PICTURE_REFUSED"],
  "sends no picture but text": ["PICTURE_REFUSED", "CAMERA_UNREACHABLE"],
  "sends nothing and ends": ["CAMERA_UNREACHABLE", "PICTURE_REFUSED"],
} as const satisfies Readonly<Record<string, readonly ErrorCode[]>>;

export type Illness = keyof typeof ILLNESSES;

/** A server that nobody may ever contact; for redirects, in the kind's own scheme. */
export type Elsewhere = { readonly host: string; readonly port: number };

/** One camera of the kind, on loopback, with its servers and files; disposing it ends them all. It is well at first. */
export type CameraSite = AsyncDisposable & {
  /** Opens our side of it, with USER and PASSWORD where the kind has a login. Called once or several times per site. */
  open(by: { readonly grabMs: number }): Promise<Camera & AsyncDisposable>;
  /**
   * The camera's scene from now on, a JPEG of 640 x 480, and it is well: when it resolves, a grab that begins then gives it. Of
   * a kind that sends by itself (mqtt, folder), with a camera open: it sends it once.
   */
  show(picture: Buffer): Promise<void>;
  /** Makes the camera ill from now on, until `show`. Called with illnesses of the kind only. */
  fall(ill: Illness, elsewhere: Elsewhere): Promise<void>;
};

export type CameraKind = {
  /** As in kit.yaml, with what is special: "http-snapshot with digest". */
  readonly name: string;
  /** Null, or the Debian package without which it is skipped aloud. */
  readonly lacks: string | null;
  /** It is not asked: where what it sends is no picture, it has sent nothing. */
  readonly sendsByItself?: true;
  /** What may be wrong with it: all that it can have. */
  readonly illnesses: readonly Illness[];
  readonly openSite: () => Promise<CameraSite>;
};

export type Scene = { readonly jpeg: Buffer; readonly corners: readonly (readonly number[])[] };

const [WIDTH, HEIGHT] = [640, 480];
/** Video keeps colours in fewer steps, and the decoder may take another matrix for them. */
const COLOUR_STEPS = 56;

/** A picture of four coloured quarters with some noise, some 60 kB; another for each number. */
export async function makeScene(serial: number): Promise<Scene> {
  const random = seededRandom(4711 + serial);
  const corners = [0, 1, 2, 3].map(() => [0, 1, 2].map(() => 35 + 90 * Math.floor(random() * 3)));
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3);
  for (let at = 0; at < pixels.length; at++) {
    const [x, y] = [Math.floor(at / 3) % WIDTH, Math.floor(at / 3 / WIDTH)];
    const corner = (y < HEIGHT / 2 ? 0 : 2) + (x < WIDTH / 2 ? 0 : 1);
    pixels[at] = (corners[corner]?.[at % 3] ?? 0) + Math.floor(random() * 24) - 12;
  }
  const jpeg = await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
  return { jpeg, corners };
}

/** Whether these bytes are a picture of the scene, at whatever size and by whatever codec. */
export async function isOfScene(picture: Buffer, { corners }: Scene): Promise<boolean> {
  const side = 16;
  const pixels = await sharp(picture)
    .toColourspace("srgb")
    .removeAlpha()
    .resize(side, side, { fit: "fill" })
    .raw()
    .toBuffer();
  // The middle of each quarter, away from where its neighbours' colours are mixed in.
  const middles = [4, 11].flatMap((y) => [4, 11].map((x) => pixels.subarray((y * side + x) * 3)));
  return corners.every((corner, at) =>
    corner.every((value, channel) => Math.abs(value - (middles[at]?.[channel] ?? -1000)) < COLOUR_STEPS),
  );
}

/** A server that counts who contacts it, and answers nobody. */
export async function openDecoy(
  host: string,
): Promise<AsyncDisposable & { readonly host: string; readonly port: number; contacts(): number }> {
  let contacts = 0;
  const server = createServer((socket) => {
    contacts += 1;
    socket.destroy();
  }).listen(0, host);
  await once(server, "listening");
  const address = server.address();
  return {
    host,
    port: typeof address === "object" && address !== null ? address.port : 0,
    contacts: () => contacts,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

/** A port of 127.0.0.1 at which the kernel answers no SYN: its queue is full and nobody accepts ("hangs at connect"). */
export async function openDeafPort(): Promise<AsyncDisposable & { readonly port: number }> {
  const process = await forkScript<number>(new URL("deaf-port-process.ts", import.meta.url));
  // Linux queues one more than the backlog says.
  const fillers = Array.from({ length: 4 }, () => connect({ host: "127.0.0.1", port: process.first }));
  for (const filler of fillers) filler.on("error", () => undefined);
  await Promise.race(fillers.map((filler) => once(filler, "connect")));
  return {
    port: process.first,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      await process[Symbol.asyncDispose]();
    },
  };
}
