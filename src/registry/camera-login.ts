// Cameras that publish their pictures by MQTT: in whose name, and with which login.
import type { Login } from "../core/arrival.ts";
import type { Credentials } from "../core/commands.ts";
import { GatewayError } from "../core/errors.ts";
import { bridgeFor } from "../core/topics.ts";
import { hashPassword, makePassword, usernameOf } from "./credentials.ts";
import type { RegistryData } from "./registry.ts";

type Bridges = { readonly bridges: readonly { readonly id: string; readonly base: string }[] };

/** What of a camera says where its pictures come from. */
export type PlacedCamera = { readonly id: string; readonly source: { readonly kind: string; readonly topic?: string } };

/** Where a camera publishes its pictures; null: it is of another kind. */
export function pictureTopicOf({ source }: Pick<PlacedCamera, "source">): string | null {
  return source.kind === "mqtt" && source.topic !== undefined ? source.topic : null;
}

/** Whether a camera publishes in its own name: below a bridge's base the bridge speaks for it. */
export function hasOwnLogin({ bridges }: Bridges, camera: Pick<PlacedCamera, "source">): boolean {
  const topic = pictureTopicOf(camera);
  return topic !== null && bridgeFor(bridges, topic) === undefined;
}

/** The camera whose picture a message of this login on this topic is; null: it is none. */
export function cameraOf(
  { cameras, bridges }: { readonly cameras: readonly PlacedCamera[]; readonly bridges: Bridges["bridges"] },
  login: Login,
  topic: string,
): string | null {
  const camera = cameras.find((each) => pictureTopicOf(each) === topic);
  if (camera === undefined || login.kind === "device") return null;
  if (login.kind === "site") return camera.id;
  const bridge = bridgeFor(bridges, topic);
  const isMine =
    bridge === undefined
      ? login.kind === "camera" && login.id === camera.id
      : login.kind === "bridge" && login.id === bridge.id;
  return isMine ? camera.id : null;
}

/** Throws USAGE, naming who speaks for it, when the camera has no login of its own. */
export function checkHasCameraLogin(data: Bridges, camera: PlacedCamera): void {
  const topic = pictureTopicOf(camera);
  if (topic === null)
    throw new GatewayError("USAGE", `camera ${camera.id} does not publish its pictures, so it has no login here`, {
      hint: "Only a camera whose source is of kind mqtt has one; the login that we use at a camera is in credentialsFile.",
    });
  const bridge = bridgeFor(data.bridges, topic);
  if (bridge === undefined) return;
  throw new GatewayError("USAGE", `camera ${camera.id} has no login of its own: bridge ${bridge.id} speaks for it`, {
    hint: `The bridge's login is renewed with: hedgerow bridge credentials ${bridge.id}`,
  });
}

/** Where the camera finds the broker; `isSites`: it is the site's own, which keeps the logins. */
type Broker = { readonly host: string; readonly port: number; readonly isSites?: boolean };

/** Gives a camera a new login, in place. Throws NOT_FOUND, USAGE. */
export function renewCameraLogin(data: RegistryData, id: string, { host, port, isSites }: Broker): Credentials {
  const camera = data.cameras.find((each) => each.id === id);
  if (camera === undefined) throw new GatewayError("NOT_FOUND", `there is no camera ${id}`);
  checkHasCameraLogin(data, camera);
  const topic = pictureTopicOf(camera) ?? "";
  const at = camera.source.kind === "mqtt" ? camera.source.at : undefined;
  const what = at === undefined ? "the picture itself (JPEG)" : `JSON with the picture in base64 at ${at}`;
  const sending = [`Topic: ${topic}`, `Message: ${what}`, "QoS 1, not retained, MQTT 3.1.1"];
  if (isSites === true)
    return {
      id,
      username: null,
      password: null,
      topic,
      setup: [`Make a login on the site's own broker that may publish to: ${topic}`, ...sending],
    };
  const login = { username: usernameOf({ kind: "camera", id }), password: makePassword() };
  camera.passwordHash = hashPassword(login.password);
  const lines = [`Broker: ${host}, port ${port}`, `User name: ${login.username}`, `Password: ${login.password}`];
  return { id, ...login, topic, setup: [...lines, ...sending] };
}
