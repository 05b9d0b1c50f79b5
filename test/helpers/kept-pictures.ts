// Where pictures of cameras end in tests: kept, with whose they are and what was dropped.
import type { Pictures } from "../../src/ingest/source.ts";

export type KeptPictures = Pictures & { readonly taken: [string, Buffer][]; readonly dropped: string[] };

/** Cameras `a` and `b` publish to cams/a and cams/b; the bridge `nvr` to frigate/door for the camera `door`. */
export function keptPictures(): KeptPictures {
  const taken: [string, Buffer][] = [];
  const dropped: string[] = [];
  return {
    taken,
    dropped,
    hasAny: ({ kind }) => kind !== "device",
    cameraOf: ({ kind, id: loginId }, topic) => {
      if (kind === "camera" && topic === `cams/${loginId}`) return loginId;
      if (kind === "site" && topic.startsWith("cams/")) return topic.slice(5);
      return kind === "bridge" && topic === "frigate/door" ? "door" : null;
    },
    take: (cameraId, message) => void taken.push([cameraId, message]),
    drop: (why) => void dropped.push(why),
  };
}
