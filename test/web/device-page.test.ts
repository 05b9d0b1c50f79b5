// What a device's page says is the next step: true for how the device is, and for who speaks for it.
import { expect, test } from "vitest";
import { languageOf } from "../../src/languages/say.ts";
import type { DeviceView, HeardView } from "../../src/core/commands.ts";
import { devicePage } from "../../src/web/device-page.ts";
import type { Speaker } from "../../src/web/speakers.ts";
import { fakeBridge, fakeProposal, fakeStatus } from "../helpers/fake-house.ts";
import { openTestWeb } from "../helpers/test-web.ts";

const WORKS = "its readings are used";
const said: HeardView = {
  at: "2026-06-01T10:00:00.000Z",
  outcome: "readings",
  reason: null,
  readings: [{ kind: "online", value: false }],
  removed: [],
};

async function pageOf(
  change: Partial<DeviceView>,
  speaker: Speaker,
  messages: readonly HeardView[] = [],
): Promise<string> {
  const [device] = fakeStatus().devices;
  if (device === undefined) throw new Error("unreachable");
  const shown = { device: { ...device, ...change }, listed: undefined, speaker, messages, isSteward: true };
  return (
    await devicePage(
      { ...shown, done: undefined },
      { nowMs: Date.parse(said.at), timezone: "UTC", language: languageOf("en") },
    )
  ).toString();
}

const itself = { kind: "itself" } as const;
const wire = { kind: "wire" } as const;
const bridge = { kind: "bridge", bridge: fakeBridge } as const;

test("a device that is offline or late is not said to work, though its last message was used", async () => {
  expect(await pageOf({ state: "offline" }, wire, [said])).toContain("its pin cannot be read");
  expect(await pageOf({ state: "offline" }, itself, [said])).toContain("its connection broke");
  expect(await pageOf({ state: "offline" }, bridge, [said])).toContain("its bridge says that it is away");
  expect(await pageOf({ state: "stale" }, itself, [said])).toContain("silent for longer than usual");
  expect(await pageOf({ state: "offline" }, wire, [said])).not.toContain(WORKS);
  expect(await pageOf({ state: "stale" }, itself, [said])).not.toContain(WORKS);
  expect(await pageOf({ state: "ok" }, itself, [said])).toContain(WORKS);
});

test("who has no login of its own is not asked to type its password again", async () => {
  expect(await pageOf({ state: "unknown" }, itself)).toContain("the password and the topic too");
  for (const speaker of [wire, bridge]) expect(await pageOf({ state: "unknown" }, speaker)).not.toContain("password");
  expect(await pageOf({ state: "unknown" }, bridge)).toContain("the bridge’s own page");
});

test("only a steward is shown what a device is called outside", async () => {
  const [device] = fakeStatus().devices;
  if (device === undefined) throw new Error("unreachable");
  const outside = { name: "device-00112233445566778899", until: "2026-12-31T23:00:00.000Z" };
  const listed = { id: device.id, name: "x", profile: "x", topic: "x", zone: "x", isPaired: true, outside };
  const pageFor = async (isSteward: boolean) => {
    const shown = { device, listed, speaker: itself, messages: [], isSteward, done: undefined };
    return (
      await devicePage(shown, { nowMs: Date.parse(said.at), timezone: "UTC", language: languageOf("en") })
    ).toString();
  };
  expect(await pageFor(true)).toContain("<code>device-00112233445566778899</code>⁩ until 31 December 2026");
  expect(await pageFor(false)).not.toContain("device-0011");
});

test("devices stand by zone, bridges apart with their own state, proposals above", async () => {
  await using page = await openTestWeb();
  page.house.proposals = [fakeProposal(), fakeProposal({ id: "p/2", profile: null }), fakeProposal({ id: "p-3" })];
  const { text } = await page.ask("GET", "/devices", { headers: await page.enter() });
  expect(text).toContain("3 wait for your approval");
  expect(text).toContain('href="/proposals/p%2F2"');
  expect(text).toMatch(/<bdi>Zigbee2MQTT<\/bdi>. bridge[^]*online[^]*heard [^]*1 minute ago/);
});

test("why a sensor is not seen: what became of its last messages, with the remedy once for each reason", async () => {
  await using page = await openTestWeb();
  const at = new Date().toISOString();
  const lost = { at, outcome: "dropped", reason: "not-json", readings: [], removed: [] } as const;
  page.house.heard = [
    { at, outcome: "readings", reason: null, readings: [{ kind: "motion", value: true }], removed: ["ssid", "<b>"] },
    lost,
    lost,
  ];
  const { text } = await page.ask("GET", "/devices/porch-motion", { headers: await page.enter() });
  expect(text).toContain("<b>motion</b>");
  expect(text).toContain("Not kept: <code>ssid</code>, <code>&lt;b&gt;</code>");
  expect(text.match(/could not be read/g)).toHaveLength(2);
  expect(text.match(/Check that the device sends JSON/g)).toHaveLength(1);
});

test("a device of which nothing was used says the next step for its newest reason", async () => {
  await using page = await openTestWeb();
  const at = new Date().toISOString();
  page.house.heard = [{ at, outcome: "dropped", reason: "encrypted", readings: [], removed: [] }];
  const { text } = await page.ask("GET", "/devices/porch-motion", { headers: await page.enter() });
  expect(text).toContain("<b>Next step:</b> Give the key");
});
