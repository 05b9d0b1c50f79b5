// Shown here with the program as a process: exit codes, what goes to standard error, and where relative paths begin.
import { execFile, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPlatform } from "../../src/demo/platform.ts";
import { settingsFolder } from "../helpers/settings-folder.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The program as a process. */
function run(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<{ code: unknown; out: string; err: string }> {
  const { npm_lifecycle_event: _, INIT_CWD: __, HEDGEROW_CONFIG: ___, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(ROOT, "src/main.ts"), ...args],
      { cwd: ROOT, ...options, env: { ...env, ...options.env } },
      (error, out, err) => resolve({ code: error === null ? 0 : error.code, out, err }),
    );
  });
}

test("check exits 1 with every mistake, and 0 with what it found", async () => {
  await using bad = await settingsFolder({
    gateway: "gateway: { id: g }\nbroker:\n  lissten: 1\nlog: { level: loud }\n",
  });
  const refused = await run(["check", "--config", bad.file]);
  expect(refused).toMatchObject({ code: 1, err: "" });
  expect(refused.out).toBe(
    `mistake: gateway.yaml:3:3 broker.lissten is not known; did you mean listen?\nmistake: gateway.yaml:4:15 log.level must be trace, debug, info, warn or error, not "loud"\n2 mistakes in the settings in ${bad.path}\n`,
  );
  const asJson = await run(["check", "--json", "--config", bad.file]);
  expect(asJson.code).toBe(1);
  expect(JSON.parse(asJson.out)).toMatchObject({
    ok: false,
    mistakes: [
      { file: bad.file, line: 3, column: 3, code: "CONFIG_INVALID" },
      { line: 4, column: 15 },
    ],
  });
  await using good = await settingsFolder();
  expect(await run(["check", "--config", good.file])).toMatchObject({
    code: 0,
    err: "",
    out: expect.stringMatching(/kit: 0 bridges, 1 devices, 0 cameras\nall good\n$/),
  });
});

test("wrong usage exits 2, a failure 1 with its remedy, help 0", async () => {
  await using at = await settingsFolder();
  expect(await run(["device", "pair", "--config", at.file])).toMatchObject({ code: 2, out: "" });
  expect(
    await run(["device", "pair", "--profile", "tasmota/relay", "--zone", "A B", "--config", at.file]),
  ).toMatchObject({ code: 2, err: expect.stringContaining("such as a-b") });
  expect(await run(["device", "pair", "--profile", "no/such", "--zone", "a", "--config", at.file])).toMatchObject({
    code: 1,
    err: expect.stringContaining("Choose one of:"),
  });
  expect(await run(["device", "credentials", "--help"])).toMatchObject({
    code: 0,
    out: expect.stringContaining("--config <file>"),
  });
});

test("gateway.yaml is found by option, by environment, or where the command was called, also through npm", async () => {
  await using at = await settingsFolder();
  const found = { code: 0, out: expect.stringContaining(at.path) };
  expect(await run(["check", "--json"], { cwd: at.path })).toMatchObject(found);
  expect(await run(["check", "--json", "--config", "gateway.yaml"], { cwd: at.path })).toMatchObject(found);
  expect(await run(["check", "--json"], { env: { HEDGEROW_CONFIG: at.file } })).toMatchObject(found);
  expect(
    await run(["check", "--json", "--config", "gateway.yaml"], {
      env: { npm_lifecycle_event: "hedgerow", INIT_CWD: at.path },
    }),
  ).toMatchObject(found);
  expect(await run(["check", "--config", "nowhere.yaml"], { cwd: at.path })).toMatchObject({
    code: 1,
    out: expect.stringContaining("nowhere.yaml cannot be read: there is no such file"),
  });
});

test("check prints the JSON Schema of a file for editors", async () => {
  const { code, out } = await run(["check", "--schema", "policy"]);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ title: "Hedgerow: policy.yaml", required: ["version", "controller"] });
  expect(await run(["check", "--schema", "nothing"])).toMatchObject({ code: 2 });
});

test("a reader that has seen enough, as `head`, is no failure", async () => {
  await using key = await tempDir();
  const keyFile = join(key.path, "key.pem");
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  await writeFile(keyFile, privateKey.export({ type: "pkcs8", format: "pem" }));
  const { x = "" } = publicKey.export({ format: "jwk" });
  const registered = new Map([["g", [Buffer.from(x, "base64url").toString("base64")]]]);
  await using platform = await openPlatform({ host: "127.0.0.1", port: 0, publicKeys: registered });
  const args = ["contract", "test", platform.url, "--gateway", "g", "--key", keyFile, "--json"];
  const child = spawn(process.execPath, [join(ROOT, "src/main.ts"), ...args], { cwd: ROOT });
  child.stdout.once("data", () => child.stdout.destroy());
  const said = child.stderr.toArray();
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(String(await said)).toBe("");
});
