// Shown on the running program: a looser policy is announced (page, API, platform, ledger) and does not hold; what of it is tighter
// does; two stewards approve it, the house opens anew by itself, and then it holds. Nothing is lost on the way.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { type House, openHouseWithPlatform } from "../helpers/house-with-platform.ts";
import { PASSPHRASE } from "../helpers/test-web.ts";

const Standing = z.object({
  sha256: z.string(),
  policy: SCHEMAS.policy,
  announced: z
    .object({ sha256: z.string(), policy: SCHEMAS.policy, hoursLeft: z.number(), approvedBy: z.array(z.string()) })
    .nullable(),
});
const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: [{ id: "pir", profile: "zigbee2mqtt/occupancy", topic: "zigbee2mqtt/pir", zone: "porch" }],
};
const counts = { motion: { mode: "counts", windowS: 1, atLeast: 2 }, fields: { batteryPct: true } };
const each = { motion: { mode: "each" }, fields: { batteryPct: false } };

test("a looser policy waits for its notice or for two stewards; what of it is tighter does not", async () => {
  await using house = await openHouseWithPlatform({ kit, policy: { events: { timeBucketS: 1, ...counts } } });
  const first = await house.start();
  const url = `http://127.0.0.1:${house.statusPort}`;
  const code = (await readFile(join(house.dataDir, "setup-code.txt"), "utf8")).match(/[A-Z0-9-]{8,}/)?.[0] ?? "";
  await enter(`${url}/api/v1/setup`, { code, passphrase: PASSPHRASE });
  const made = await house.hedgerow("user", "add", "ben", "--role", "steward", "--config", house.config, "--json");
  const { passphrase } = JSON.parse(made);
  expect(await first.end("SIGTERM")).toBe(0);
  await twoDaysLater(house);
  await change(house, { timeBucketS: 1, ...each });
  const gateway = await house.start();
  const ada = await enter(`${url}/api/v1/login`, { user: "steward", passphrase: PASSPHRASE });
  const ben = await enter(`${url}/api/v1/login`, { user: "ben", passphrase });

  const { policy, announced } = await standing(url, ada);
  expect(policy.events).toMatchObject({ motion: { mode: "counts" }, fields: { batteryPct: false } });
  expect(announced).toMatchObject({ policy: { events: { motion: { mode: "each" } } }, approvedBy: [] });
  if (announced === null) throw new Error("unreachable");
  expect(announced.hoursLeft).toBeGreaterThan(23.9);
  await walkBy(house);
  await expect.poll(() => types(house), { timeout: 20_000 }).toContain("motion.count.v1");
  expect(types(house)).not.toContain("motion.detected.v1");

  expect(await approve(url, ada, announced.sha256)).toEqual({ missing: 1 });
  expect(await approve(url, ben, announced.sha256)).toEqual({ missing: 0 });
  await expect
    .poll(() => gateway.log.filter((line) => line.includes("gateway open")).length, { timeout: 30_000 })
    .toBe(2);
  expect(await standing(url, await enter(`${url}/api/v1/login`, { user: "ben", passphrase }))).toMatchObject({
    sha256: announced.sha256,
    announced: null,
  });
  await walkBy(house);
  await expect.poll(() => types(house), { timeout: 20_000 }).toContain("motion.detected.v1");
  await house.drained();
  expect(house.holes()).toEqual([]);
  const told = house
    .events()
    .filter(({ type }) => type === "hedgerow.policy.changed.v1")
    .map(({ data }) => data);
  expect(told).toContainEqual(
    expect.objectContaining({ change: "announced", policy: announced.sha256, noticeHours: 24 }),
  );
  expect(told).toContainEqual(expect.objectContaining({ change: "in-force", policy: announced.sha256 }));
  const ledger = await house.hedgerow("ledger", "show", "--kind", "policy-change", "--json", "--config", house.config);
  for (const said of ['"announced"', '"approvals":2', announced.sha256]) expect(ledger).toContain(said);
  expect(ledger).not.toMatch(/\bben\b|\bsteward\b/);
  expect(await house.hedgerow("ledger", "verify", "--config", house.config)).toContain("is whole");
});

async function change(house: House, events: object): Promise<void> {
  const path = join(house.directory, "policy.yaml");
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), events }));
}

/** Who was made a steward a moment ago may not approve: the accounts are two days old. */
async function twoDaysLater({ dataDir }: House): Promise<void> {
  const path = join(dataDir, "registry.json");
  const createdAt = new Date(Date.now() - 48 * 3_600_000).toISOString();
  const aged = (await readFile(path, "utf8")).replaceAll(/"createdAt": ?"[^"]*"/g, `"createdAt":"${createdAt}"`);
  expect(aged).toContain(createdAt);
  await writeFile(path, aged);
}

async function walkBy(house: House): Promise<void> {
  const client = await house.connectBridge();
  for (let n = 0; n < 8; n++) {
    await client.publishAsync("zigbee2mqtt/pir", JSON.stringify({ occupancy: n % 2 === 0, battery: 50 }), { qos: 1 });
  }
  await client.endAsync(true);
}

function types(house: House): string[] {
  return house.events().map(({ type }) => type.replace("hedgerow.", ""));
}

/** The cookie of who is let in. */
async function enter(url: string, body: object): Promise<string> {
  const answer = await send(url, body);
  return answer.headers.get("set-cookie")?.split(";")[0] ?? "";
}

async function standing(url: string, cookie: string) {
  return Standing.parse(await (await fetch(`${url}/api/v1/policy`, { headers: { cookie } })).json());
}

async function approve(url: string, cookie: string, sha256: string): Promise<unknown> {
  return (await send(`${url}/api/v1/policy/approve`, { sha256 }, cookie)).json();
}

async function send(url: string, body: object, cookie = ""): Promise<Response> {
  const headers = { "content-type": "application/json", cookie };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}
