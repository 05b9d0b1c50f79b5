// What a page load moves: the status page of twenty devices and two cameras with all that it brings along, their pictures aside,
// as a browser fetches it. A phone at the edge of the Wi-Fi waits for it.
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readAssets } from "../../src/web/assets.ts";
import { fakeHouse, fakeStatus } from "../helpers/fake-house.ts";
import { openTestWeb } from "../helpers/test-web.ts";

const KB = 1000;

test("a load of the status page moves less than 150 kB, all its scripts less than 100 kB", async () => {
  const [device] = fakeStatus().devices;
  const [camera] = fakeStatus().cameras;
  if (device === undefined || camera === undefined) throw new Error("unreachable");
  const devices = Array.from({ length: 20 }, (_, n) => ({ ...device, id: `d-${n}`, name: `Sensor ${n}` }));
  const house = fakeHouse({ devices, cameras: [camera, { ...camera, id: "yard-cam" }] });
  const nowMs = Date.now();
  const hours = Array.from({ length: 24 }, (_, n) => ({
    atMs: nowMs - (24 - n) * 3_600_000,
    state: n % 2 ? ("ok" as const) : ("stale" as const),
  }));
  for (const { id } of devices)
    house.histories.set(`device:${id}`, { fromMs: nowMs - 30 * 86_400_000, toMs: nowMs, changes: hours, lows: [] });
  await using page = await openTestWeb({ house });
  const headers = { ...(await page.enter()), "accept-encoding": "gzip" };
  let moved = 0;
  const fetched = new Set<string>();
  const load = async (path: string): Promise<void> => {
    if (fetched.has(path)) return;
    fetched.add(path);
    const answer = await fetch(`${page.url}${path}`, { headers });
    moved += Number(answer.headers.get("content-length") ?? 0) || (await answer.clone().arrayBuffer()).byteLength;
    const text = await answer.text();
    for (const [, to = ""] of text.matchAll(/(?:href|src|from|import) ?=?"((?:\/assets|\.)\/[^"]+)"/g))
      await load(new URL(to, `${page.url}${path}`).href.slice(page.url.length));
  };
  await load("/");
  expect([...fetched].filter((path) => path.includes(".js"))).toHaveLength(2);
  expect(moved).toBeGreaterThan(20 * KB);
  expect(moved).toBeLessThan(150 * KB);
});

test("all script that there is, unpacked, is less than 100 kB; each file is served packed to who takes it, and the same", async () => {
  const assets = Object.values(await readAssets());
  const scripts = assets.filter(({ type }) => type.includes("javascript"));
  expect(scripts.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)).toBeLessThan(100 * KB);
  await using page = await openTestWeb();
  for (const { url, bytes, gzip } of assets) {
    expect(new Uint8Array(gunzipSync(gzip))).toEqual(bytes);
    const packed = await page.ask("GET", url, { headers: { "accept-encoding": "br, gzip;q=0.8" } });
    expect([packed.headers["content-encoding"], packed.headers.vary]).toEqual(["gzip", "accept-encoding"]);
    const plain = await page.ask("GET", url, { headers: { "accept-encoding": "br, gzip;q=0" } });
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(Buffer.byteLength(plain.text)).toBe(bytes.byteLength);
  }
});
