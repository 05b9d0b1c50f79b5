// A camera that is a file: each grab reads it anew. For tests and for programs that leave their newest picture in a tmpfs.
import { open } from "node:fs/promises";
import { GatewayError, messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Camera, CameraDeps } from "./camera.ts";
import { RawFrame } from "./raw-frame.ts";

export function openFileCamera({ id, path, clock }: CameraDeps & { readonly path: string }): Camera {
  return {
    id,
    async grab() {
      return new RawFrame({ bytes: await readPicture(id, path), cameraId: id, takenAtMs: clock.nowMs() });
    },
  };
}

async function readPicture(id: string, path: string): Promise<Buffer> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    if (size > LIMITS.frameBytes)
      throw new GatewayError("PICTURE_REFUSED", `the picture of ${id} is larger than ${LIMITS.frameBytes} bytes`);
    const bytes = Buffer.alloc(size);
    const { bytesRead } = await file.read(bytes, 0, size, 0);
    return bytes.subarray(0, bytesRead);
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError("CAMERA_UNREACHABLE", `camera ${id}: cannot read its file: ${messageOf(cause)}`, { cause });
  }
}
