// Shown: the real program with cameras of several kinds at once, one of them dead, triggered by a sensor: the others' pictures
// arrive redacted at the platform while the dead one hangs; no password and no raw pixel is anywhere to be found; nothing is
// left running after a stop, or after a kill.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { type HttpCameraServer, serveMjpegCamera, serveSnapshotCamera } from "../helpers/http-cameras.ts";
import { type House, openHouseWithPlatform } from "../helpers/house-with-platform.ts";
import type { RunningGateway } from "../helpers/gateway-process.ts";
import { descendants, isAlive } from "../helpers/processes.ts";
import { lacksFfmpeg, serveRtspCamera } from "../helpers/rtsp-server.ts";
import { leaksIn, leaksInDirectory, makeWatermarkedJpeg, type Needle } from "../helpers/watermark.ts";

if (lacksFfmpeg !== null)
  console.warn(`SKIPPED: Debian package ${lacksFfmpeg} is missing: cameras of a house are not tested`);

const USER = "hedge";
const passwordOf = (camera: string): string => `hawthorn-${camera}-4711`;
/** The dead one first: who waited for it would come after it. */
const CAMERAS = ["dead", "kept", "snapshot", "moving", "stream"];
const LIVE = CAMERAS.filter((id) => id !== "dead");
const SECRETS = CAMERAS.flatMap((id) => [passwordOf(id), Buffer.from(`${USER}:${passwordOf(id)}`).toString("base64")]);

type Site = AsyncDisposable & {
  readonly house: House;
  readonly needles: readonly Needle[];
  readonly dead: HttpCameraServer;
  move(): Promise<void>;
};

async function openSite(): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  const { jpeg, needles } = await makeWatermarkedJpeg();
  // H.264 wants even sides.
  const video = await sharp(jpeg).resize(1280, 1024, { fit: "cover" }).jpeg({ quality: 92 }).toBuffer();
  const login = (id: string) => ({ user: USER, password: passwordOf(id) });
  const digest = { scheme: "digest", algorithm: "SHA-256" } as const;
  const stream = stack.use(
    await serveRtspCamera({ picture: video, door: { ...login("stream"), schemes: ["SHA-256", "MD5"] } }),
  );
  const kept = stack.use(await serveRtspCamera({ picture: video, door: { ...login("kept"), schemes: ["MD5"] } }));
  const snapshot = stack.use(await serveSnapshotCamera({ picture: jpeg, login: { ...login("snapshot"), ...digest } }));
  const moving = stack.use(await serveMjpegCamera({ picture: jpeg, login: { ...login("moving"), scheme: "basic" } }));
  const dead = stack.use(await serveMjpegCamera({ picture: jpeg, login: { ...login("dead"), scheme: "basic" } }));
  dead.fall({ kind: "silent" });
  const sources: Record<string, object> = {
    stream: { kind: "rtsp", url: stream.url },
    kept: { kind: "rtsp", url: kept.url, warm: true },
    snapshot: { kind: "http-snapshot", url: snapshot.url },
    moving: { kind: "mjpeg", url: moving.url },
    dead: { kind: "mjpeg", url: dead.url },
  };
  const kit = {
    bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
    devices: [{ id: "pir", profile: "zigbee2mqtt/occupancy", topic: "zigbee2mqtt/pir", zone: "gate" }],
    cameras: CAMERAS.map((id) => ({
      id,
      zone: "gate",
      triggers: ["pir"],
      cooldownS: 0,
      source: { ...sources[id], credentialsFile: `./${id}.cred` },
    })),
  };
  const entry = { purpose: { en: "test" }, until: "2099-01-01", snapshotsPerDay: 100 };
  const policy = {
    events: { timeBucketS: 1, motion: { mode: "each" } },
    cameras: Object.fromEntries(CAMERAS.map((id) => [id, entry])),
  };
  const house = stack.use(
    await openHouseWithPlatform({
      kit,
      policy,
      prepare: async (dataDir) => {
        for (const id of CAMERAS)
          await writeFile(join(dataDir, "..", `${id}.cred`), `${USER}:${passwordOf(id)}\n`, { mode: 0o600 });
      },
    }),
  );
  const password = await house.bridgePassword("z2m");
  const owned = stack.move();
  return {
    house,
    needles,
    dead,
    async move() {
      const client = await connectAsync(`mqtt://127.0.0.1:${house.brokerPort}`, { username: "bridge_z2m", password });
      for (const occupancy of [true, false])
        await client.publishAsync("zigbee2mqtt/pir", JSON.stringify({ occupancy }), { qos: 1 });
      await client.endAsync();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const within = (timeout: number) => ({ timeout, interval: 200 });

/** Motion, and what each camera made of it has arrived; true when a live one's picture was there before the dead one's end. */
async function lookRound(site: Site): Promise<boolean> {
  const { house } = site;
  const [made, withheld] = [house.counter("snapshot.made.redacted"), house.counter("snapshot.withheld.camera-timeout")];
  const before = house.events().length;
  await site.move();
  await expect.poll(() => house.counter("snapshot.made.redacted"), within(120_000)).toBe(made + LIVE.length);
  await expect.poll(() => house.counter("snapshot.withheld.camera-timeout"), within(60_000)).toBe(withheld + 1);
  await house.drained();
  const [first] = house
    .events()
    .slice(before)
    .filter(({ type }) => type.startsWith("hedgerow.snapshot."));
  return first?.type === "hedgerow.snapshot.redacted.v1";
}

/** The kept stream's decoder, among what runs below the gateway. */
async function decoderOf({ child }: RunningGateway): Promise<number> {
  const find = () => [...descendants(child.pid)].find(([, text]) => text.startsWith("ffmpeg\0"))?.[0] ?? 0;
  await expect.poll(find, within(30_000)).toBeGreaterThan(0);
  return find();
}

/** Everything that the page and its API show to who looks after the house. */
async function shownBy(house: House): Promise<string> {
  const base = `http://127.0.0.1:${house.statusPort}`;
  const code = (await readFile(join(house.dataDir, "setup-code.txt"), "utf8")).trim();
  const setup = await fetch(`${base}/api/v1/setup`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: base },
    body: JSON.stringify({ code, passphrase: "a camera on every gate" }),
  });
  expect(setup.status).toBe(200);
  const cookie = setup.headers.get("set-cookie")?.split(";")[0] ?? "";
  const paths = [
    "/",
    "/cameras",
    ...CAMERAS.map((id) => `/cameras/${id}`),
    "/transparency",
    "/api/v1/status",
    "/metrics",
  ];
  const pages = await Promise.all(
    paths.map(async (path) => (await fetch(`${base}${path}`, { headers: { cookie } })).text()),
  );
  expect(pages[1]).toContain("snapshot");
  return pages.join("\n");
}

describe.runIf(lacksFfmpeg === null)("a house with five cameras", () => {
  test("four cameras' pictures arrive redacted while the fifth hangs, and nothing tells a password or shows a face", async () => {
    await using site = await openSite();
    const { house, needles } = site;
    const gateway = await house.start();
    await decoderOf(gateway);
    const seen: string[] = [];
    const watch = setInterval(() => seen.push(...descendants(gateway.child.pid).values()), 50);
    // The detector may still be starting, and a busy machine takes long: one of three rounds is told in the right order.
    const isInOrder = (await lookRound(site)) || (await lookRound(site)) || (await lookRound(site));
    expect(isInOrder, "the first picture did not wait for the dead camera").toBe(true);
    clearInterval(watch);

    const events = house.events();
    const pictures = events.filter(({ type }) => type === "hedgerow.snapshot.redacted.v1");
    expect(new Set(pictures.map(({ subject }) => subject)).size).toBe(LIVE.length);
    for (const { data } of pictures) expect(data["regions"]).toBeGreaterThanOrEqual(3);
    const withheld = events.filter(({ type }) => type === "hedgerow.snapshot.withheld.v1");
    expect(new Set(withheld.map(({ data }) => data["reason"]))).toEqual(new Set(["camera-timeout"]));
    expect(new Set(withheld.map(({ subject }) => subject)).size).toBe(1);

    const credentials = await readFile(join(house.directory, "dead.cred"), "utf8");
    const texts = {
      "command lines": seen.join("\n"),
      log: gateway.log.join("\n"),
      page: await shownBy(house),
      platform: JSON.stringify(events),
      spool: await readFile(join(house.dataDir, "spool.db"), "latin1"),
      registry: await readFile(join(house.dataDir, "registry.json"), "latin1"),
    };
    expect(seen.some((text) => text.startsWith("ffmpeg\0"))).toBe(true);
    const found = SECRETS.filter((secret) => credentials.includes(secret));
    expect(found, "the search finds what it should").toContain(passwordOf("dead"));
    for (const [place, text] of Object.entries(texts))
      expect(
        SECRETS.filter((secret) => text.includes(secret)),
        place,
      ).toEqual([]);
    for (const place of [house.directory, "/dev/shm"])
      expect(await leaksInDirectory(place, needles), place).toEqual([]);
    for (const { jpeg } of house.platform.store.pictures()) {
      expect(leaksIn(jpeg, needles)).toEqual([]);
      expect(SECRETS.filter((secret) => jpeg.includes(secret))).toEqual([]);
    }
  });

  test("after SIGTERM, in the middle of a look, no process is left", async () => {
    await using site = await openSite();
    const gateway = await site.house.start();
    await decoderOf(gateway);
    await site.move();
    await expect.poll(() => site.dead.asked.some(({ status }) => status === 0), within(30_000)).toBe(true);
    const running = [...descendants(gateway.child.pid).keys()];
    expect(running.length).toBeGreaterThanOrEqual(2);
    expect(await gateway.end("SIGTERM")).toBe(0);
    await expect.poll(() => running.filter(isAlive), within(15_000)).toEqual([]);
  });

  test("kill -9 of the gateway leaves no ffmpeg behind", async () => {
    await using site = await openSite();
    const gateway = await site.house.start();
    const decoder = await decoderOf(gateway);
    const running = [...descendants(gateway.child.pid).keys()];
    expect(running).toContain(decoder);
    await gateway.end("SIGKILL");
    await expect.poll(() => running.filter(isAlive), within(15_000)).toEqual([]);
  });
});
