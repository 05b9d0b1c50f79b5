// How a sensor is added from the page, without script; what is refused; over real HTTP.
import { expect, test } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { setUpParts } from "../../src/web/set-up-lines.ts";
import { fakeHouse, fakeStatus } from "../helpers/fake-house.ts";
import { openTestWeb, post } from "../helpers/test-web.ts";

const PASSWORD = "made-up-password";

test("a steward chooses a family, says what and where it is, and reads the lines", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const families = (await page.ask("GET", "/devices/new", { headers })).text;
  expect(families).toContain('href="/devices/new/tasmota"');
  const form = (await page.ask("GET", "/devices/new/tasmota", { headers })).text;
  expect(form).toContain("reads motion, radio strength and whether it is online");
  expect(form).toContain('<option value="porch"></option>');
  const fields = { profile: "tasmota/switch-pir", name: "Gate PIR", zone: "Front Gate" };
  const made = await post(page, "/devices/new/tasmota", fields, headers);
  expect(made.status).toBe(303);
  expect(page.house.asked).toEqual([
    ["pairDevice", { profile: "tasmota/switch-pir", name: "Gate PIR", zone: "front-gate" }],
  ]);
  const lines = (await page.ask("GET", made.headers.location ?? "", { headers })).text;
  for (const shown of [PASSWORD, "Waiting for the first message", 'class="qr"', "/pair/"])
    expect(lines).toContain(shown);
  expect(lines).toContain(`<pre data-copy>Backlog Topic front-gate-1; MqttUser u-3f8a; MqttPassword ${PASSWORD}</pre>`);
});

test("two presses of one button make one login", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const form = (await page.ask("GET", "/devices/new/tasmota", { headers })).text;
  const once = /name="once" value="([\w-]+)"/.exec(form)?.[1] ?? "";
  const fields = { once, profile: "tasmota/relay", zone: "path" };
  const [one, two] = await Promise.all([1, 2].map(() => post(page, "/devices/new/tasmota", fields, headers)));
  expect(page.house.asked).toHaveLength(1);
  expect(one?.headers.location).toBe(two?.headers.location);
});

test("what came since the login was made and could not be used is said instead of silence", async () => {
  const [, lamp] = fakeStatus().devices;
  if (lamp === undefined) throw new Error("unreachable");
  await using page = await openTestWeb({ house: fakeHouse({ devices: [{ ...lamp, heardAt: null }] }) });
  const headers = await page.enter();
  const said = { outcome: "dropped", reason: "foreign-topic", readings: [], removed: [] } as const;
  page.house.heard = [{ ...said, at: new Date(Date.now() - 60_000).toISOString() }];
  const path = (await post(page, "/devices/lamp-3/credentials", {}, headers)).headers.location ?? "";
  expect((await page.ask("GET", path, { headers })).text).toContain("Waiting for the first message");
  page.house.heard = [{ ...said, at: new Date().toISOString() }, ...page.house.heard];
  expect((await page.ask("GET", path, { headers })).text).toContain("It spoke on a topic that is not its own");
});

test("the page says that it was heard once the device speaks with its new login, not for what it said before", async () => {
  const [, lamp] = fakeStatus().devices;
  if (lamp === undefined) throw new Error("unreachable");
  await using page = await openTestWeb({ house: fakeHouse({ devices: [lamp] }) });
  const headers = await page.enter();
  const made = await post(page, "/devices/lamp-3/credentials", {}, headers);
  const path = made.headers.location ?? "";
  expect((await page.ask("GET", path, { headers })).text).toContain("Waiting for the first message");
  page.house.heard = [
    {
      at: new Date().toISOString(),
      outcome: "readings",
      reason: null,
      readings: [{ kind: "switch", value: true }],
      removed: [],
    },
  ];
  page.house.set({ devices: [{ ...lamp, heardAt: new Date().toISOString() }] });
  expect((await page.ask("GET", path, { headers })).text).toMatch(/Heard it![^]*switched on/);
});

test("a family whose bridge is not there yet gets its bridge first", async () => {
  await using page = await openTestWeb({ house: fakeHouse({ bridges: [] }) });
  const headers = await page.enter();
  expect((await page.ask("GET", "/devices/new/zigbee2mqtt", { headers })).text).toContain('value="zigbee2mqtt"');
  const made = await post(page, "/devices/new/zigbee2mqtt/bridge", { base: "zigbee2mqtt" }, headers);
  expect(page.house.asked).toEqual([["addBridge", { family: "zigbee2mqtt", base: "zigbee2mqtt" }]]);
  const lines = (await page.ask("GET", made.headers.location ?? "", { headers })).text;
  expect(lines).toContain("Waiting for the bridge’s first message");
  expect(lines).toContain("<pre data-copy>mqtt:\n  user: x</pre>");
});

test("a wired sensor is asked for its pin and how it is wired", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const fields = { profile: "gpio/pir", zone: "gate" };
  const asked = (await page.ask("GET", "/devices/new/gpio", { headers })).text;
  expect(asked).toMatch(/value="power" checked>[^]*value="ground">/);
  const without = await post(page, "/devices/new/gpio", { ...fields, pin: "17a", wiring: "ground" }, headers);
  expect([without.status, without.text.includes("BCM number, such as 17")]).toEqual([400, true]);
  expect(without.text).toContain('value="ground" checked>');
  expect((await post(page, "/devices/new/gpio", { ...fields, pin: "17" }, headers)).status).toBe(303);
  await post(page, "/devices/new/gpio", { ...fields, pin: "5", wiring: "ground" }, headers);
  expect(page.house.asked).toEqual([
    ["pairDevice", { profile: "gpio/pir", zone: "gate", pin: 17 }],
    ["pairDevice", { profile: "gpio/pir", zone: "gate", pin: 5, activeLow: true, pull: "up" }],
  ]);
});

test.each([
  ["no profile chosen", { profile: "", zone: "porch" }, "Please choose what it is."],
  ["a profile of another family", { profile: "zigbee2mqtt/occupancy", zone: "porch" }, "Please choose what it is."],
  ["a zone without a Latin letter", { profile: "tasmota/relay", zone: "…" }, "Latin letters"],
  ["a name beyond the bound", { profile: "tasmota/relay", zone: "porch", name: "x".repeat(81) }, "80 characters"],
])("%s is refused in a sentence, and what was typed stays", async (_, fields, sentence) => {
  await using page = await openTestWeb();
  const answered = await post(page, "/devices/new/tasmota", fields, await page.enter());
  expect(answered.status).toBe(400);
  expect(answered.text).toMatch(new RegExp(`role="alert"><p>[^<]*${sentence}`));
  expect(answered.text).toContain(`value="${fields.zone}"`);
  expect(page.house.asked).toEqual([]);
});

test("what the gateway refuses is said with its hint, and the form can be sent again", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  page.house.refusal = new GatewayError("ALREADY_EXISTS", "the topic is <taken>", { hint: "Choose another." });
  const fields = { once: "again", profile: "tasmota/relay", zone: "porch" };
  const refused = await post(page, "/devices/new/tasmota", fields, headers);
  expect([refused.status, refused.text.includes("The topic is &lt;taken&gt;. Choose another.")]).toEqual([409, true]);
  expect((await post(page, "/devices/new/tasmota", fields, headers)).status).toBe(303);
});

test("a steward's page of lines is no other's", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const made = await post(page, "/devices/new/tasmota", { profile: "tasmota/relay", zone: "porch" }, headers);
  await page.registry.update((data) => {
    data.accounts.push(...data.accounts.map((account) => ({ ...account, user: "other" })));
  });
  const { cookie = "" } = await page.send("/api/v1/login", { user: "other", passphrase: "correct horse battery" });
  const answered = await page.ask("GET", made.headers.location ?? "", { headers: { cookie } });
  expect([answered.status, answered.text.includes(PASSWORD)]).toEqual([404, false]);
});

test("set-up lines are sentences, fields or lines to type, and those in a row belong together", () => {
  expect(
    setUpParts([
      "Write these lines:",
      "mqtt:",
      "  user: 'Émile.'",
      "Restart it. Then wait.",
      "Note: leave the rest as it is.",
      "Server: 192.168.1.5:1883",
      "User name: porch",
      "Backlog A b",
      "A label that goes on and on is one of a sentence: porch",
    ]),
  ).toEqual([
    { kind: "read", text: "Write these lines:" },
    { kind: "type", text: "mqtt:\n  user: 'Émile.'" },
    { kind: "read", text: "Restart it. Then wait." },
    { kind: "read", text: "Note: leave the rest as it is." },
    {
      kind: "fill",
      fields: [
        { label: "Server", value: "192.168.1.5:1883" },
        { label: "User name", value: "porch" },
      ],
    },
    { kind: "type", text: "Backlog A b" },
    { kind: "read", text: "A label that goes on and on is one of a sentence: porch" },
  ]);
});
