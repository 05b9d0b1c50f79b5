// What each settings file says alone may be right, and yet not fit the others, or the world.
import { mistake, warning } from "./address-checks.ts";
import { checkKitCameras } from "./camera-checks.ts";
import type { Complaint } from "./issues.ts";
import { checkNotices } from "./notices-checks.ts";
import { checkMqttServer, checkSink } from "./platform-checks.ts";
import type { GatewaySettings, Kit } from "./schema.ts";

/** What gateway.yaml asks for and should not have. `spoken`: languages there are words in; without it that is not checked. */
export function checkGateway(
  { gateway, platform, broker, status, notices }: GatewaySettings,
  spoken?: readonly string[],
): Complaint[] {
  const hasCell = gateway.cell !== undefined;
  const complaints = platform.flatMap((sink, index) => checkSink(sink, { path: ["platform", index], hasCell }));
  complaints.push(
    ...repeated(
      platform.map(({ id }) => id),
      (index) => ["platform", index, "id"],
      "sink",
    ),
  );
  const what = "sensors must not be heard";
  if (broker.external !== undefined)
    complaints.push(...checkMqttServer(broker.external, { path: ["broker", "external"], what }));
  complaints.push(...checkPorts({ broker, status }), ...checkNotices(notices, spoken));
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
  const page = [
    { path: ["status", "port"], ...status },
    ...(status.tls === undefined
      ? []
      : [{ path: ["status", "tls", "port"], host: status.tls.host ?? status.host, port: status.tls.port }]),
  ];
  const doors = [...(broker.mode === "embedded" ? mqtt : []), ...page];
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
    ...checkKitCameras({ cameras, devices }),
  ];
}

function repeated(ids: readonly string[], pathOf: (index: number) => Complaint["path"], what: string): Complaint[] {
  return ids.flatMap((id, index) =>
    ids.indexOf(id) < index
      ? [mistake(pathOf(index), `there are two ${what}s with the id ${id}; give one another id`)]
      : [],
  );
}
