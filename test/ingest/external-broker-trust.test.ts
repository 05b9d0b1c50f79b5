// Shown: whom the gateway tells its login at the site, and whom it believes: a real Mosquitto with passwords, with TLS by a
// private authority, with client certificates, and with a certificate of somebody else. Skipped where it is missing.
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { makeCertificates } from "../forward/certificates.ts";
import { hasMosquitto, startMosquitto } from "../helpers/site-broker.ts";
import { openExternalHouse, type SourceHouse } from "../helpers/source-house.ts";
import { textLog } from "../helpers/text-log.ts";

const isUp = (house: SourceHouse): boolean => house.sources.siteBroker()?.isUp === true;
const soon = { timeout: 10_000 };

/** As mosquitto_passwd writes it: PBKDF2 with SHA-512. */
function passwordLine(user: string, password: string): string {
  const salt = randomBytes(12);
  return `${user}:$7$101$${salt.toString("base64")}$${pbkdf2Sync(password, salt, 101, 64, "sha512").toString("base64")}\n`;
}

describe.skipIf(!hasMosquitto)("Mosquitto (Debian package mosquitto)", () => {
  const withPasswords = {
    lines: ["password_file DIRECTORY/passwords"],
    files: {
      passwords: passwordLine("hedgerow", "right-horse"),
      name: "hedgerow",
      password: "right-horse",
      wrong: "wrong-horse",
    },
  };

  test("it is logged in to with the name and the password of the files", async () => {
    await using broker = await startMosquitto(withPasswords);
    const { lines, log } = textLog();
    const files = { usernameFile: `${broker.directory}/name`, passwordFile: `${broker.directory}/password` };
    await using house = await openExternalHouse({ port: broker.port, external: files, log });
    expect(isUp(house)).toBe(true);
    expect(lines.join("")).not.toContain("right-horse");
  });

  test("a wrong password is told with its remedy, and stands in no log", async () => {
    await using broker = await startMosquitto(withPasswords);
    const { lines, log } = textLog();
    const files = { usernameFile: `${broker.directory}/name`, passwordFile: `${broker.directory}/wrong` };
    await using house = await openExternalHouse({ port: broker.port, external: files, isAwaited: false, log });
    await expect.poll(() => lines.join("")).toContain("usernameFile and passwordFile");
    expect(isUp(house)).toBe(false);
    expect(lines.join("")).not.toContain("wrong-horse");
  });

  const certificates = makeCertificates("127.0.0.1");
  const others = makeCertificates("127.0.0.1");
  const withTls = {
    listener: ["cafile DIRECTORY/ca", "certfile DIRECTORY/cert", "keyfile DIRECTORY/key"],
    files: { ...certificates, otherCa: others.ca },
  };

  test("TLS with a private authority and a client certificate", async () => {
    await using broker = await startMosquitto({
      ...withTls,
      listener: [...withTls.listener, "require_certificate true"],
    });
    const at = (name: string): string => `${broker.directory}/${name}`;
    const files = { caFile: at("ca"), certFile: at("cert"), keyFile: at("key") };
    await using house = await openExternalHouse({ port: broker.port, scheme: "mqtts", external: files });
    expect(isUp(house)).toBe(true);
  });

  test("a broker whose certificate another authority signed gets no message of ours, and the remedy is told", async () => {
    await using broker = await startMosquitto(withTls);
    const { lines, log } = textLog();
    const external = { caFile: `${broker.directory}/otherCa` };
    await using house = await openExternalHouse({
      port: broker.port,
      scheme: "mqtts",
      external,
      isAwaited: false,
      log,
    });
    await expect.poll(() => lines.join("")).toContain("Is caFile the authority");
    await expect.poll(() => house.board.get("site-broker.unreachable"), soon).toBeGreaterThan(1);
    expect(isUp(house)).toBe(false);
    expect(broker.log.some((line) => line.includes("hedgerow-test-street"))).toBe(false);
  });
});
