// Shown: what `hedgerow doctor` says of the page's https, and `hedgerow key show` of the house's own authority.
import { expect, test } from "vitest";
import { lookAtHttps } from "../../src/cli/doctor/https.ts";
import { silentLog } from "../../src/core/log.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { openPageCertificate } from "../../src/web/tls-certificate.ts";
import { makeCertificates } from "../helpers/certificates.ts";
import { commandLine } from "../helpers/command-line.ts";
import { fakeMachine, said, siteOf } from "../helpers/fake-machine.ts";
import { clockAt } from "../helpers/settings-folder.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const GATEWAY = "gateway: { id: elm-street }\n";
const DAY_MS = 24 * 3_600_000;

test("without https there is nothing to say", async () => {
  await using machine = await fakeMachine();
  await using site = await siteOf({ gateway: GATEWAY });
  expect(await lookAtHttps(machine.machine, site.site)).toEqual([]);
});

test("the association's certificate is told with its end: in time, and when it is too late", async () => {
  await using directory = await tempDir();
  const { certFile, keyFile } = await makeCertificates(directory.path); // good for two days from now on
  await using site = await siteOf({
    gateway: `${GATEWAY}status: { tls: { certFile: "${certFile}", keyFile: "${keyFile}" } }\n`,
  });
  await using machine = await fakeMachine();
  const at = (ms: number) =>
    lookAtHttps({ ...machine.machine, clock: { ...machine.machine.clock, nowMs: () => Date.now() + ms } }, site.site);
  expect(said(await at(0))).toEqual([expect.stringMatching(/^warning: the page's certificate ends on \d{4}-/)]);
  expect(said(await at(3 * DAY_MS))).toEqual([
    expect.stringMatching(/^trouble: the page's certificate ended on \d{4}-/),
  ]);
  expect(said(await at(-3 * DAY_MS))).toEqual(["trouble: the page's certificate does not hold yet"]);
});

test("the fingerprint of the house's own authority is told, as the page /tls shows it", async () => {
  await using machine = await fakeMachine();
  await using at = await commandLine({ gateway: `${GATEWAY}status: { tls: {} }\n` });

  const settings = await loadSettings(at.file);
  const site = { settings, kit: settings.kit, running: null };
  expect(said(await lookAtHttps(machine.machine, site))).toEqual([
    "note: the page's own certificate authority is made at the next start of the gateway",
  ]);
  const { dataDir } = settings.gateway.gateway;
  const whereabouts = () => ({ hostname: "box", addresses: [] });
  const deps = { settings: settings.gateway, dataDir, clock: clockAt("2026-06-01"), log: silentLog, whereabouts };
  const fingerprint = (await openPageCertificate(deps)).authority?.fingerprint;
  expect(said(await lookAtHttps(machine.machine, site))).toEqual([
    `ok: the page's own certificate authority has the fingerprint ${fingerprint}`,
  ]);
  expect(await at.json("key", "show")).toMatchObject({ pageAuthority: fingerprint });
  expect(await at.call("key", "show")).toContain(fingerprint);
});
