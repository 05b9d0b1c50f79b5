// Where a new camera's pictures come from, read from what a steward typed: an address with its maker's ending, a cable, a topic,
// a folder. Only places where a camera can be: never this machine's own services.
import { topicMistake } from "../core/topics.ts";
import type { MessageKey } from "../languages/say.ts";
import { CameraEntry } from "../settings/camera-schema.ts";
import type { CameraSettings } from "../settings/schema.ts";
import { MAKERS } from "./camera-makers.ts";
import type { Fields } from "./forms.ts";

type Source = CameraSettings["source"];
export type Typed =
  | { readonly kind: "source"; readonly source: Source; readonly credentials: string | undefined }
  | { readonly kind: "mistake"; readonly key: MessageKey };

/** `mayReach`: see settings/camera-trials.ts. `before`: what the camera had, whose password is kept where none is typed. */
export function sourceOf(
  form: Fields,
  { mayReach, before }: { readonly mayReach: (host: string) => boolean; readonly before: Source | undefined },
): Typed {
  switch (form("from")) {
    case "v4l2":
      return checked({ kind: "v4l2", device: form("device") });
    case "rpicam":
      return checked({ kind: "rpicam", camera: 0 });
    case "mqtt": {
      const topic = form("topic").trim();
      return topic === "" || topicMistake(topic) !== null
        ? mistake("camera.bad-topic")
        : checked({ kind: "mqtt", topic });
    }
    case "folder": {
      const path = form("path").trim();
      // One that is not there for this alone would lose its files: each is erased.
      return /^\/srv(\/[\w.-]*[\w-][\w.-]*)+$/.test(path)
        ? checked({ kind: "folder", path })
        : mistake("camera.bad-path");
    }
    default:
      return addressOf(form, { mayReach, before });
  }
}

function addressOf(form: Fields, by: Parameters<typeof sourceOf>[1]): Typed {
  const url = urlOf(form);
  if (url === null) return mistake("camera.bad-address");
  if (url.username !== "" || url.password !== "") return mistake("camera.password-in-address");
  if (!by.mayReach(url.hostname)) return mistake("camera.bad-place");
  const [user, password] = [form("user").trim(), form("password")];
  if (user.includes(":") || (user === "" && password !== "") || /\p{Cc}/u.test(user + password))
    return mistake("camera.bad-login");
  const credentials = user === "" ? undefined : `${user}:${password}`;
  // The password of one host is not told to another.
  const isSame = by.before !== undefined && "url" in by.before && new URL(by.before.url).host === url.host;
  const kept =
    credentials === undefined && isSame && "credentialsFile" in by.before ? by.before.credentialsFile : undefined;
  return checked(
    { kind: kindOf(form, url), url: url.href, ...(kept !== undefined && { credentialsFile: kept }) },
    credentials,
  );
}

function kindOf(form: Fields, { protocol }: URL): "rtsp" | "http-snapshot" | "mjpeg" {
  if (protocol.startsWith("rtsp")) return "rtsp";
  const maker = isWhole(form) ? undefined : MAKERS.find(({ id }) => id === form("maker"));
  return maker?.kind === "mjpeg" || form("mjpeg") !== "" ? "mjpeg" : "http-snapshot";
}

function isWhole(form: Fields): boolean {
  return form("address").includes("://");
}

/** The whole address as typed, or a host with the ending of the maker chosen. */
function urlOf(form: Fields): URL | null {
  const typed = form("address").trim();
  const maker = MAKERS.find(({ id }) => id === form("maker"));
  const whole = isWhole(form)
    ? typed
    : maker === undefined
      ? null
      : `${maker.kind === "rtsp" ? "rtsp" : "http"}://${withPort(typed, maker.port)}${maker.path}`;
  const url = whole === null || !URL.canParse(whole) ? null : new URL(whole);
  return url !== null && /^(rtsps?|https?):$/.test(url.protocol) && url.hostname !== "" ? url : null;
}

/** A port that was typed goes before the maker's. */
function withPort(host: string, port: number | undefined): string {
  return port === undefined || /:\d+$/.test(host) ? host : `${host}:${port}`;
}

function checked(source: object, credentials?: string): Typed {
  const parsed = CameraEntry.shape.source.safeParse(source);
  return parsed.success ? { kind: "source", source: parsed.data, credentials } : mistake("camera.bad-address");
}

function mistake(key: MessageKey): Typed {
  return { kind: "mistake", key };
}
