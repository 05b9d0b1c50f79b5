// The house's own authority for https: what it may sign for as OpenSSL reads it, how long its certificates hold under a clock that
// is held, and that one which is damaged is never replaced by itself.
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { silentLog } from "../../src/core/log.ts";
import { type GatewaySettings, SCHEMAS } from "../../src/settings/schema.ts";
import { makeAuthority, signForPage } from "../../src/web/local-ca.ts";
import { openPageCertificate } from "../../src/web/tls-certificate.ts";
import { readAuthority } from "../../src/web/tls-files.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestWeb } from "../helpers/test-web.ts";

const run = promisify(execFile);
const DAY_MS = 24 * 3_600_000;
const NOW_MS = Date.UTC(2026, 10, 22);

type Tls = NonNullable<GatewaySettings["status"]["tls"]>;

function settingsWith(tls: Tls, publicUrl?: string): GatewaySettings {
  const settings = SCHEMAS.gateway.parse({ gateway: { id: "elm-street", name: "Elm Street" } });
  const url = publicUrl === undefined ? {} : { publicUrl };
  return { ...settings, status: { host: "127.0.0.1", port: 0, ...url, tls } };
}

/** A house's certificate without a page around it. `where` may be changed. */
async function localCertificate(dataDir: string, time = fakeTime(NOW_MS)) {
  const where = { hostname: "box", addresses: ["192.168.1.5"] };
  const settings = settingsWith({ port: 0 });
  const deps = { settings, dataDir, clock: time.clock, log: silentLog, whereabouts: () => where };
  return { certificate: await openPageCertificate(deps), where, time, deps };
}

test("the authority may sign for private names and addresses, and for nothing else, as OpenSSL reads it", async () => {
  await using directory = await tempDir();
  const at = (name: string) => join(directory.path, name);
  const authority = await makeAuthority({ site: "Elm", labels: ["box"], nowMs: NOW_MS });
  await writeFile(at("ca.pem"), authority.cert);
  const isTaken = async (...names: string[]): Promise<boolean> => {
    const { cert } = await signForPage(authority, { names, nowMs: NOW_MS });
    await writeFile(at("page.pem"), cert);
    const verify = ["verify", "-attime", String(NOW_MS / 1000), "-purpose", "sslserver", "-CAfile", at("ca.pem")];
    return await run("openssl", [...verify, at("page.pem")]).then(
      () => true,
      () => false,
    );
  };
  expect(await isTaken("box.local", "box", "localhost", "127.0.0.1", "::1", "192.168.1.5", "10.1.2.3", "fd00::5")).toBe(
    true,
  );
  for (const name of ["bank.example", "local.example", "otherbox", "203.0.113.9", "2001:db8::1"])
    expect([name, await isTaken(name)]).toEqual([name, false]);
});

test("a restart shows the same certificate; one near its end, or without a new address, is made anew by the same authority", async () => {
  await using directory = await tempDir();
  const { certificate, where, time, deps } = await localCertificate(directory.path);
  const first = certificate.pair().cert;
  expect((await openPageCertificate(deps)).pair().cert).toBe(first);
  expect(await certificate.look()).toBe(false);
  where.addresses.push("192.168.1.77");
  expect(await certificate.look()).toBe(true);
  expect(certificate.isFor("192.168.1.77")).toBe(true);
  const second = certificate.pair().cert;
  time.pass(366 * DAY_MS);
  expect(await certificate.look()).toBe(true);
  expect(certificate.pair().cert).not.toBe(second);
  expect((await openPageCertificate(deps)).authority?.fingerprint).toBe(certificate.authority?.fingerprint);
});

test("a box that starts in 1970 makes what holds when its clock is put right", async () => {
  await using directory = await tempDir();
  const { certificate, time } = await localCertificate(directory.path, fakeTime(0));
  const early = certificate.pair().cert;
  expect(await certificate.look()).toBe(false);
  time.set(NOW_MS);
  await certificate.look();
  const { certificate: later } = await localCertificate(directory.path);
  expect(later.authority?.fingerprint).toBe(certificate.authority?.fingerprint);
  expect(later.authority?.endsMs).toBeGreaterThan(NOW_MS + 3000 * DAY_MS);
  expect(early).toContain("CERTIFICATE");
});

test("an authority that is damaged is never replaced by itself: plain http serves on", async () => {
  await using directory = await tempDir();
  await mkdir(join(directory.path, "tls"));
  await writeFile(join(directory.path, "tls", "authority.pem"), "-----BEGIN CERTIFICATE-----\nbroken\n");
  await using page = await openTestWeb({ settings: settingsWith({ port: 0 }), dataDir: directory.path });
  expect(page.web.tls).toBeNull();
  expect((await page.ask("GET", "/tls")).text).toContain("This box has no protected address.");
  await expect(readAuthority(directory.path)).rejects.toMatchObject({ code: "CERTIFICATE_UNUSABLE" });
  expect(await readFile(join(directory.path, "tls", "authority.pem"), "utf8")).toContain("broken");
});
