// Shown: a camera that publishes its pictures with Mosquitto's own client: the picture becomes a redacted snapshot, and nothing
// of the raw one is on disk, in the log, at the platform, or with whoever else listens; nobody else can speak on its topic.
// By the gateway's own broker, and by a Mosquitto of the site (I1, I8, promise 2).
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectAsync } from "mqtt";
import sharp from "sharp";
import { expect, test } from "vitest";
import { callGateway } from "../../src/web/local-socket.ts";
import type { RunningGateway } from "../helpers/gateway-process.ts";
import { type House, openHouseWithPlatform } from "../helpers/house-with-platform.ts";
import { hasMosquitto, startMosquitto } from "../helpers/site-broker.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { leaksIn, leaksInDirectory, makeWatermarkedJpeg, type Watermarked } from "../helpers/watermark.ts";

const camera = (id: string, topic: string, at?: string) => ({
  id,
  zone: "gate",
  source: { kind: "mqtt", topic, ...(at !== undefined && { at }) },
  cooldownS: 0,
});
const kit = {
  bridges: [{ id: "nvr", family: "zigbee2mqtt", base: "frigate" }],
  devices: [{ id: "lamp", profile: "tasmota/relay", topic: "lamp", zone: "gate" }],
  cameras: [
    camera("cam", "cams/gate"),
    camera("json", "cams/json", "/event/image"),
    camera("door", "frigate/door/snapshot"),
  ],
};
const allowed = { purpose: { en: "test" }, until: "2099-01-01", snapshotsPerDay: 1000 };
const policy = {
  events: { timeBucketS: 1, motion: { mode: "each" } },
  cameras: { cam: allowed, json: allowed, door: allowed },
};

type Login = { readonly username: string; readonly password: string };
type Site = AsyncDisposable & {
  readonly house: House;
  readonly gateway: RunningGateway;
  readonly picture: Watermarked;
  /** Files with the picture, and with it in JSON, outside what is searched. */
  readonly files: { readonly jpeg: string; readonly json: string };
  login(kind: "camera" | "device" | "bridge", id: string): Promise<Login>;
};

async function openSite(broker: object = {}): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  const house = stack.use(await openHouseWithPlatform({ kit, policy, broker }));
  const outside = stack.use(await openOutside());
  const gateway = await house.start();
  const owned = stack.move();
  return {
    house,
    gateway,
    ...outside,
    async login(kind, id) {
      const made = await callGateway(house.dataDir, "renewCredentials", { kind, id });
      return { username: made?.username ?? "", password: made?.password ?? "" };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function openOutside() {
  const directory = await tempDir();
  const picture = await makeWatermarkedJpeg();
  const files = { jpeg: join(directory.path, "picture.jpg"), json: join(directory.path, "picture.json") };
  await writeFile(files.jpeg, picture.jpeg);
  const image = `data:image/jpeg;base64,${picture.jpeg.toString("base64")}`;
  await writeFile(files.json, JSON.stringify({ id: 7, event: { note: 'a "word"', image }, tail: [1, 2] }));
  return { picture, files, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

/** Mosquitto's own client; rejects when it is refused or cut. */
const publish = (port: number, topic: string, file: string, login: Partial<Login> = {}, ...more: string[]) =>
  promisify(execFile)("mosquitto_pub", [
    "-h",
    "127.0.0.1",
    ...`-p ${port} -V mqttv311 -q 1 -t ${topic} -f ${file}`.split(" "),
    ...(login.username === undefined ? [] : ["-u", login.username, "-P", login.password ?? ""]),
    ...more,
  ]);

const counted = (house: House, name: string, n = 1) =>
  expect.poll(() => house.counter(name), { timeout: 60_000, message: name }).toBeGreaterThanOrEqual(n);

async function boardOf(house: House): Promise<Readonly<Record<string, number>>> {
  return (await callGateway(house.dataDir, "status", {}))?.counters ?? {};
}

async function expectClean({ house, gateway, picture: { jpeg, needles } }: Site): Promise<void> {
  expect(leaksIn(jpeg, needles), "the search finds what it should").not.toEqual([]);
  for (const place of [house.directory, "/dev/shm"]) expect(await leaksInDirectory(place, needles), place).toEqual([]);
  expect(leaksIn(Buffer.from(gateway.log.join("\n")), needles), "the log").toEqual([]);
  for (const sent of house.platform.store.pictures())
    expect(leaksIn(await sharp(sent.jpeg).raw().toBuffer(), needles), "pixels at the platform").toEqual([]);
  expect(leaksIn(Buffer.from(JSON.stringify(house.events())), needles), "events").toEqual([]);
  const page = await fetch(`http://127.0.0.1:${house.statusPort}/transparency`);
  expect(leaksIn(Buffer.from(await page.text()), needles), "the page").toEqual([]);
}

test.runIf(hasMosquitto)(
  "a published picture becomes a redacted snapshot, as payload, in JSON and through a bridge",
  async () => {
    await using site = await openSite();
    const { house, files } = site;
    const [cam, json, nvr, lamp] = [
      await site.login("camera", "cam"),
      await site.login("camera", "json"),
      await site.login("bridge", "nvr"),
      await site.login("device", "lamp"),
    ];
    expect(cam.username).toBe("camera_cam");
    // A bridge that listens to all below its base hears its own messages again, but no picture.
    await using listener = await listen(house.brokerPort, nvr);
    await publish(house.brokerPort, "cams/gate", files.jpeg, cam, "-r");
    await counted(house, "snapshot.made.redacted");
    await publish(house.brokerPort, "cams/json", files.json, json);
    await counted(house, "snapshot.made.redacted", 2);
    await publish(house.brokerPort, "frigate/door/snapshot", files.jpeg, nvr);
    await counted(house, "snapshot.made.redacted", 3);
    await house.drained();
    const snapshots = house.events().filter(({ type }) => type === "hedgerow.snapshot.redacted.v1");
    expect(snapshots.map(({ data }) => data["regions"]).every((regions) => Number(regions) >= 3)).toBe(true);
    expect(new Set(snapshots.map(({ subject }) => subject)).size).toBe(3);
    // Nobody else speaks there.
    await publish(house.brokerPort, "cams/gate", files.json, lamp).catch(() => undefined); // too large for a device: it is cut
    await publish(house.brokerPort, "cams/gate", join(house.directory, "kit.yaml"), lamp);
    await publish(house.brokerPort, "cams/json", join(house.directory, "kit.yaml"), cam);
    const board = await boardOf(house);
    expect(board["broker.refused.packet-too-large"]).toBe(1);
    expect(board["broker.refused.topic"]).toBe(2);
    expect(board["camera.picture.taken"]).toBe(3);
    expect(house.counter("snapshot.made.redacted")).toBe(3);
    expect(listener.heard()).toEqual([]);
    await expectClean(site);
  },
);

test.runIf(hasMosquitto)(
  "a picture that is larger than pictures may be ends the connection; a revoked camera stays outside",
  async () => {
    await using site = await openSite();
    const { house } = site;
    const cam = await site.login("camera", "cam");
    const large = join(house.directory, "large.jpg");
    await writeFile(large, Buffer.alloc(17 * 1024 * 1024, 1));
    await publish(house.brokerPort, "cams/gate", large, cam).catch(() => undefined); // cut
    await expect.poll(async () => (await boardOf(house))["broker.refused.packet-too-large"]).toBe(1);
    await callGateway(house.dataDir, "revoke", { kind: "camera", id: "cam" });
    await expect(publish(house.brokerPort, "cams/gate", site.files.jpeg, cam)).rejects.toThrow(/not authori[sz]ed/i);
    expect((await boardOf(house))["camera.picture.taken"] ?? 0).toBe(0);
  },
);

test.runIf(hasMosquitto)("by the site's Mosquitto the same holds, and what it retained is no news", async () => {
  await using broker = await startMosquitto();
  const outside = await openOutside();
  await using _outside = outside;
  await publish(broker.port, "cams/gate", outside.files.jpeg, {}, "-r");
  await using site = await openSite({ mode: "external", external: { url: `mqtt://127.0.0.1:${broker.port}` } });
  const { house, files } = site;
  await expect
    .poll(async () => (await boardOf(house))["camera.picture.dropped.retained-replay"], { timeout: 20_000 })
    .toBe(1);
  expect((await boardOf(house))["camera.picture.taken"] ?? 0).toBe(0);
  await publish(broker.port, "cams/gate", files.jpeg);
  await counted(house, "snapshot.made.redacted");
  await publish(broker.port, "cams/json", files.json);
  await counted(house, "snapshot.made.redacted", 2);
  await house.drained();
  const made = house.events().filter(({ type }) => type === "hedgerow.snapshot.redacted.v1");
  expect(made.map(({ data }) => data["sha256"])).toEqual([1, 2].map(() => house.platform.store.pictures()[0]?.sha256));
  await expectClean(site);
});

/** Who listens to all below the bridge's base. */
async function listen(port: number, login: Login) {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { ...login, clientId: "listener", reconnectPeriod: 0 });
  const heard: string[] = [];
  client.on("message", (topic) => void heard.push(topic));
  await client.subscribeAsync("frigate/#");
  return { heard: () => heard, [Symbol.asyncDispose]: () => client.endAsync() };
}
