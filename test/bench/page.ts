// The status page of twenty devices and two cameras: what the box needs to make it, what it moves, when a browser paints it, and
// whether twenty open pages slow the sensors down, with none and with twenty in turns within one run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hasBrowser, launchPage } from "../helpers/browser-page.ts";
import { openHouse } from "../helpers/gateway-process.ts";
import { load } from "./events.ts";

const DEVICES = 20;
const PAGES = 20;
const ROUNDS = 3;
const LOADS = 200;
const PASSPHRASE = "a passphrase of the bench";

export async function benchPage() {
  const cameras = ["gate-cam", "yard-cam"];
  await using house = await openHouse({
    kit: {
      bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
      devices: Array.from({ length: DEVICES }, (_, n) => ({
        id: `lux-${n}`,
        profile: "zigbee2mqtt/illuminance",
        topic: `zigbee2mqtt/lux-${n}`,
        zone: ["porch", "gate", "path"][n % 3],
      })),
      cameras: cameras.map((id) => ({
        id,
        zone: "gate",
        source: { kind: "http-snapshot", url: "http://127.0.0.1:9/" },
      })),
    },
    policy: {
      cameras: Object.fromEntries(cameras.map((id) => [id, { purpose: { en: "The bench" }, until: "2099-01-01" }])),
    },
    broker: { limits: { messagesPerSecondPerDevice: 100_000 } },
  });
  const asked = ["bridge", "credentials", "z2m", "--config", house.config, "--json"] as const;
  const { password } = JSON.parse(await house.hedgerow(...asked));
  const gateway = await house.start();
  const url = `http://127.0.0.1:${house.statusPort}`;
  const cookie = await logIn(url, house.dataDir);
  // So that all devices have been heard.
  await ingest(house.brokerPort, password);
  const server = await serverTime(url, cookie);
  const browser = await firstPaint(url, cookie);
  const runs: { none: number; twenty: number; readers: Readers }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const none = await ingest(house.brokerPort, password);
    const readers = openReaders(url, cookie);
    const twenty = await ingest(house.brokerPort, password);
    runs.push({ none, twenty, readers: await readers.close() });
  }
  await gateway.end("SIGTERM");
  const middle = runs.toSorted((a, b) => a.twenty / a.none - b.twenty / b.none)[Math.floor(ROUNDS / 2)];
  if (middle === undefined) throw new Error("unreachable");
  const { none, twenty, readers } = middle;
  return {
    server,
    browser,
    ingest: {
      perSecondWithNone: Math.round(none),
      perSecondWithPages: Math.round(twenty),
      ratio: Math.round((twenty / none) * 1000) / 1000,
      readers,
    },
  };
}

async function ingest(port: number, password: string): Promise<number> {
  const { acknowledged, seconds } = await load(port, "bridge_z2m", password, "zigbee2mqtt/lux-");
  return acknowledged / seconds;
}

async function logIn(url: string, dataDir: string): Promise<string> {
  const code = /[A-Z0-9]{4}[A-Z0-9-]*/.exec(await readFile(join(dataDir, "setup-code.txt"), "utf8"))?.[0];
  const answer = await fetch(`${url}/api/v1/setup`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ code, passphrase: PASSPHRASE }),
  });
  if (!answer.ok) throw new Error(`no way in: ${answer.status} ${await answer.text()}`);
  return answer.headers.get("set-cookie")?.split(";")[0] ?? "";
}

/** From asking to the last byte, one after another; the client's time is in it. */
async function serverTime(url: string, cookie: string) {
  const waits: number[] = [];
  let bytes = 0;
  for (let n = 0; n < LOADS; n += 1) {
    const startedAt = performance.now();
    const body = await (await fetch(`${url}/`, { headers: { cookie } })).arrayBuffer();
    waits.push(performance.now() - startedAt);
    bytes = body.byteLength;
  }
  waits.sort((a, b) => a - b);
  const at = (share: number) => Math.round((waits[Math.floor(waits.length * share)] ?? 0) * 10) / 10;
  return { p50Ms: at(0.5), p99Ms: at(0.99), htmlBytes: bytes };
}

/** With nothing in the browser's cache; null where there is no browser. `bytes`: moved, pictures aside. */
async function firstPaint(url: string, cookie: string) {
  if (!hasBrowser()) return null;
  await using open = await launchPage(url);
  const { page, context } = open;
  const [name = "", value = ""] = cookie.split("=");
  await context.addCookies([{ name, value, url }]);
  let bytes = 0;
  const sizes: Promise<void>[] = [];
  page.on("requestfinished", (request) => {
    if (/last\.jpg|stream/.test(request.url())) return;
    sizes.push(request.sizes().then((size) => void (bytes += size.responseBodySize + size.responseHeadersSize)));
  });
  await page.goto(url);
  const paintMs = await page.evaluate<number>(
    "new Promise((seen) => new PerformanceObserver((list) => seen(list.getEntriesByName('first-contentful-paint')[0].startTime)).observe({ type: 'paint', buffered: true }))",
  );
  await Promise.all(sizes);
  return { firstPaintMs: Math.round(paintMs), bytes };
}

type Readers = { readonly pages: number; readonly fetches: number; readonly p50Ms: number; readonly p99Ms: number };

function openReaders(url: string, cookie: string) {
  const script = new URL("page-readers.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, url, cookie, String(PAGES)], { stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (part: Buffer) => (printed += part.toString()));
  return {
    async close(): Promise<Readers> {
      const exit = once(child, "exit");
      child.stdin.end();
      await exit;
      return JSON.parse(printed);
    },
  };
}
