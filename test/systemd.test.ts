// Shown: the unit is understood whole by systemd, is hardened, waits for a clean stop, and is placed by systemd/install.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../src/core/limits.ts";
import { tempDir } from "./helpers/temp-dir.ts";

const systemd = join(import.meta.dirname, "../systemd");
const unit = readFileSync(join(systemd, "hedgerow.service"), "utf8");
const EXTRAS = ["gpio", "camera"].map((extra) => ({
  extra,
  text: readFileSync(join(systemd, `hedgerow-${extra}.conf`), "utf8"),
}));
const hasAnalyze = spawnSync("systemd-analyze", ["--version"]).status === 0;

describe.skipIf(!hasAnalyze)("systemd-analyze (Debian package systemd)", () => {
  test("says nothing against the unit", async () => {
    await using directory = await tempDir();
    const { stderr, status } = verify(join(directory.path, "hedgerow.service"), unit);
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  test("would speak up at an unknown key, which it only warns of", async () => {
    await using directory = await tempDir();
    const { stderr } = verify(join(directory.path, "hedgerow.service"), unit.replace("RemoveIPC=", "RemovIPC="));
    expect(stderr).toContain("RemovIPC");
  });

  test("rates the exposure below 2.0", () => {
    expect(exposure(join(systemd, "hedgerow.service"))).toBeLessThan(2);
  });

  test.each([...EXTRAS.map((each) => [each]), EXTRAS])(
    "says nothing against the unit with what is asked for besides, would speak up at an unknown key there, and rates it below 2.5: $extra",
    async (...extras) => {
      await using directory = await tempDir();
      const path = join(directory.path, "hedgerow.service");
      const place = (change: (text: string) => string) => {
        mkdirSync(`${path}.d`, { recursive: true });
        for (const { extra, text } of extras) writeFileSync(`${path}.d/${extra}.conf`, change(text));
      };
      place((text) => text);
      const { stderr, status } = verify(path, unit);
      expect(stderr).toBe("");
      expect(status).toBe(0);
      expect(exposure(path)).toBeLessThan(2.5);
      expect(exposure(path)).toBeGreaterThan(exposure(join(systemd, "hedgerow.service")));
      place((text) => text.replace("DeviceAllow=", "DevicesAllow="));
      expect(verify(path, unit).stderr).toContain("DevicesAllow");
    },
  );
});

test("the folder for a pictures' key in memory is closed to others and outlives a restart", () => {
  for (const line of ["RuntimeDirectory=hedgerow", "RuntimeDirectoryMode=0700", "RuntimeDirectoryPreserve=yes"])
    expect(unit).toContain(`\n${line}\n`);
});

test("the unit leaves no pixel on a disk: no core file, no swap, no inspector (I1)", () => {
  for (const line of ["LimitCORE=0", "CoredumpFilter=0", "MemorySwapMax=0"]) expect(unit).toContain(`\n${line}\n`);
  expect(unit).toContain("--disable-sigusr1 --max-semi-space-size=2");
  expect(unit).not.toMatch(/^MemoryDenyWriteExecute/m);
});

test("the unit lets the redactor have a network namespace of its own, and nothing of any other kind", () => {
  expect(unit.match(/^RestrictNamespaces=.*$/gm)).toEqual(["RestrictNamespaces=user net"]);
  expect(unit).not.toMatch(/^SystemCallFilter=~.*(@process|unshare)/m);
});

test("the page may write its own configuration, and nothing else beside the data", () => {
  expect(unit.match(/^ReadWritePaths=.*$/gm)).toEqual(["ReadWritePaths=-/etc/hedgerow"]);
  const folders = readFileSync(join(systemd, "hedgerow.tmpfiles"), "utf8");
  expect(folders).toMatch(/^d \/etc\/hedgerow 2770 root hedgerow$/m);
  expect(folders).toMatch(/^d \/etc\/hedgerow\/secrets 2770 root hedgerow$/m);
});

describe("the set-up code, for who stands at the machine", () => {
  const CODE = "7KQ2MWXR";
  async function machine(code: string | null) {
    const directory = await tempDir();
    const at = (path: string): string => join(directory.path, path);
    for (const folder of ["var/lib/hedgerow", "boot/firmware", "run"]) mkdirSync(at(folder), { recursive: true });
    if (code !== null) await writeFile(at("var/lib/hedgerow/setup-code.txt"), code);
    const show = () => spawnSync(join(systemd, "show-setup-code"), { env: { ...process.env, ROOT: directory.path } });
    const boot = at("boot/firmware/hedgerow-setup-code.txt");
    const issue = at("run/issue.d/hedgerow.issue");
    return { at, show, boot, issue, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
  }

  test("it stands on the boot partition and above the console's log-in, never in the log, until it is void", async () => {
    await using pi = await machine(`${CODE}\n`);
    const { status, stdout, stderr } = pi.show();
    expect([status, stdout.toString(), stderr.toString()]).toEqual([0, "", ""]);
    expect(await readFile(pi.boot, "utf8")).toBe(`${CODE}\r\n`);
    expect(await readFile(pi.issue, "utf8")).toContain(`http://\\4:8080 on a phone and type the code ${CODE}\n`);
    await rm(pi.at("var/lib/hedgerow/setup-code.txt"));
    expect(pi.show().status).toBe(0);
    expect([existsSync(pi.boot), existsSync(pi.issue)]).toEqual([false, false]);
  });

  test("where the boot partition lies at /boot, as on older systems, it stands there", async () => {
    await using pi = await machine(`${CODE}\n`);
    await rm(pi.at("boot/firmware"), { recursive: true });
    pi.show();
    expect(await readFile(pi.at("boot/hedgerow-setup-code.txt"), "utf8")).toBe(`${CODE}\r\n`);
  });

  test.each(["root:$y$j9T$abc:19000::::::\n", `${CODE}${CODE}\n`, "7kq2mwxr\n", ""])(
    "of anything else than a code no copy is made: %j",
    async (text) => {
      await using pi = await machine(text);
      pi.show();
      expect([existsSync(pi.boot), existsSync(pi.issue)]).toEqual([false, false]);
    },
  );

  test("a boot partition that cannot be written is told without the code, and the console has it all the same", async () => {
    await using pi = await machine(`${CODE}\n`);
    mkdirSync(pi.boot);
    const { status, stderr } = pi.show();
    expect([status, stderr.toString().includes("cannot write"), stderr.toString().includes(CODE)]).toEqual([
      0,
      true,
      false,
    ]);
    expect(await readFile(pi.issue, "utf8")).toContain(CODE);
  });

  test.skipIf(!hasAnalyze)(
    "systemd-analyze says nothing against its units, and would speak up at an unknown key",
    async () => {
      await using directory = await tempDir();
      const path = join(directory.path, "hedgerow-setup-code.path");
      const service = readFileSync(join(systemd, "hedgerow-setup-code.service"), "utf8");
      const watch = readFileSync(join(systemd, "hedgerow-setup-code.path"), "utf8");
      verify(join(directory.path, "hedgerow.service"), unit);
      expect(verify(join(directory.path, "hedgerow-setup-code.service"), service)).toEqual({ stderr: "", status: 0 });
      expect(verify(path, watch)).toEqual({ stderr: "", status: 0 });
      expect(verify(path, watch.replace("PathChanged=", "PathChange=")).stderr).toContain("PathChange");
    },
  );
});

test("systemd waits longer for a stop than the gateway takes", () => {
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]) * 1000).toBeGreaterThan(LIMITS.stopMs);
});

test("the data's folder is there before the first start, with the owner and mode that the unit gives it", () => {
  expect(readFileSync(join(systemd, "hedgerow.tmpfiles"), "utf8")).toMatch(
    /^d \/var\/lib\/hedgerow 0700 hedgerow hedgerow$/m,
  );
  expect(unit).toContain("\nStateDirectoryMode=0700\n");
});

test("systemd/install places unit, user, command and a first configuration, and keeps a changed one", async () => {
  await using directory = await tempDir();
  const install = () => execFileSync(join(systemd, "install"), { env: { ...process.env, DESTDIR: directory.path } });
  const at = (path: string): string => join(directory.path, path);
  install();
  expect(await readFile(at("etc/systemd/system/hedgerow.service"), "utf8")).toBe(unit);
  expect(await readFile(at("usr/lib/sysusers.d/hedgerow.conf"), "utf8")).toContain("u hedgerow ");
  expect((await stat(at("usr/local/bin/hedgerow"))).mode & 0o777).toBe(0o755);
  expect(await readFile(at("etc/systemd/system/hedgerow-setup-code.path"), "utf8")).toContain("PathChanged=");
  expect(await readFile(at("etc/systemd/system/hedgerow-setup-code.service"), "utf8")).toContain("Type=oneshot");
  expect((await stat(at("etc/hedgerow/policy.yaml"))).mode & 0o777).toBe(0o640);
  expect(await readFile(at("etc/hedgerow/policy.yaml"), "utf8")).toMatch(/^draft: true\b/m);
  expect(await readFile(at("etc/hedgerow/gateway.yaml"), "utf8")).toMatch(/dataDir: \/var\/lib\/hedgerow\b/);
  await writeFile(at("etc/hedgerow/kit.yaml"), "devices: []\n");
  install();
  expect(await readFile(at("etc/hedgerow/kit.yaml"), "utf8")).toBe("devices: []\n");
});

test.each(EXTRAS)(
  "$extra is within reach only where it was asked for, and stays so after an update",
  async ({ extra, text }) => {
    await using directory = await tempDir();
    const install = (...args: string[]) =>
      execFileSync(join(systemd, "install"), args, { env: { ...process.env, DESTDIR: directory.path } });
    const dropins = join(directory.path, "etc/systemd/system/hedgerow.service.d");
    install();
    expect(existsSync(dropins)).toBe(false);
    install(extra);
    expect(await readdir(dropins)).toEqual([`${extra}.conf`]);
    const placed = join(dropins, `${extra}.conf`);
    expect(await readFile(placed, "utf8")).toBe(text);
    await writeFile(placed, "# of an older version\n");
    install();
    expect(await readFile(placed, "utf8")).toBe(text);
    install("gpio", "camera");
    expect(await readdir(dropins)).toEqual(["camera.conf", "gpio.conf"]);
  },
);

test("systemd/install refuses what it does not know, and places nothing", async () => {
  await using directory = await tempDir();
  const env = { ...process.env, DESTDIR: directory.path };
  for (const args of [["cameras"], ["gpio", "gpoi"], ["gpio camera"], ["gpio", "gpio"]]) {
    const { status, stderr } = spawnSync(join(systemd, "install"), args, { env, encoding: "utf8" });
    expect([status, stderr]).toEqual([1, "usage: systemd/install [gpio] [camera]\n"]);
  }
  expect(await readdir(directory.path)).toEqual([]);
});

test("what wired sensors and cameras on a cable need is theirs alone", () => {
  const [gpio, camera] = EXTRAS.map(({ text }) => text);
  for (const line of ["SupplementaryGroups=gpio", "ProtectKernelTunables=no"]) expect(gpio).toContain(`\n${line}\n`);
  const devices = ["char-video4linux", "char-media", "char-dma_heap"].map((name) => `DeviceAllow=${name} rw`);
  for (const line of ["SupplementaryGroups=video", ...devices]) expect(camera).toContain(`\n${line}\n`);
  expect(camera).not.toContain("\nProtectKernelTunables");
  for (const line of ["ProtectKernelTunables=yes", "PrivateDevices=yes"]) expect(unit).toContain(`\n${line}\n`);
});

/** By `systemd-analyze security`: 0 is shut, 10 wide open. */
function exposure(path: string): number {
  const args = ["security", "--offline=true", "--no-pager", path];
  const rating = /Overall exposure level for hedgerow.service: ([\d.]+)/.exec(
    execFileSync("systemd-analyze", args).toString(),
  );
  return Number(rating?.[1]);
}

/** Verifies a copy whose program exists on this machine. */
function verify(path: string, text: string): { stderr: string; status: number | null } {
  writeFileSync(path, text.replaceAll(/^ExecStart=\S+/gm, `ExecStart=${process.execPath}`));
  const { stderr, status } = spawnSync("systemd-analyze", ["verify", "--man=no", path], { encoding: "utf8" });
  return { stderr, status };
}
