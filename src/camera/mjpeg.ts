// A camera that answers one HTTP GET with pictures without end (MJPEG): the first whole one is taken, then the connection is cut.
// A camera that answers with a single picture is taken as well.
import type { BodyFate, HttpHead } from "../core/http-answer.ts";
import { GatewayError } from "../core/errors.ts";
import type { Camera } from "./camera.ts";
import { type HttpCameraDeps, openHttpCamera, wholePicture } from "./http-camera.ts";
import { boundaryOf, MultipartPictures } from "./multipart-pictures.ts";
import { RawFrame } from "./raw-frame.ts";

/** Throws SECRET_UNREADABLE for credentials that are not user:password. */
export function openMjpegCamera(deps: HttpCameraDeps): Camera & AsyncDisposable {
  const { id, clock } = deps;
  const camera = openHttpCamera(deps);
  return {
    id,
    async grab(stop) {
      using first = new FirstPicture(id);
      const { body, ...head } = await camera.get((head) => first.fateOf(head), stop);
      const bytes = wholePicture({ ...head, body: first.take() ?? body }, id);
      return new RawFrame({ bytes, cameraId: id, takenAtMs: clock.nowMs() });
    },
    [Symbol.asyncDispose]: () => camera[Symbol.asyncDispose](),
  };
}

/** Zeroes on dispose what was not taken. */
class FirstPicture implements Disposable {
  readonly #id: string;
  #pictures: MultipartPictures | null = null;
  #picture: Buffer | null = null;

  constructor(id: string) {
    this.#id = id;
  }

  fateOf({ headers }: HttpHead): BodyFate {
    const contentType = headers["content-type"] ?? "";
    if (!/^multipart\//i.test(contentType)) return "collect";
    const pictures = new MultipartPictures({ id: this.#id, boundary: boundaryOf(contentType) });
    this.#pictures = pictures;
    return (piece) => {
      const [first, ...later] = pictures.push(piece);
      for (const picture of later) picture.fill(0);
      this.#picture = first ?? null;
      return first === undefined ? "more" : "enough";
    };
  }

  /** The picture is the caller's now; null: the answer was no stream. */
  take(): Buffer | null {
    const picture = this.#picture;
    if (picture === null && this.#pictures !== null)
      throw new GatewayError("CAMERA_UNREACHABLE", `camera ${this.#id} ended its stream before one picture was whole`, {
        hint: "Does another program or browser watch the camera? Some serve one or two at a time.",
      });
    this.#picture = null;
    return picture;
  }

  [Symbol.dispose](): void {
    this.#picture?.fill(0);
    this.#pictures?.[Symbol.dispose]();
  }
}
