// Shown with the real program, a real login and a real MQTT client as the lamp: a steward's click reaches the lamp on its own
// command topic, its answer becomes an event, and the ledger holds who asked. A lamp that is away is said so.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import { z } from "zod";
import { openDatabase } from "../../src/core/database.ts";
import { findCommandFault, type LampCommand } from "../../src/ledger/lamp-commands.ts";
import { type House, openHouseWithPlatform } from "../helpers/house-with-platform.ts";

const kit = {
  devices: [{ id: "lamp-3", profile: "tasmota/relay", topic: "lamp3", zone: "path", lamp: { litWhen: "night" } }],
};
const Login = z.object({ username: z.string(), password: z.string() });

/** Does what the first steward does, and gives what posts in her name. */
async function becomeSteward(house: House) {
  const url = `http://127.0.0.1:${house.statusPort}`;
  const post = (path: string, body: object, cookie = ""): Promise<Response> =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie },
      body: JSON.stringify(body),
    });
  const code = (await readFile(join(house.dataDir, "setup-code.txt"), "utf8")).trim();
  const setup = await post("/api/v1/setup", { code, passphrase: "a lamp in every path" });
  expect(setup.ok).toBe(true);
  const cookie = setup.headers
    .getSetCookie()
    .map((each) => each.split(";")[0])
    .join("; ");
  return {
    post: (path: string, body: object) => post(path, body, cookie),
    lamp: async (): Promise<unknown> =>
      z
        .object({ devices: z.array(z.object({ lamp: z.unknown() })) })
        .parse(await (await fetch(`${url}/api/v1/status`, { headers: { cookie } })).json()).devices[0]?.lamp,
  };
}

function ledgerOf({ dataDir }: House): LampCommand[] {
  const database = openDatabase(join(dataDir, "ledger.db"));
  try {
    const rows = database.prepare("SELECT body FROM lamp_commands ORDER BY number").all();
    return rows.map(({ body }) => JSON.parse(String(body)));
  } finally {
    database.close();
  }
}

test("a steward switches a lamp: it obeys, answers, and the ledger knows who asked", async () => {
  await using house = await openHouseWithPlatform({ kit });
  await house.start();
  const steward = await becomeSteward(house);
  const { post } = steward;
  const login = Login.parse(
    JSON.parse(await house.hedgerow("device", "credentials", "lamp-3", "--config", house.config, "--json")),
  );

  const away = await post("/api/v1/devices/lamp-3/switch", { isOn: true });
  expect([away.status, await away.text()]).toEqual([409, expect.stringContaining("does not listen")]);

  const lamp = await connectAsync(`mqtt://127.0.0.1:${house.brokerPort}`, { ...login, reconnectPeriod: 0 });
  try {
    await lamp.subscribeAsync("cmnd/lamp3/#", { qos: 1 });
    const heard = new Promise<[string, Buffer]>((resolve) => {
      lamp.once("message", (topic, payload) => resolve([topic, payload]));
    });
    lamp.on("message", (_, payload) => {
      lamp.publish("stat/lamp3/POWER", payload, { qos: 1 });
    });
    // The first one, which nobody took, was two seconds ago by then.
    await expect
      .poll(async () => (await post("/api/v1/devices/lamp-3/switch", { isOn: true })).status, {
        timeout: 20_000,
        interval: 500,
      })
      .toBe(200);
    const [topic, payload] = await heard;
    expect([topic, String(payload)]).toEqual(["cmnd/lamp3/Power1", "ON"]);
    await expect.poll(steward.lamp, { timeout: 20_000 }).toMatchObject({ isOn: true });
  } finally {
    await lamp.endAsync(true);
  }

  await house.drained();
  const states = house.events().filter(({ type }) => type === "hedgerow.light.state.v1");
  expect(states).toMatchObject([{ data: { on: true } }]);
  const show = JSON.parse(await house.hedgerow("key", "show", "--config", house.config, "--json"));
  const commands = ledgerOf(house);
  expect(commands).toMatchObject([
    { lamp: "lamp-3", isOn: true, by: "steward" },
    { lamp: "lamp-3", isOn: true, by: "steward" },
  ]);
  expect(findCommandFault(commands, show.publicKey)).toBeNull();

  const file = join(house.directory, "ledger.jsonl");
  await house.hedgerow("ledger", "export", file, "--config", house.config);
  const checked = await house.hedgerow("ledger", "verify", file, "--public-key", show.publicKey, "--json");
  expect(JSON.parse(checked)).toMatchObject({
    gateway: "test-street",
    lines: { "lamp-command": 2, "policy-change": 1 },
  });
  const exported = await readFile(file, "utf8");
  expect(exported, "who asked stays in the house").not.toMatch(/steward|lamp-3/);
  await writeFile(file, exported.replace('"kind":"lamp-command"', '"kind":"disclosure"'));
  await expect(house.hedgerow("ledger", "verify", file)).rejects.toMatchObject({ code: 1 });

  const stranger = await fetch(`http://127.0.0.1:${house.statusPort}/api/v1/devices/lamp-3/switch`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ isOn: false }),
  });
  expect(stranger.status).toBe(401);
  expect(ledgerOf(house)).toHaveLength(2);
});
