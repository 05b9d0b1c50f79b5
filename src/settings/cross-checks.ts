// What each settings file says alone may be right, and yet not fit the others, or the world.
import { isPrivate } from "./address.ts";
import { checkUrl, mistake, warning } from "./address-checks.ts";
import { checkKitCameras } from "./camera-checks.ts";
import type { Complaint } from "./issues.ts";
import type { GatewaySettings, Kit } from "./schema.ts";

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
