// Shown: a confined child is bounded, inherits nothing, may write nothing, reaches no network, and dies with its parent even
// when it hangs.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startConfined } from "../../src/core/child-process.ts";
import { tempDir } from "../helpers/temp-dir.ts";

/** Node itself reserves about 600 MiB of it and touches a tenth. */
const memoryBytes = 1024 ** 3;

async function run(source: string): Promise<{ output: string; ended: string; path: string }> {
  await using folder = await tempDir();
  const script = join(folder.path, "child.mjs");
  await writeFile(script, source);
  const child = startConfined({ script, args: [folder.path], memoryBytes });
  const output = await Array.fromAsync(child.output);
  return { output: Buffer.concat(output).toString(), ended: await child.ended, path: folder.path };
}

test("nothing of the parent's environment reaches it", async () => {
  process.env["HEDGEROW_TEST_SECRET"] = "hunter2";
  const { output } = await run("process.stdout.write(JSON.stringify(process.env))");
  delete process.env["HEDGEROW_TEST_SECRET"];
  expect(output).toContain("MALLOC_ARENA_MAX");
  expect(output).not.toContain("hunter2");
});

test("it may neither write a file, nor start a process, nor a thread", async () => {
  const { output } = await run(`
    import { writeFileSync } from "node:fs"; import { spawnSync } from "node:child_process"; import { Worker } from "node:worker_threads";
    for (const attempt of [() => writeFileSync(process.argv[2] + "/pixels", "x"), () => spawnSync("/bin/true"), () => new Worker("0", { eval: true })])
      try { attempt(); console.log("done"); } catch (error) { console.log(error.code); }`);
  expect(output.trim().split("\n")).toEqual(Array(3).fill("ERR_ACCESS_DENIED"));
});

test("no file takes a byte of it, whatever writes: the system's own limit beside Node's", async () => {
  const { output } = await run(`
    import { readFileSync } from "node:fs"; process.stdout.write(readFileSync("/proc/self/limits"));`);
  expect(output).toMatch(/^Max file size\s+0\s+0\s/m);
  expect(output).toMatch(/^Max core file size\s+0\s+0\s/m);
});

// Some systems forbid namespaces to users; there the child runs without (shown below).
const hasNamespaces = spawnSync("unshare", ["-Un", "true"]).status === 0;
test.skipIf(!hasNamespaces)("a connection of it, even to this machine, is refused by the system", async () => {
  await using server = createServer().listen(0, "127.0.0.1");
  let connections = 0;
  server.on("connection", (socket) => {
    connections += 1;
    socket.destroy();
  });
  await once(server, "listening");
  await using folder = await tempDir();
  const script = join(folder.path, "child.mjs");
  await writeFile(
    script,
    `import { connect } from "node:net"; import { createSocket } from "node:dgram";
     connect(${portOf(server.address())}, "127.0.0.1").on("connect", () => console.log("connected")).on("error", ({ code }) => {
       console.log(code);
       createSocket("udp4").send("x", 9, "127.0.0.1", (error) => { console.log(error?.code ?? "sent"); process.stdin.resume(); });
     });`,
  );
  const child = startConfined({ script, memoryBytes });
  let said = "";
  for await (const chunk of child.output) {
    said += String(chunk);
    if (said.split("\n").length > 2) break;
  }
  expect(said).toBe("ENETUNREACH\nENETUNREACH\n");
  expect(child.isOffline()).toBe(true);
  expect(connections).toBe(0);
  child.kill();
  await child.ended;
  expect(child.isOffline(), "of a child that is gone nothing is known").toBe(false);
});

test("it starts where the system forbids namespaces, and is known to be open", async () => {
  await using folder = await tempDir();
  const unshare = join(folder.path, "unshare");
  await writeFile(unshare, "#!/bin/sh\nexit 1\n");
  await chmod(unshare, 0o755);
  const script = join(folder.path, "child.mjs");
  await writeFile(script, 'process.stdout.write("here"); process.stdin.resume()');
  const child = startConfined({ script, memoryBytes, path: `${folder.path}:/usr/bin:/bin` });
  const [first] = await Array.fromAsync(child.output.take(1));
  expect(String(first)).toBe("here");
  expect(child.isOffline()).toBe(false);
  child.kill();
  await child.ended;
});

test("memory beyond its bound ends it, and says so", async () => {
  const { ended, output } = await run("const hoard = []; for (;;) hoard.push(Buffer.alloc(2 ** 25, 1));");
  expect(output).toBe("");
  expect(ended).toMatch(/ended (with code [1-9]|by SIG)/);
});

test("what it prints to standard error goes nowhere", async () => {
  expect((await run("console.error('pixels'); process.exit(3)")).ended).toBe("it ended with code 3");
});

test("a program that does not exist is an end, not an exception", async () => {
  const child = startConfined({ script: "/nowhere/child.ts", memoryBytes });
  expect(await child.ended).toMatch(/ended with code [1-9]/);
  child.input.write("to nobody");
  child.kill();
});

test("it starts where setpriv knows of no death signal, as BusyBox's does not", async () => {
  await using folder = await tempDir();
  const setpriv = join(folder.path, "setpriv");
  await writeFile(setpriv, "#!/bin/sh\nexit 1\n");
  await chmod(setpriv, 0o755);
  const script = join(folder.path, "child.mjs");
  await writeFile(script, 'process.stdout.write("here")');
  const child = startConfined({ script, memoryBytes, path: `${folder.path}:/usr/bin:/bin` });
  expect(Buffer.concat(await Array.fromAsync(child.output)).toString()).toBe("here");
  expect(await child.ended).toBe("it ended with code 0");
});

test("it dies with its parent, also while it hangs", async () => {
  await using folder = await tempDir();
  const hanging = join(folder.path, "hanging.mjs");
  await writeFile(hanging, 'process.stdout.write("here"); for (;;);');
  const parent = join(folder.path, "parent.mts");
  const door = import.meta.resolve("../../src/core/child-process.ts");
  await writeFile(
    parent,
    `import { startConfined } from ${JSON.stringify(door)};
     const child = startConfined({ script: ${JSON.stringify(hanging)}, memoryBytes: ${memoryBytes} });
     child.output.once("data", () => console.log(child.pid));`,
  );
  const process_ = spawn(process.execPath, [parent], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await Array.fromAsync(process_.stdout.take(1));
  const pid = Number(String(line));
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  process_.kill("SIGKILL");
  await expect.poll(() => stateOf(pid), { timeout: 5000 }).toMatch(/gone|zombie/);
});

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === "string") throw new TypeError("no TCP address");
  return address.port;
}

/** A killed orphan may stay a zombie where nobody reaps it (a container's first process): dead all the same. */
async function stateOf(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "State:\tgone");
  return /^State:\s+(.*)$/m.exec(status)?.[1] ?? "gone";
}
