// What a person sees when all is well and when it is not, and what programs read; over real HTTP.
import { expect, test } from "vitest";
import type { GatewayStatus } from "../../src/core/commands.ts";
import { fakeBridge, fakeHouse, fakeStatus } from "../helpers/fake-house.ts";
import { login, openTestWeb } from "../helpers/test-web.ts";

async function pageOf(change: Partial<GatewayStatus>, path = "/"): Promise<string> {
  await using page = await openTestWeb({ house: fakeHouse(change) });
  return (await page.ask("GET", path, { headers: await page.enter() })).text;
}

test("a house in good order says in one sentence that everything works", async () => {
  const text = await pageOf({});
  expect(text).toContain("Everything works.");
  expect(text).toContain("3 minutes ago");
  expect(text).toContain("battery 87%");
  expect(text).toContain("7 of 24 used today");
  expect(text).toContain("Painted over in 2 places.");
  expect(text).toContain("Holds 12 events, oldest 5 minutes.");
  expect(text).toContain("Room for about 61 hours");
  expect(text).toContain("Readings kept back: the rules say no");
});

test("it waits without internet until the policy deletes what waits, however much room there is", async () => {
  const { buffer } = fakeStatus();
  const [text, short] = [
    await pageOf({ buffer: { ...buffer, hoursLeft: 63_000 } }),
    await pageOf({ buffer: { ...buffer, hoursLeft: 30 } }),
  ];
  expect(text).toMatch(/Can wait without internet<\/dt><dd>about 30 days/);
  expect(short).toMatch(/Can wait without internet<\/dt><dd>about 30 hours/);
});

const [porch, lamp] = fakeStatus().devices;
const [camera] = fakeStatus().cameras;
const [sink] = fakeStatus().sinks;
if (porch === undefined || lamp === undefined || camera === undefined || sink === undefined)
  throw new Error("unreachable");
const longAgo = new Date(Date.now() - 3_600_000).toISOString();

test.each<[string, Partial<GatewayStatus>, string, string]>([
  ["an offline device", { devices: [{ ...porch, state: "offline" }] }, "Porch motion is offline.", "Check its power"],
  ["a silent device", { devices: [{ ...porch, state: "stale" }] }, "longer than usual", "Check its power"],
  [
    "a weak battery",
    { devices: [{ ...porch, flags: ["low-battery"] }] },
    "The battery of Porch motion is low.",
    "Change it",
  ],
  ["an opened case", { devices: [{ ...porch, flags: ["tamper"] }] }, "Somebody opened or moved", "close its cover"],
  [
    "a device nobody paired",
    { devices: [{ ...porch, state: "unknown", heardAt: null, isPaired: false }] },
    "Porch motion is not paired, so it cannot be heard.",
    "Make its login on its page",
  ],
  [
    "a device whose login was taken away after it was heard",
    { devices: [{ ...porch, state: "stale", isPaired: false }] },
    "Porch motion is not paired, so it cannot be heard.",
    "Make its login on its page",
  ],
  [
    "a device that was never heard",
    { devices: [{ ...porch, state: "unknown", heardAt: null }] },
    "never been heard",
    "wake it with its button",
  ],
  ["a blind face finder", { cameras: [{ ...camera, state: "cannot-see" }] }, "failed its self-test", "Restart the box"],
  [
    "a dead camera",
    { cameras: [{ ...camera, state: "unreachable", why: "no frame in 8000 ms" }] },
    "no frame in 8000 ms",
    "plugged in",
  ],
  [
    "a platform that refuses",
    { sinks: [{ ...sink, state: "paused", why: "401" }] },
    "refuses this box (401)",
    "Ask the platform",
  ],
  [
    "a platform that is away",
    { sinks: [{ ...sink, state: "waiting", lastAcceptedAt: longAgo }] },
    "has not been reached for 1 hour",
    "router",
  ],
  [
    "a buffer that fills up",
    { buffer: { ...fakeStatus().buffer, hoursLeft: 3 } },
    "full in about 3 hours",
    "internet connection",
  ],
  ["rejected events", { buffer: { ...fakeStatus().buffer, deadLetters: 2 } }, "rejected 2 events", "operator"],
  [
    "a clock that cannot be believed",
    { gateway: { ...fakeStatus().gateway, clock: "unsure" } },
    "does not know the right time",
    "Connect",
  ],
  ["an empty kit", { devices: [], cameras: [], bridges: [] }, "No sensors yet.", "Add the first one."],
  [
    "a lamp that stays dark",
    { devices: [{ ...lamp, lamp: { isOn: true, fault: "dark-at-night", isSwitchable: true } }] },
    "Something is wrong with the lamp Lamp 3.",
    "It stays dark although it is night",
  ],
  ["what waits for approval", { proposals: 3 }, "3 new devices wait for approval.", "is it one of yours"],
  [
    "a bridge that is away",
    { bridges: [{ ...fakeBridge, base: "kit", state: "offline" }], devices: [{ ...porch, state: "unknown" }] },
    "The zigbee2mqtt bridge z2m is offline. Its device cannot be heard.",
    "program running",
  ],
])("%s is named with the one next step", async (_, change, what, next) => {
  const text = await pageOf(change);
  expect(text).not.toContain("Everything works.");
  expect(text).toMatch(
    new RegExp(`class="sentence">[^<]*${what.replace(/[().]/g, "\\$&")}[^<]*</p><p><b>Next step:</b>[^<]*${next}`),
  );
});

test("what is broken stands above what only needs watching", async () => {
  const text = await pageOf({
    devices: [
      { ...porch, flags: ["low-battery"] },
      { ...lamp, state: "offline" },
    ],
  });
  expect(text).toMatch(/class="sentence">Lamp 3 is offline\./);
  expect(text).toContain("1 more thing needs a hand");
});

test.each(["ok", "stale", "offline", "unknown", "paused"] as const)(
  "the state %s is a word, a shape and a colour",
  async (state) => {
    const text = await pageOf({ devices: [{ ...porch, state }] }, "/devices");
    expect(text).toMatch(
      new RegExp(`<span class="badge \\w+"><svg class="icon"[^>]*aria-hidden="true"[^]*?<span>${state}</span>`),
    );
  },
);

test("one device, the cameras and the buffer have pages of their own", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  expect((await page.ask("GET", "/devices/porch-motion", { headers })).text).toContain("kit/porch-motion");
  expect((await page.ask("GET", "/cameras", { headers })).text).toContain(
    `/cameras/gate-cam/last.jpg?v=${"ab".repeat(8)}`,
  );
  expect((await page.ask("GET", "/buffer", { headers })).text).toContain("48 kB");
});

test("the last redacted picture is a JPEG, and 404 when there is none", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const answered = await page.ask("GET", "/cameras/gate-cam/last.jpg", { headers });
  expect([answered.status, answered.headers["content-type"]]).toEqual([200, "image/jpeg"]);
  page.house.picture = null;
  expect((await page.ask("GET", "/cameras/gate-cam/last.jpg", { headers })).status).toBe(404);
});

test("the status as JSON has the shape of the contract", async () => {
  await using page = await openTestWeb();
  const status = JSON.parse((await page.ask("GET", "/api/v1/status", { headers: await page.enter() })).text);
  expect(status.devices[0]).toMatchObject({ id: "porch-motion", state: "ok", flags: [], heardAt: expect.any(String) });
  expect(status.buffer).toMatchObject({ entries: 12, bytes: 48_000, oldestAt: expect.any(String), hoursLeft: 61 });
  expect(status.sinks).toEqual([{ id: "main", state: "connected", why: null, lastAcceptedAt: expect.any(String) }]);
  expect(status.counters["reading.taken"]).toBe(120);
});

test("metrics are Prometheus text, each with its help and type, and name no device", async () => {
  await using page = await openTestWeb();
  const { text, headers } = await page.ask("GET", "/metrics");
  expect(headers["content-type"]).toContain("text/plain; version=0.0.4");
  expect(text).toContain("# TYPE hedgerow_buffer_entries gauge\nhedgerow_buffer_entries 12\n");
  expect(text).toContain('hedgerow_devices{state="ok"} 2\n');
  expect(text).toContain('hedgerow_bridges{state="online"} 1\n');
  expect(text).toContain("hedgerow_proposals 0\n");
  expect(text).toContain('hedgerow_count_total{name="reading.taken"} 120\n');
  expect(text).toContain("hedgerow_disk_ok 1\n");
  expect(text).toContain("hedgerow_readings_balanced 1\n");
  expect(text).toContain('hedgerow_sink_waiting{sink="main"} 0\n');
  expect(text).toContain('hedgerow_sink_balanced{sink="main"} 1\n');
  expect(text).not.toContain("porch");
  for (const line of text.trim().split("\n"))
    expect(line).toMatch(/^(# (HELP|TYPE) hedgerow_\w+ .+|hedgerow_\w+(\{(\w+="[^"]*",?)+\})? [\d.e+-]+)$/);
});

test("a device nobody paired leads to its login, and ten behind an unpaired bridge are one hand", async () => {
  const house = fakeHouse({ devices: [{ ...porch, state: "unknown", heardAt: null, isPaired: false }] });
  await using alone = await openTestWeb({ house });
  const own = await alone.ask("GET", "/devices/porch-motion", { headers: await alone.enter() });
  expect(own.text).toContain('href="/devices/porch-motion/credentials"');
  const ten = Array.from({ length: 10 }, (_, n) => ({ ...porch, id: `d-${n}`, isPaired: false, heardAt: null }));
  const bridges = [{ ...fakeBridge, base: "kit", isPaired: false, state: "unknown" as const, heardAt: null }];
  house.set({ devices: ten, bridges });
  const headers = await login(alone);
  const status = (await alone.ask("GET", "/", { headers })).text;
  expect(status).toContain("The zigbee2mqtt bridge z2m is not paired. None of its 10 devices can be heard.");
  expect(status).not.toContain("more things need a hand");
  const behind = (await alone.ask("GET", "/devices/d-3", { headers })).text;
  expect(behind).toContain("speaks for it and is not paired");
  expect(behind).not.toContain("/devices/d-3/credentials");
});

test("the style sheet and the script are served under addresses that change with them", async () => {
  await using page = await openTestWeb();
  const { text } = await page.ask("GET", "/setup");
  const css = /href="(\/assets\/page\.css\?v=[0-9a-f]{12})"/.exec(text)?.[1] ?? "";
  const answered = await page.ask("GET", css);
  expect([answered.status, answered.headers["content-type"]]).toEqual([200, "text/css; charset=utf-8"]);
  expect(answered.headers["cache-control"]).toContain("immutable");
});
