// A frame as it came from a camera: raw pixels, private. It can be neither logged, serialised nor spooled (I1).
import { inspect } from "node:util";

let readBytes: (frame: RawFrame) => Buffer;

/**
 * Holds the encoded bytes (JPEG, PNG…) as received, by reference, in one buffer that it owns and zeroes on dispose.
 * A road writes `using frame = await camera.grab(stop)`.
 */
export class RawFrame {
  readonly #bytes: Buffer;
  readonly cameraId: string;
  readonly takenAtMs: number;

  /** Takes ownership of `bytes`: the caller must not keep, copy or reuse the buffer. */
  constructor({ bytes, cameraId, takenAtMs }: { bytes: Buffer; cameraId: string; takenAtMs: number }) {
    this.#bytes = bytes;
    this.cameraId = cameraId;
    this.takenAtMs = takenAtMs;
  }

  get size(): number {
    return this.#bytes.length;
  }

  toJSON(): never {
    throw new TypeError("a raw frame is private and cannot be serialised");
  }

  [inspect.custom](): string {
    return `RawFrame(${this.#bytes.length} bytes)`;
  }

  [Symbol.dispose](): void {
    this.#bytes.fill(0);
  }

  static {
    readBytes = (frame) => frame.#bytes;
  }
}

/** The encoded bytes. Importable by src/privacy alone (test/house.test.ts). The view dies with the frame. */
export function bytesOfFrame(frame: RawFrame): Buffer {
  return readBytes(frame);
}
