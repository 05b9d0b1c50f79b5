// A camera that publishes its pictures by MQTT, as the message itself or as base64 in a JSON message. The broker hands each
// message to the inbox (ingest/pictures.ts); it is never an arrival and is seen by no subscriber.
import { LIMITS } from "../core/limits.ts";
import type { Camera, CameraDeps } from "./camera.ts";
import { pictureInJson } from "./mqtt-camera-json.ts";
import type { PictureInbox } from "./picture-inbox.ts";

/** `at`: JSON pointer to the picture (RFC 6901); undefined where the message is the picture. */
type Deps = CameraDeps & { readonly at: string | undefined; readonly inbox: PictureInbox };

/** A grab gives the picture that has just come, or the next one. */
export function openMqttCamera({ id, at, inbox, grabMs = LIMITS.grabMs }: Deps): Camera & AsyncDisposable {
  const slot = inbox.open(id, at === undefined ? undefined : (message) => pictureInJson(message, at));
  return {
    id,
    grab: (stop) => slot.next(grabMs, stop),
    onPicture: (heard) => slot.onPicture(heard),
    [Symbol.asyncDispose]: async () => slot[Symbol.dispose](),
  };
}
