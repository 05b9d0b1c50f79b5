// What is told outside is what the status page shows, by kind; kept in the real spool; and of a house in which everything is wrong no
// name, zone, id or address reaches a mailbox.
import { expect, test, vi } from "vitest";
import type { GatewayStatus } from "../src/core/commands.ts";
import { openGatewayKey } from "../src/core/gateway-key.ts";
import { silentLog } from "../src/core/log.ts";
import { TROUBLE_KINDS } from "../src/core/notices-commands.ts";
import { openNoticing, troublesIn, unsureIn, watchCertificates, watchLogins } from "../src/noticing.ts";
import { SCHEMAS } from "../src/settings/schema.ts";
import { makeCertificates } from "./helpers/certificates.ts";
import { fakeBridge, fakeHouse, fakeStatus } from "./helpers/fake-house.ts";
import { fakeTime } from "./helpers/fake-time.ts";
import { tempDir } from "./helpers/temp-dir.ts";
import { openTestSpool } from "./helpers/test-spool.ts";
import { openMailServer } from "./notices/smtp-server.ts";

const by = { nowMs: Date.now(), speakerOf: () => ({ kind: "itself" }) as const };

/** Names, zones, ids and addresses that occur nowhere else. */
const SECRETS = ["Quillfeather", "quill-zone", "quill-id", "quill-cam", "10.77.66.55", "quill-sink", "Quill Street"];

function everythingWrong(): GatewayStatus {
  const status = fakeStatus();
  const [device] = status.devices;
  const [camera] = status.cameras;
  if (device === undefined || camera === undefined) throw new Error("the fake house has a device and a camera");
  const ill = { ...device, id: "quill-id", name: "Quillfeather", zone: "quill-zone" };
  const away = new Date(Date.now() - 3_600_000).toISOString();
  const sink = { id: "quill-sink", why: "10.77.66.55 refused", lastAcceptedAt: away, since: away };
  const lamp = { isOn: true, fault: "burning-by-day", isSwitchable: true } as const;
  return {
    ...status,
    gateway: { ...status.gateway, name: "Quill Street", clock: "unsure" },
    bridges: [{ ...fakeBridge, id: "quill-bridge", state: "offline" }],
    devices: [
      { ...ill, state: "offline", flags: ["low-battery", "tamper"] },
      { ...ill, id: "quill-id-2", state: "stale", lamp },
    ],
    cameras: (["unreachable", "withheld", "cannot-see"] as const).map((state, at) => ({
      ...camera,
      id: `quill-cam-${at}`,
      name: "Quillfeather",
      zone: "quill-zone",
      state,
      why: "no answer from 10.77.66.55",
    })),
    buffer: { ...status.buffer, disk: "full" },
    sinks: [
      { ...sink, state: "paused" },
      { ...sink, id: "quill-sink-2", state: "waiting" },
    ],
    siteBroker: { isUp: false, why: "10.77.66.55 refused", refused: [] },
    ledger: { trouble: "disk" },
    policy: { ...status.policy, announced: { sha256: "ef".repeat(32), hoursLeft: 3, approvals: 0 } },
  };
}

test("a house in good order tells nothing, and what nobody has to hurry for neither", () => {
  expect(troublesIn(fakeStatus(), by)).toEqual([]);
  expect(troublesIn({ ...fakeStatus(), proposals: 3, devices: [], cameras: [], bridges: [] }, by)).toEqual([]);
});

test("each thing that is wrong is told by its kind", () => {
  const status = everythingWrong();
  const filling = { ...status, buffer: { ...status.buffer, disk: "ok", hoursLeft: 2 } } as const;
  const kinds = new Set([status, filling].flatMap((each) => troublesIn(each, by).map(({ kind }) => kind)));
  const elsewhere = new Set(["certificate-ending", "login-hammered"]);
  expect(kinds).toEqual(new Set(TROUBLE_KINDS.filter((kind) => !elsewhere.has(kind))));
});

test("what is paused by a person is no trouble", () => {
  const { devices, cameras } = everythingWrong();
  const paused = {
    ...fakeStatus(),
    devices: devices.map((each) => ({ ...each, state: "paused" as const, flags: [], lamp: null })),
    cameras: cameras.map((each) => ({ ...each, state: "paused" as const })),
  };
  expect(troublesIn(paused, by)).toEqual([]);
});

test("of a house in which everything is wrong nothing reaches a mailbox, or stays on the disk, but kinds and numbers", async () => {
  await using directory = await tempDir();
  const certificate = await makeCertificates(directory.path);
  await using server = await openMailServer({ certificate });
  await using spool = await openTestSpool(directory.path);
  const email = {
    host: "127.0.0.1",
    port: server.port,
    caFile: certificate.caFile,
    from: "kit@elm.example",
    to: ["vera@elm.example"],
  };
  const settings = SCHEMAS.gateway.parse({
    gateway: { id: "quill-id", name: "Quill Street", dataDir: directory.path },
    notices: { email, afterMinutes: 0 },
  });
  const house = fakeHouse(everythingWrong());
  const deps = { settings, commands: () => house.commands, spool, key: await openGatewayKey(directory.path) };
  const time = fakeTime();
  const told = server.next();
  {
    await using noticing = openNoticing({
      ...deps,
      clock: time.clock,
      log: silentLog,
      limits: { tickMs: 2, gatherMs: 0 },
    });
    const { raw } = await told;
    const seen = `${raw}\n${JSON.stringify(noticing.commands.notices())}`;
    for (const secret of SECRETS) expect(seen).not.toContain(secret);
    expect(raw).toContain("One sensor was opened or moved");
  }
  const kept = [...spool.state("notices:").values()].join();
  expect(kept).toContain("sensor-silent");
  for (const secret of SECRETS) expect(kept).not.toContain(secret);
});

test("a certificate of gateway.yaml that ends in two days is told, once the clock is believed; one that is lost is not", async () => {
  await using directory = await tempDir();
  const { certFile, keyFile } = await makeCertificates(directory.path);
  const settings = SCHEMAS.gateway.parse({
    gateway: { id: "elm-street" },
    status: { tls: { certFile, keyFile } },
    broker: { tls: { certFile: "/nowhere/broker.crt", keyFile } },
  });
  const time = fakeTime(Date.now(), false);
  const certificates = watchCertificates(settings, time.clock);
  expect(certificates()).toEqual([]);
  time.believe(true);
  await vi.waitFor(() => expect(certificates()).toEqual([{ kind: "certificate-ending", of: certFile }]));
});

test("thirty wrong logins within an hour are told, and are over an hour later", () => {
  const time = fakeTime();
  const logins = watchLogins(time.clock);
  let count = 100;
  const after = (minutes: number, more: number): boolean => {
    time.pass(minutes * 60_000);
    count += more;
    return logins(count);
  };
  expect([after(1, 0), after(30, 29), after(1, 1), after(50, 0)]).toEqual([false, false, true, false]);
});

test("a camera that has given no picture since the start is neither well nor ill", () => {
  const status = fakeStatus();
  const [camera] = status.cameras;
  const look = (lastSnapshotAt: string | null) =>
    unsureIn({ ...status, cameras: status.cameras.map((each) => ({ ...each, lastSnapshotAt })) }).map(({ of }) => of);
  expect(look(null)).toEqual([camera?.id, camera?.id]);
  expect(look(new Date(Date.parse(status.gateway.startedAt) - 1000).toISOString())).toHaveLength(2);
  expect(look(status.gateway.startedAt)).toEqual([]);
});
