// `npm run soak -- [--rounds N] [--events N]`: the journeys and the contracts with the full counts, 300 kills and 10,000
// events by default, the road's model in 30,000 lives, 200 damages of the spool's files, the adversaries of the privacy filter in 700 lives and all fixtures,
// what the redaction finds in all of the frames, and hostile pictures with tiles too.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "300" }, events: { type: "string", default: "10000" } },
});
const env = { ...process.env, ROUNDS: values.rounds, EVENTS: values.events, SOAK: "1" };
const runs = [
  ["journeys", "test/journeys"],
  ["contracts", "test/contracts"],
  ["cameras", "test/contracts/camera"],
  ["whole", "test/privacy/quality.whole.test.ts", "test/privacy/hostile.whole.test.ts"],
  ["unit", "test/spool/damage.test.ts", "test/privacy/adversary.test.ts", "test/normalise/subtraction.test.ts"],
] as const;
for (const [project, ...paths] of runs) {
  const { status } = spawnSync("vitest", ["run", "--project", project, ...paths], { stdio: "inherit", env });
  if (status !== 0) process.exitCode = status ?? 1;
}
