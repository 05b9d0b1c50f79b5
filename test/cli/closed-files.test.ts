// Shown: who calls without sudo learns that this user may not look there, not that nothing is there. Root acts as nobody.
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { configFile } from "../../src/cli/config-file.ts";
import { peekRegistry } from "../../src/registry/durable-adapter.ts";
import { callGateway } from "../../src/web/local-socket.ts";
import { settingsFolder } from "../helpers/settings-folder.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const NOBODY = 65_534;

afterEach(() => void vi.unstubAllEnvs());

/** Until it is disposed of, this process is held to modes as any user is. */
function asAnyUser(): Disposable {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  return { [Symbol.dispose]: () => void (isRoot && process.seteuid?.(0)) };
}

test("a gateway.yaml that this user may not read is not said to be absent", async () => {
  await using folder = await settingsFolder();
  await chmod(folder.path, 0o755);
  await chmod(folder.file, 0o000);
  vi.stubEnv("INIT_CWD", folder.path);
  vi.stubEnv("npm_lifecycle_event", "hedgerow");
  vi.stubEnv("HEDGEROW_CONFIG", "");
  using _user = asAnyUser();
  await expect(configFile(undefined)).rejects.toMatchObject({
    code: "CONFIG_UNREADABLE",
    message: `this user may not read ${folder.file}`,
    hint: expect.stringContaining("sudo"),
  });
});

test.each(["data", "d".repeat(100)])("a data directory that this user may not enter is named so (%s)", async (name) => {
  await using directory = await tempDir();
  await chmod(directory.path, 0o755);
  const dataDir = join(directory.path, name);
  await mkdir(dataDir, { mode: 0o000 });
  using _user = asAnyUser();
  await expect(callGateway(dataDir, "status", {})).rejects.toMatchObject({
    code: "DATA_DIR_UNUSABLE",
    message: expect.stringContaining(dataDir),
    hint: expect.stringContaining("sudo"),
  });
});

test("a registry that this user may not read asks for sudo, not for a look at the disk", async () => {
  await using directory = await tempDir();
  await chmod(directory.path, 0o755);
  const dataDir = join(directory.path, "data");
  await mkdir(dataDir, { mode: 0o000 });
  using _user = asAnyUser();
  await expect(peekRegistry(dataDir)).rejects.toMatchObject({
    code: "DATA_DIR_UNUSABLE",
    hint: expect.stringContaining("sudo"),
  });
});
