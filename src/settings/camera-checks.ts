// What kit.yaml and policy.yaml say of cameras may be right alone, and yet not fit each other, the calendar or the devices.
import type { Clock } from "../core/clock.ts";
import { checkUrl, mistake, warning } from "./address-checks.ts";
import { type Complaint, quoted } from "./issues.ts";
import { checkPurpose } from "./policy-checks.ts";
import type { CameraSourceSettings } from "./camera-schema.ts";
import type { GatewaySettings, Kit, Policy } from "./schema.ts";

/** Twice the area, as a share of the picture, below which a mask hides nothing: 2 pixels of 1920 x 1080. */
const FLAT = 1e-6;

/** What kit.yaml asks of cameras and should not. */
export function checkKitCameras({ cameras, devices }: Pick<Kit, "cameras" | "devices">): Complaint[] {
  const known = new Set(devices.map(({ id }) => id));
  return cameras.flatMap(({ id, source, triggers, schedule }, index) => [
    ...("url" in source
      ? checkUrl({ url: source.url, path: ["cameras", index, "source", "url"], isPlatform: false })
      : []),
    ...checkTrust(source, ["cameras", index, "source"]),
    ...triggers.flatMap((trigger, nth) =>
      known.has(trigger)
        ? []
        : [
            mistake(
              ["cameras", index, "triggers", nth],
              `camera ${id} is triggered by ${trigger}, but there is no such device; add it under devices, or remove it here`,
            ),
          ],
    ),
    ...(triggers.length === 0 && schedule?.at === undefined && source.kind !== "mqtt" && source.kind !== "folder"
      ? [
          warning(
            ["cameras", index],
            `camera ${id} has no triggers and no schedule.at, so it takes pictures by hand only`,
          ),
        ]
      : []),
    ...(schedule?.at ?? []).flatMap((time, nth) =>
      isNeverOpen(time, schedule?.between)
        ? [
            warning(
              ["cameras", index, "schedule", "at", nth],
              `camera ${id} takes no picture at ${time}, since it looks from ${schedule?.between?.join(" to ")} only`,
            ),
          ]
        : [],
    ),
  ]);
}

/** Of times that the sun does not move; both ends the same is the whole day. */
function isNeverOpen(time: string, between: readonly [string, string] | undefined): boolean {
  if (between === undefined || [time, ...between].some((each) => each.startsWith("sun"))) return false;
  const [from, to] = between;
  return from < to ? time < from || time >= to : from > to && time < from && time >= to;
}

/** A certificate named for a connection without one would look safer than it is. */
function checkTrust(source: CameraSourceSettings, path: Complaint["path"]): Complaint[] {
  if (!("url" in source)) return [];
  const isPlain = /^(http|rtsp):/.test(source.url);
  const key = source.caFile === undefined ? "certSha256" : "caFile";
  if (isPlain && source[key] !== undefined)
    return [mistake([...path, key], `the address is not encrypted, so ${key} proves nothing; write https or rtsps`)];
  if (source.caFile !== undefined && source.certSha256 !== undefined)
    return [mistake([...path, "certSha256"], "with certSha256 no authority is asked; remove caFile or certSha256")];
  return [];
}

/** Times of the sun need a place. */
export function checkSun({ gateway, kit }: { gateway: GatewaySettings; kit: Kit }): Complaint[] {
  if (gateway.gateway.cell !== undefined) return [];
  return kit.cameras.flatMap(({ id, schedule }, index) =>
    [...(schedule?.between ?? []), ...(schedule?.at ?? [])].some((time) => time.startsWith("sun"))
      ? [
          mistake(
            ["cameras", index, "schedule"],
            `camera ${id} goes by the sun, but gateway.yaml does not say where the site is; write gateway.cell, or times such as 21:30`,
          ),
        ]
      : [],
  );
}

/** Where the policy is at odds with the calendar or its own languages. */
export function checkPolicy({ languages, cameras }: Pick<Policy, "languages" | "cameras">, clock: Clock): Complaint[] {
  const today = new Date(clock.nowMs()).toISOString().slice(0, 10);
  return Object.entries(cameras).flatMap(([id, { until, purpose, masks }]) => [
    ...masks.flatMap(({ name, polygon }, index) =>
      isFlat(polygon)
        ? [
            mistake(
              ["cameras", id, "masks", index, "polygon"],
              `the mask ${quoted(name)} of camera ${id} covers no area; write the corners in order around what it hides`,
            ),
          ]
        : crossesItself(polygon)
          ? [
              warning(
                ["cameras", id, "masks", index, "polygon"],
                `the edges of the mask ${quoted(name)} of camera ${id} cross, so only the parts that they wind around are hidden, not all that lies between its corners; write the corners in order around what it hides`,
              ),
            ]
          : [],
    ),
    ...(until < today
      ? [
          warning(
            ["cameras", id, "until"],
            `camera ${id} was allowed until ${until} only, so it does not start; agree on a new day, or remove the camera`,
          ),
        ]
      : []),
    ...checkPurpose({ id, purpose }, languages),
  ]);
}

/** Cameras without a policy (they do not start, promise 8), for kit.yaml; and the other way round, for policy.yaml. */
export function checkCameras({ kit, policy }: { kit: Kit; policy: Policy }): {
  readonly kit: Complaint[];
  readonly policy: Complaint[];
} {
  const cameras = new Set(kit.cameras.map(({ id }) => id));
  return {
    kit: kit.cameras.flatMap(({ id }, index) =>
      Object.hasOwn(policy.cameras, id)
        ? []
        : [
            warning(
              ["cameras", index, "id"],
              `camera ${id} does not start, since the policy does not name it; add it under cameras in the policy`,
            ),
          ],
    ),
    policy: Object.keys(policy.cameras).flatMap((id) =>
      cameras.has(id)
        ? []
        : [
            {
              ...warning(["cameras", id], `the policy speaks of camera ${id}, but there is no such camera in the kit`),
              at: "key" as const,
            },
          ],
    ),
  };
}

type Corner = readonly [number, number];

/** Whether two edges that are no neighbours cross: corners named in the wrong order make two triangles of a rectangle. */
export function crossesItself(polygon: readonly Corner[]): boolean {
  const edges = polygon.map((from, i): readonly [Corner, Corner] => [from, polygon[(i + 1) % polygon.length] ?? from]);
  return edges.some(([a, b], i) =>
    edges.some(([c, d], j) => j > i && sideOf(a, b, c) * sideOf(a, b, d) < 0 && sideOf(c, d, a) * sideOf(c, d, b) < 0),
  );
}

/** Positive on one side of the line from a to b, negative on the other. */
function sideOf(a: Corner, b: Corner, point: Corner): number {
  return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]);
}

/** Whether all corners lie on one line: no triangle with the first corner has an area. */
export function isFlat(polygon: readonly Corner[]): boolean {
  const [first = [0, 0]] = polygon;
  return polygon.every(([x1, y1]) =>
    polygon.every(([x2, y2]) => Math.abs((x1 - first[0]) * (y2 - first[1]) - (x2 - first[0]) * (y1 - first[1])) < FLAT),
  );
}
