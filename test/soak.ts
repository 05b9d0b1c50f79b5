// `npm run soak -- [--rounds N] [--events N]`: the journeys with the full counts, 50 kills and 10,000 events by default.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "50" }, events: { type: "string", default: "10000" } },
});
const env = { ...process.env, ROUNDS: values.rounds, EVENTS: values.events, SOAK: "1" };
const { status } = spawnSync("vitest", ["run", "--project", "journeys", "test/journeys"], { stdio: "inherit", env });
process.exitCode = status ?? 1;
