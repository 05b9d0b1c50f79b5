// Shown: the first README command's second half, as a harness or a person starts it: through npm. Within a minute the receiver
// holds signed events and a redacted picture and the page shows both; SIGTERM to npm ends everything that was started.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { z } from "zod";
import { freePorts } from "../helpers/gateway-process.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

type Facts = { status: string; platform: string; setupCode: string; dataDir: string; pid: number };

async function freeBase(): Promise<number> {
  // Three ports in a row, of which the first was free a moment ago.
  const [port = 0] = await freePorts(1);
  return Math.min(port, 65_000);
}

async function startDemo(): Promise<{ npm: ChildProcess; facts: Facts }> {
  const args = ["run", "-s", "demo", "--", "--json", "--port-base", String(await freeBase())];
  const npm = spawn("npm", args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"], detached: true });
  const [line] = await once(createInterface(npm.stdout), "line");
  return { npm, facts: JSON.parse(line) };
}

const isRunning = (pid: number) => existsSync(`/proc/${pid}`);
const json = async (url: string, init?: RequestInit): Promise<unknown> => await (await fetch(url, init)).json();
const Status = z.looseObject({
  devices: z.array(z.looseObject({ id: z.string(), state: z.string() })),
  cameras: z.tuple([z.looseObject({ lastImageSha256: z.string().regex(/^[0-9a-f]{64}$/) })]),
});
const Events = z.looseObject({ events: z.array(z.looseObject({ id: z.string() })) });

test("the demo sends events and a redacted picture, shows both, and ends with everything it started", async () => {
  const { npm, facts } = await startDemo();
  const family = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, parent]) => (pid !== undefined && parent === facts.pid ? [pid] : []));
  expect(family.length, "platform, camera, kit and redactor").toBeGreaterThanOrEqual(4);
  try {
    await expect
      .poll(async () => await json(`${facts.platform}/v1/stats`), { timeout: 60_000, interval: 500 })
      .toMatchObject({ snapshots: expect.toSatisfy((n: number) => n > 0), conflicts: 0, refused: {} });
    const passphrase = "a hedge of hawthorn";
    const setup = await fetch(`${facts.status}/api/v1/setup`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code: facts.setupCode, passphrase }),
    });
    expect(setup.status).toBe(200);
    const cookie = setup.headers.get("set-cookie")?.split(";")[0] ?? "";
    const status = Status.parse(await json(`${facts.status}/api/v1/status`, { headers: { cookie } }));
    expect(status.devices.filter(({ state }) => state === "ok").length).toBeGreaterThanOrEqual(4);
    expect(status.devices, "the wired sensor").toContainEqual(
      expect.objectContaining({ id: "cellar-pir", state: "ok" }),
    );
    const { events } = Events.parse(await json(`${facts.platform}/v1/events?after=0`));
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  } finally {
    const ended = once(npm, "exit");
    npm.kill("SIGTERM");
    await ended;
  }
  for (const pid of [facts.pid, ...family]) {
    await expect.poll(() => isRunning(pid), { timeout: 15_000, message: `process ${pid}` }).toBe(false);
  }
  expect(existsSync(dirname(facts.dataDir)), "its directory").toBe(false);
});
