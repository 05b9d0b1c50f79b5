// Each camera: whether the policy allows it, whether its login can be read, and whether it is there. No picture is taken.
import { access, constants } from "node:fs/promises";
import { loginOf } from "../../camera/authorization.ts";
import { dayIn } from "../../core/day-times.ts";
import type { CameraView } from "../../core/commands.ts";
import { GatewayError, messageOf } from "../../core/errors.ts";
import { connectPeer, type PeerTrust } from "../../core/peer-check.ts";
import type { CameraSettings } from "../../settings/schema.ts";
import { readSecret } from "../../settings/secrets.ts";
import { type Diagnosis, type Machine, note, ok, orRefusal, type Site, trouble, warning } from "./diagnosis.ts";
import { DOCTOR_LIMITS } from "./doctor-limits.ts";
import { mountOf } from "./mounts.ts";
import { isServiceWithout } from "./system.ts";

/** Ports that an address without one means. */
const PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443, "rtsp:": 554, "rtsps:": 322 };

export async function lookAtCameras(machine: Machine, site: Site | null, stop: AbortSignal): Promise<Diagnosis[]> {
  if (site === null) return [];
  const { cameras } = site.kit;
  if (cameras.length === 0) return [note("the kit has no camera")];
  const found = await Promise.all(cameras.map((camera) => lookAtCamera(camera, { machine, site, stop })));
  return found.flat();
}

type By = { readonly machine: Machine; readonly site: Site; readonly stop: AbortSignal };

async function lookAtCamera(camera: CameraSettings, { machine, site, stop }: By): Promise<Diagnosis[]> {
  const { id, source } = camera;
  // A camera that may not look is not asked for either (promise 8).
  const refused = allowanceOf(id, machine, site);
  if (refused !== null) return [refused];
  const [login, place] = await Promise.all([
    "credentialsFile" in source ? lookAtLogin(id, source.credentialsFile) : [],
    lookAtSource(camera, { machine, stop }),
  ]);
  const seen = site.running?.cameras.find((each) => each.id === id);
  return [...login, ...place, ...(seen === undefined ? [] : lookAtState(seen))];
}

/** Why the policy keeps it from looking; null when it may. */
function allowanceOf(id: string, { clock }: Machine, { settings }: Site): Diagnosis | null {
  const entry = settings.policy.cameras[id];
  if (entry === undefined)
    return note(
      `camera ${id} does not start: the policy does not name it`,
      `\`hedgerow camera test ${id}\` prints the lines to agree on.`,
    );
  const today = dayIn(settings.gateway.gateway.timezone, clock.nowMs());
  if (entry.until < today)
    return note(
      `camera ${id} was allowed until ${entry.until} only`,
      "Agree on a new day in policy.yaml, or remove the camera.",
    );
  return null;
}

async function lookAtLogin(id: string, file: string | undefined): Promise<Diagnosis[]> {
  if (file === undefined) return [];
  try {
    loginOf(await readSecret(file), id);
    return [ok(`camera ${id}: its user name and password can be read`)];
  } catch (cause) {
    if (!(cause instanceof GatewayError)) throw cause;
    return [trouble(`camera ${id}: ${cause.message}`, cause.hint)];
  }
}

async function lookAtSource(
  { id, source }: CameraSettings,
  { machine, stop }: Pick<By, "machine" | "stop">,
): Promise<Diagnosis[]> {
  switch (source.kind) {
    case "rtsp":
    case "http-snapshot":
    case "mjpeg":
      return [await lookAtAddress(id, source, stop)];
    case "folder":
      return [await lookAtFolder(machine, id, source.path)];
    case "file":
      return [await lookAtFile({ id, path: source.path, what: "its file" })];
    case "v4l2":
      return [
        await lookAtFile({ id, path: source.device, what: "the USB camera" }),
        ...(await lookAtService(machine, id)),
      ];
    case "mqtt":
      return [ok(`camera ${id} sends by itself, on ${source.topic}`)];
    case "rpicam": // programs.ts looks for rpicam-still; the camera itself answers when it takes a picture only
      return await lookAtService(machine, id);
  }
}

/** Name, connection and certificate; nothing is said to the camera. */
async function lookAtAddress(
  id: string,
  { url, caFile, certSha256 }: { url: string; caFile?: string | undefined; certSha256?: string | undefined },
  stop: AbortSignal,
): Promise<Diagnosis> {
  const { hostname: host, port, protocol } = new URL(url);
  let trust: PeerTrust | null = null;
  if (protocol === "https:" || protocol === "rtsps:") {
    const ca = caFile === undefined ? undefined : await readSecret(caFile).catch(orRefusal);
    if (ca instanceof GatewayError) return trouble(`camera ${id}: ${ca.message}`, ca.hint);
    trust = { ca, certSha256 };
  }
  const peer = { host, port: port === "" ? (PORTS[protocol] ?? 80) : Number(port), trust };
  const outcome = await connectPeer({ ...peer, connectMs: DOCTOR_LIMITS.answerMs }, stop);
  if (outcome.kind === "connected") {
    outcome.socket.destroy();
    return ok(`camera ${id} answers`);
  }
  return trouble(
    `camera ${id} ${outcome.why}`,
    outcome.hint ?? "Is it plugged in and in this network, and is its address in the kit right?",
  );
}

/** The camera itself writes raw pictures there, before anything of ours sees them (I1). */
async function lookAtFolder(machine: Machine, id: string, path: string): Promise<Diagnosis> {
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    return trouble(
      `camera ${id}: its folder ${path} cannot be used: ${messageOf(cause)}`,
      "Make the folder, and give it to the gateway's user, who reads and erases there.",
    );
  }
  const mount = await mountOf(machine, path);
  if (mount !== null && (mount.type === "tmpfs" || mount.type === "ramfs"))
    return ok(`camera ${id}: its folder lies in memory`);
  return warning(
    `camera ${id}: its folder ${path} lies on a disk, so the camera's raw pictures are written there`,
    `Make it a tmpfs, with a line in /etc/fstab: tmpfs ${path} tmpfs size=64m,mode=2770,gid=hedgerow,noswap 0 0`,
  );
}

async function lookAtFile({ id, path, what }: { id: string; path: string; what: string }): Promise<Diagnosis> {
  try {
    await access(path, constants.R_OK);
    return ok(`camera ${id}: ${what} is there`);
  } catch (cause) {
    return trouble(
      `camera ${id}: ${what} cannot be read: ${messageOf(cause)}`,
      "Is it plugged in, and may the gateway's user read it? `sudo systemd/install camera` lets the service use cameras on a cable.",
    );
  }
}

async function lookAtService(machine: Machine, id: string): Promise<Diagnosis[]> {
  if (!(await isServiceWithout(machine, "camera"))) return [];
  return [
    trouble(
      `camera ${id}: the service hedgerow may not use cameras on a cable`,
      "Run `sudo systemd/install camera` in Hedgerow's folder, then restart the gateway.",
    ),
  ];
}

/** What the running gateway says of it. */
function lookAtState({ id, state, why }: CameraView): Diagnosis[] {
  switch (state) {
    case "ok":
    case "paused":
    case "no-policy":
    case "ended":
      return [];
    case "unreachable":
    case "withheld":
    case "cannot-see":
      return [warning(`camera ${id}, says the gateway: ${why ?? state}`, `Try it: sudo hedgerow camera test ${id}`)];
  }
}
