// Shown: acknowledged means durable (promise 1, I5), by the kill harness (test/soak/kill.ts), which runs outside the tests' own
// process: gateway, sensors and platform are processes, and the gateway is killed with SIGKILL under load, at its start, in a
// checkpoint and while it settles. `ROUNDS` sets how often (npm run soak: 300), `SEED` repeats it.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROUNDS = Number(process.env["ROUNDS"] ?? 8);
const isSoak = process.env["SOAK"] !== undefined;
const ROOT = new URL("../..", import.meta.url).pathname;

/** Promised of a restart, to the first acknowledgement; held to it where nothing else works on the machine. */
const RESTART_MS = 5000;

test.each(["each", "counts"])(
  "motion as %s: after kill -9 at any moment all that was acknowledged is at the platform once, and the sums hold after each restart",
  async (motion) => {
    const seed = process.env["SEED"] === undefined ? [] : ["--seed", process.env["SEED"]];
    const args = ["--rounds", String(Math.ceil(ROUNDS / 2)), "--motion", motion, ...seed];
    // Where it is timed it starts as at people's homes, where no compiled code is kept.
    const env = isSoak ? { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" } : process.env;
    const harness = [join(ROOT, "test/soak/kill.ts"), ...args];
    const run = promisify(execFile)(join(ROOT, "node_modules/.bin/node"), harness, { env });
    // Exit code 1 comes with the reasons in the same line.
    const { stdout } = await run.catch((thrown: { readonly stdout: string }) => thrown);
    console.info(stdout.trim());
    const { wrong, restart } = JSON.parse(stdout);
    expect(wrong).toEqual([]);
    if (isSoak) expect(restart.medianMs).toBeLessThan(RESTART_MS);
  },
);
