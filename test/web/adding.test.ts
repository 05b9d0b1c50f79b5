// Finding one's way among many: families by the brand on the packaging, pins on the picture of the header, many devices by
// zone, state and word, several announcements approved at once; and back to the set-up where one came from it. No script.
import { expect, test } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { builtInProfiles, openProfiles } from "../../src/profiles/profiles.ts";
import { languageOf } from "../../src/languages/say.ts";
import { aboutFamily, searched, usualFirst } from "../../src/web/families.ts";
import { likelyZone } from "../../src/web/proposal-pages.ts";
import { SENTENCES } from "../../src/web/set-up-words.ts";
import { thenOf } from "../../src/web/then.ts";
import { fakeHouse, fakeProposal, fakeStatus } from "../helpers/fake-house.ts";
import { openTestWeb, post } from "../helpers/test-web.ts";

const [porch] = fakeStatus().devices;
if (porch === undefined) throw new Error("unreachable");
const english = languageOf("en");
const profiles = await openProfiles({ directories: [builtInProfiles] });
const families = profiles.families().map(({ bridge, ...family }) => ({ ...family, bridgeBase: bridge?.base ?? null }));

test.each([
  ["ikea", "zigbee2mqtt"],
  ["Éclairage", null],
  ["nous", "tasmota"],
  ["door contact", "gpio"],
  ["LoRaWAN Milesight", "chirpstack"],
])("a search for %s finds the family", (typed, id) => {
  const found = searched(families, typed, english).map((family) => family.id);
  expect(id === null ? found : found.includes(id)).toEqual(id === null ? [] : true);
});

test("each built-in family says in the reader's words what it is for, and the most usual come first", () => {
  expect(families.filter((family) => aboutFamily(family, english) === null).map(({ id }) => id)).toEqual([]);
  const { usual, others } = usualFirst(families);
  expect(usual.map(({ id }) => id)).toEqual(["zigbee2mqtt", "shelly", "tasmota"]);
  expect(others).toHaveLength(families.length - 3);
});

test("each sentence that is said in the reader's words is one that set-up lines have", () => {
  const lines = new Set([
    ...profiles.families().flatMap(({ bridge }) => bridge?.setup ?? []),
    ...profiles.list.flatMap(({ setup }) => setup),
  ]);
  expect([...SENTENCES.keys()].filter((line) => !lines.has(line))).toEqual([]);
});

test("the picture of the header offers what is free, and says who has the rest", async () => {
  await using page = await openTestWeb({ house: fakeHouse({ devices: [{ ...porch, name: "Old <b>PIR</b>" }] }) });
  const { commands } = page.house;
  page.house.commands.listDevices = () => [
    { id: "old", name: "Old <b>PIR</b>", profile: "gpio/pir", topic: "gpio/pi/17", zone: "gate", isPaired: true },
  ];
  expect(commands.listDevices()).toHaveLength(1);
  const headers = await page.enter();
  const { text } = await page.ask("GET", "/devices/new/gpio", { headers });
  expect(text).toMatch(
    /value="17" aria-label="BCM 17, place 11 on the header, taken by Old &lt;b&gt;PIR[^>]*disabled>/,
  );
  expect(text).toMatch(/value="4" aria-label="BCM 4, place 7 on the header">/);
  expect(text.match(/name="pick"/g)).toHaveLength(28);
  const fields = { profile: "gpio/pir", zone: "gate", pick: "4" };
  expect((await post(page, "/devices/new/gpio", fields, headers)).status).toBe(303);
  expect((await post(page, "/devices/new/gpio", { ...fields, pin: "27" }, headers)).status).toBe(303);
  expect(page.house.asked.map(([, ask]) => ask)).toEqual([
    { profile: "gpio/pir", zone: "gate", pin: 4 },
    { profile: "gpio/pir", zone: "gate", pin: 27 },
  ]);
});

test("of many devices those of a zone, of a state or with a word are shown, with the others one link away", async () => {
  const devices = Array.from({ length: 200 }, (_, n) => ({
    ...porch,
    id: `device-${n}`,
    name: `Lampe d’été ${n}`,
    zone: n % 2 === 0 ? "path" : "gate",
    state: n % 50 === 0 ? ("offline" as const) : ("ok" as const),
  }));
  await using page = await openTestWeb({ house: fakeHouse({ devices }) });
  const headers = await page.enter();
  const shown = async (query: string) => {
    const { text } = await page.ask("GET", `/devices${query}`, { headers });
    return { text, ids: [...text.matchAll(/href="\/devices\/(device-\d+)"/g)].map(([, id]) => id) };
  };
  expect((await shown("")).ids).toHaveLength(200);
  const away = await shown("?state=offline&zone=path");
  expect(away.ids).toEqual(["device-0", "device-50", "device-100", "device-150"]);
  expect(away.text).toContain("4 of 200 devices.");
  expect((await shown("?q=ete+199")).ids).toEqual(["device-199"]);
  const none = await shown('?q="><script>');
  expect([none.ids, none.text.includes("No device is like that."), none.text.includes("<script>")]).toEqual([
    [],
    true,
    false,
  ]);
});

test("a house without devices leads a steward to the first one", async () => {
  await using page = await openTestWeb({ house: fakeHouse({ devices: [], bridges: [] }) });
  const { text } = await page.ask("GET", "/devices", { headers: await page.enter() });
  expect(text).toContain("Add the first sensor");
  expect(text).toContain('href="/devices/new/tasmota"');
});

test("those with a tick are approved into one zone; what is refused of one hinders no other, and is said", async () => {
  await using page = await openTestWeb();
  page.house.proposals = [
    fakeProposal({ id: "one", name: "One" }),
    fakeProposal({ id: "two", name: "Two <i>" }),
    fakeProposal({ id: "three" }),
    fakeProposal({ id: "other", via: "rtl" }),
    fakeProposal({ id: "unknown", profile: null }),
  ];
  const headers = await page.enter();
  const form = async (query = "") => (await page.ask("GET", `/proposals${query}`, { headers })).text;
  expect([await form(), await form("?all=z2m")].map((text) => text.match(/ checked/g)?.length ?? 0)).toEqual([0, 3]);
  expect(await form()).not.toContain("choose-unknown");
  const none = await post(page, "/proposals/approve", { zone: "hall" }, headers);
  expect([none.status, none.text.includes("tick at least one")]).toEqual([400, true]);
  page.house.refusal = new GatewayError("ALREADY_EXISTS", "the topic is taken");
  const fields = { "choose-one": "on", "choose-two": "on", zone: "Back Yard" };
  const answered = await post(page, "/proposals/approve", fields, headers);
  expect([answered.status, answered.text.includes("One: The topic is taken.")]).toEqual([409, true]);
  expect(page.house.asked.map(([, ask]) => ask)).toEqual([
    { proposal: "one", zone: "back-yard", name: "One" },
    { proposal: "two", zone: "back-yard", name: "Two <i>" },
  ]);
  const done = await post(page, "/proposals/approve", fields, headers);
  expect(done.headers.location).toBe("/devices?done=approved-all");
});

test("one press approves into a zone there is", async () => {
  await using page = await openTestWeb();
  page.house.proposals = [fakeProposal()];
  const headers = await page.enter();
  const { text } = await page.ask("GET", "/proposals/p-1", { headers });
  expect(text).toContain('<button name="in" value="porch" formnovalidate>porch</button>');
  await post(page, "/proposals/p-1/approve", { in: "porch", zone: "", name: "Hall", profile: "" }, headers);
  expect(page.house.asked).toEqual([["approve", { proposal: "p-1", zone: "porch", name: "Hall" }]]);
});

test.each([
  [{ name: "porch_motion", topic: "z/porch_motion" }, "porch"],
  [{ name: "0x01", topic: "z/Front Porch PIR" }, "front-porch"],
  [{ name: "Hall", topic: "z/hall" }, ""],
])("of %j the likely zone is %j", (said, zone) => {
  expect(likelyZone(said, ["path", "porch", "front-porch"])).toBe(zone);
});

test("who came from the set-up is led back to it, and never elsewhere", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const then = "then=%2Fsetup%2Fsteps";
  expect((await page.ask("GET", `/devices/new?${then}`, { headers })).text).toContain(`/devices/new/tasmota?${then}`);
  const form = (await page.ask("GET", `/devices/new/tasmota?${then}`, { headers })).text;
  expect(form).toContain('name="then" value="/setup/steps"');
  const back = Object.fromEntries(new URLSearchParams("then=/setup/steps"));
  const fields = { profile: "tasmota/relay", zone: "path", ...back };
  const made = await post(page, "/devices/new/tasmota", fields, headers);
  expect(made.headers.location).toMatch(new RegExp(`^/paired/[^?]+\\?${then}$`));
  const lines = (await page.ask("GET", made.headers.location ?? "", { headers })).text;
  expect(lines).toContain('<a class="button" href="/setup/steps">Continue the set-up</a>');
  page.house.proposals = [fakeProposal({ name: "porch" })];
  const waits = (await page.ask("GET", `/devices?${then}`, { headers })).text;
  expect(waits).toContain(`href="/proposals/p-1?${then}"`);
  const approved = await post(page, "/proposals/p-1/approve", { zone: "hall", ...back }, headers);
  const device = (await page.ask("GET", approved.headers.location ?? "", { headers })).text;
  expect(device).toContain('<a class="button" href="/setup/steps">Continue the set-up</a>');
  for (const bad of ["https://evil.example", "//evil.example", "/\\evil", "/setup/../x", "javascript:1", "/devices"])
    expect(thenOf(bad)).toBe("");
});
