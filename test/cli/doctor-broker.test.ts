// Shown: what `hedgerow doctor` says of a platform that is a broker.
import { expect, test } from "vitest";
import { lookAtPlatform } from "../../src/cli/doctor/platform.ts";
import { fakeStatus } from "../helpers/fake-house.ts";
import { fakeMachine, said, siteOf } from "../helpers/fake-machine.ts";

const never = new AbortController().signal;

test("of a platform's broker doctor says what the running gateway says, and without one that it cannot know", async () => {
  await using machine = await fakeMachine();
  await using site = await siteOf({
    gateway: 'gateway: { id: elm-street }\nplatform: [{ id: city, kind: mqtt, url: "mqtt://127.0.0.1:1" }]\n',
  });
  const look = async (sink: { state: "connected" | "waiting"; why: string | null } | null) => {
    const sinks = sink === null ? [] : [{ id: "city", lastAcceptedAt: null, ...sink }];
    const running = sink === null ? null : { ...fakeStatus(), sinks };
    return lookAtPlatform(machine.machine, { ...site.site, running }, never);
  };
  expect(said(await look(null))).toEqual([expect.stringMatching(/^note: platform city is a broker/)]);
  expect(said(await look({ state: "connected", why: null }))).toEqual([
    "ok: platform city, says the gateway: connected",
  ]);
  const ill = await look({ state: "waiting", why: "not authorized" });
  expect(said(ill)).toEqual(["warning: platform city, says the gateway: not authorized"]);
  expect(ill[0]?.remedy).not.toContain("key show");
});
