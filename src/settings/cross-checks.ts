// What each settings file says alone may be right, and yet not fit the others, or the world.
import type { Clock } from "../core/clock.ts";
import { isPrivate } from "./address.ts";
import { type Complaint, quoted } from "./issues.ts";
import type { GatewaySettings, Kit, Policy } from "./schema.ts";

/** Twice the area, as a share of the picture, below which a mask hides nothing: 2 pixels of 1920 x 1080. */
const FLAT = 1e-6;

/** What gateway.yaml asks for and should not have. */
export function checkGateway({ platform, broker, status }: GatewaySettings): Complaint[] {
  const complaints = platform.flatMap(({ url }, index) =>
    checkUrl({ url, path: ["platform", index, "url"], isPlatform: true }),
  );
  complaints.push(
    ...repeated(
      platform.map(({ id }) => id),
      (index) => ["platform", index, "id"],
      "sink",
    ),
  );
  if (broker.external !== undefined) complaints.push(...checkSiteBroker(broker.external));
  complaints.push(...checkPorts({ broker, status }));
  if (platform.length === 0)
    complaints.push(warning(["platform"], "platform names no sink: events wait in the buffer until they expire"));
  return complaints;
}

/** Each door needs a port of its own. */
function checkPorts({ broker, status }: Pick<GatewaySettings, "broker" | "status">): Complaint[] {
  const { listen, tls, websocket } = broker;
  const mqtt = [
    { path: ["broker", "listen", "port"], ...listen },
    ...(tls === undefined ? [] : [{ path: ["broker", "tls", "port"], ...tls, host: tls.host ?? listen.host }]),
    ...(websocket === undefined
      ? []
      : [{ path: ["broker", "websocket", "port"], ...websocket, host: websocket.host ?? listen.host }]),
  ];
  const doors = [...(broker.mode === "embedded" ? mqtt : []), { path: ["status", "port"], ...status }];
  return doors.flatMap(({ path, host, port }, index) => {
    const other = doors.slice(0, index).find((door) => door.port === port && meet(door.host, host));
    if (other === undefined) return [];
    return [mistake(path, `${path.join(".")} ${port} is ${other.path.join(".")} too; choose another`)];
  });
}

/** An address that stands for all of the machine's meets every other. */
function meet(one: string, other: string): boolean {
  return one === other || [one, other].some((host) => host === "0.0.0.0" || host === "::");
}

/** What kit.yaml asks for and should not have, in itself. Topics are in topic-checks.ts. */
export function checkKit({ bridges, devices, cameras }: Kit): Complaint[] {
  const known = new Set(devices.map(({ id }) => id));
  return [
    ...repeated(
      bridges.map(({ id }) => id),
      (index) => ["bridges", index, "id"],
      "bridge",
    ),
    ...repeated(
      devices.map(({ id }) => id),
      (index) => ["devices", index, "id"],
      "device",
    ),
    ...repeated(
      cameras.map(({ id }) => id),
      (index) => ["cameras", index, "id"],
      "camera",
    ),
    ...devices.flatMap(({ id }, index) =>
      id === "new"
        ? [
            warning(
              ["devices", index, "id"],
              "the device new has no page of its own, since /devices/new adds one; give it another id",
            ),
          ]
        : [],
    ),
    ...cameras.flatMap(({ id, source, triggers }, index) => [
      ...(source.kind === "http-snapshot"
        ? checkUrl({ url: source.url, path: ["cameras", index, "source", "url"], isPlatform: false })
        : []),
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
      ...(triggers.length === 0
        ? [warning(["cameras", index], `camera ${id} has no triggers, so it never takes a picture`)]
        : []),
    ]),
  ];
}

/** Where the policy is at odds with the calendar or its own languages. */
export function checkPolicy({ languages, cameras }: Policy, clock: Clock): Complaint[] {
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
    ...languages
      .filter((language) => !Object.hasOwn(purpose, language))
      .map((language) =>
        warning(
          ["cameras", id, "purpose"],
          `the purpose of camera ${id} is not written in ${language}, which languages names`,
        ),
      ),
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

/** Whether all corners lie on one line: no triangle with the first corner has an area. */
function isFlat(polygon: readonly (readonly [number, number])[]): boolean {
  const [first = [0, 0]] = polygon;
  return polygon.every(([x1, y1]) =>
    polygon.every(([x2, y2]) => Math.abs((x1 - first[0]) * (y2 - first[1]) - (x2 - first[0]) * (y1 - first[1])) < FLAT),
  );
}

function checkUrl({
  url,
  path,
  isPlatform,
}: {
  url: string;
  path: Complaint["path"];
  isPlatform: boolean;
}): Complaint[] {
  const { username, password, protocol, host } = new URL(url);
  const complaints: Complaint[] = [];
  if (username !== "" || password !== "") {
    const remedy = isPlatform
      ? "remove it; the gateway's key signs what it sends"
      : "write it into a file and name that under credentialsFile";
    complaints.push(mistake(path, `the address holds a password, which settings must not; ${remedy}`));
  }
  if (protocol === "http:" && !isPrivate(new URL(url))) {
    complaints.push(
      isPlatform
        ? mistake(
            path,
            `${host} is not on this machine or a private network, so events must not travel there by plain http; write https://`,
          )
        : warning(
            path,
            `${host} is not on a private network, so raw pictures travel the internet by plain http; use https://`,
          ),
    );
  }
  return complaints;
}

/** What sensors say to the site's broker is private until this house has filtered it. */
function checkSiteBroker(external: NonNullable<GatewaySettings["broker"]["external"]>): Complaint[] {
  const { url, usernameFile, passwordFile, caFile, certFile, keyFile } = external;
  const at = (key: string): Complaint["path"] => ["broker", "external", key];
  const { username, password, protocol, host } = new URL(url);
  const isPlain = protocol === "mqtt:";
  const complaints: Complaint[] = [];
  if (username !== "" || password !== "")
    complaints.push(
      mistake(at("url"), "the address holds a login; write it into files, usernameFile and passwordFile"),
    );
  if (isPlain && !isPrivate(new URL(url)))
    complaints.push(
      mistake(
        at("url"),
        `${host} is not on this machine or a private network, so sensors must not be heard by plain mqtt; write mqtts://`,
      ),
    );
  if (isPlain && (caFile ?? certFile ?? keyFile) !== undefined)
    complaints.push(mistake(at("url"), "there are certificates, but the address is plain mqtt; write mqtts://"));
  if ((certFile === undefined) !== (keyFile === undefined))
    complaints.push(mistake(at(certFile === undefined ? "keyFile" : "certFile"), "certFile and keyFile go together"));
  if (passwordFile !== undefined && usernameFile === undefined)
    complaints.push(mistake(at("passwordFile"), "a password needs a user name; write usernameFile too"));
  return complaints;
}

function repeated(ids: readonly string[], pathOf: (index: number) => Complaint["path"], what: string): Complaint[] {
  return ids.flatMap((id, index) =>
    ids.indexOf(id) < index
      ? [mistake(pathOf(index), `there are two ${what}s with the id ${id}; give one another id`)]
      : [],
  );
}

function mistake(path: Complaint["path"], text: string): Complaint {
  return { path, at: "value", text };
}

function warning(path: Complaint["path"], text: string): Complaint {
  return { path, at: "value", text, severity: "warning" };
}
