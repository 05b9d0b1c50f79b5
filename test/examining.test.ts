// What doctor looks at, from inside the running gateway: on a machine made by hand, one look at a time, kept for a minute, ended
// with the gateway.
import { expect, test } from "vitest";
import type { Clock } from "../src/core/clock.ts";
import { silentLog } from "../src/core/log.ts";
import { createDoctorCommands } from "../src/examining.ts";
import { fakeHouse } from "./helpers/fake-house.ts";
import { fakeMachine, siteOf } from "./helpers/fake-machine.ts";
import { memoryRegistry } from "./helpers/memory-registry.ts";

async function openDoctor(programs: Readonly<Record<string, string>> = {}) {
  await using stack = new AsyncDisposableStack();
  const { machine } = stack.use(await fakeMachine({ programs }));
  const { site } = stack.use(await siteOf({ gateway: "gateway: { id: elm-street }\n" }));
  let monotonicMs = 0;
  let looks = 0;
  const clock: Clock = { ...machine.clock, monotonicMs: () => monotonicMs };
  const stop = new AbortController();
  const doctor = createDoctorCommands(
    {
      settings: site.settings,
      registry: memoryRegistry(),
      status: () => {
        looks += 1;
        return fakeHouse().commands.status();
      },
      clock,
      log: silentLog,
      machine,
    },
    stop.signal,
  );
  const owned = stack.move();
  return {
    doctor,
    stop,
    looks: () => looks,
    later: (ms: number) => {
      monotonicMs += ms;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("nothing is looked at before somebody asks; then each group says what it found", async () => {
  await using site = await openDoctor();
  expect(site.doctor.doctor()).toEqual({ at: null, left: [], groups: [] });
  const looking = site.doctor.examine();
  expect(site.doctor.doctor().left).toContain("disk");
  await looking;
  const { at, left, groups } = site.doctor.doctor();
  expect([at, left]).toEqual(["2026-06-01T12:00:00.000Z", []]);
  const names = groups.map(({ group }) => group);
  expect(names).toEqual(expect.arrayContaining(["programs", "clock", "disk", "ports", "redaction"]));
  // By the gateway that runs, and not by one of its own beside it.
  const redaction = groups.find(({ group }) => group === "redaction")?.findings.map(({ text }) => text);
  expect(redaction).toContain("the running gateway has a face finder that works");
});

test("who asks meanwhile waits for the same look, and within a minute nobody looks anew", async () => {
  await using site = await openDoctor();
  await Promise.all([site.doctor.examine(), site.doctor.examine()]);
  site.later(59_000);
  await site.doctor.examine();
  expect(site.looks()).toBe(1);
  site.later(1000);
  await site.doctor.examine();
  expect(site.looks()).toBe(2);
});

test("the gateway's stop ends a look that hangs, and no other begins", async () => {
  await using site = await openDoctor({ timedatectl: "exec /bin/sleep 4" });
  const looking = site.doctor.examine();
  site.stop.abort();
  await looking;
  expect(site.doctor.doctor()).toEqual({ at: null, left: [], groups: [] });
  await site.doctor.examine();
  expect(site.looks()).toBe(1);
});
