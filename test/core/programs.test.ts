// Shown: programs of the system get their words as they are and nothing of our environment, are bounded in time and output, say
// how they ended, and die with the process that started them.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { runProgram, startProgram } from "../../src/core/child-process.ts";

/** A second, the default, is short on a machine that does other things too. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 15_000 });

const bounds = { timeoutMs: 10_000, outputBytesMax: 1000 };
const hasPdeathsig = spawnSync("setpriv", ["--pdeathsig", "KILL", "true"]).status === 0;

test("what a program prints comes back; its words are not a shell's", async () => {
  const words = ["$HOME; echo x", "`id`", "a  b", "'"];
  expect(await runProgram({ command: ["printf", "%s|", ...words], ...bounds })).toBe(
    words.map((word) => `${word}|`).join(""),
  );
});

test("nothing of our environment reaches it", async () => {
  process.env["HEDGEROW_SECRET"] = "hawthorn";
  expect(await runProgram({ command: ["env"], ...bounds })).not.toContain("hawthorn");
  delete process.env["HEDGEROW_SECRET"];
});

test("a failure is told with the last line it complained with, a missing program with its name", async () => {
  await expect(runProgram({ command: ["sh", "-c", "echo one >&2; echo two >&2; exit 3"], ...bounds })).rejects.toThrow(
    "sh: it ended with code 3: two",
  );
  await expect(runProgram({ command: ["no-such-program"], ...bounds })).rejects.toThrow(/no-such-program/);
});

test("who takes too long, or says too much, is ended", async () => {
  await expect(runProgram({ command: ["sleep", "60"], ...bounds, timeoutMs: 50 })).rejects.toThrow("ended by SIGKILL");
  await expect(runProgram({ command: ["yes"], ...bounds })).rejects.toThrow("ended by SIGKILL");
});

test("a program that was killed has ended, and may be killed again", async () => {
  const program = startProgram({ command: ["sleep", "60"] });
  program.kill();
  expect(await program.ended).toBe("it was ended by SIGKILL");
  program.kill();
});

test.skipIf(!hasPdeathsig)("it dies with its parent, also when that is killed", async () => {
  const script = `
    import { startProgram } from ${JSON.stringify(new URL("../../src/core/child-process.ts", import.meta.url).href)};
    console.log(startProgram({ command: ["sleep", "600"] }).pid);
    setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = await once(parent.stdout, "data");
  const pid = Number(String(said));
  await eventually(() => readFileSync(`/proc/${pid}/comm`, "utf8").trim()).toBe("sleep");
  parent.kill("SIGKILL");
  await eventually(() => isAlive(pid)).toBe(false);
});

/** Not a zombie either: whoever adopts it may be slow to notice. */
function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

test("a program that holds pixels has bounded memory and leaves no core file", async () => {
  const limits = "ulimit -c; ulimit -d";
  const program = startProgram({ command: ["sh", "-c", limits], memoryBytes: 64 * 1024 * 1024 });
  const output = await Array.fromAsync(program.output);
  expect(Buffer.concat(output).toString()).toBe("0\n65536\n");
  expect(await program.ended).toBe("it ended with code 0");
});

test("a program with bounded memory keeps the network, whatever it is called: a stream comes by it", async () => {
  const server = createServer((socket) => socket.end("picture")).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  // With its whole path it is found by `test -x`, as ffmpeg would be in a folder that holds one.
  const program = startProgram({
    command: ["/bin/bash", "-c", `cat < /dev/tcp/127.0.0.1/${port}`],
    memoryBytes: 256 * 1024 * 1024,
  });
  expect(Buffer.concat(await Array.fromAsync(program.output)).toString()).toBe("picture");
});
