// `hedgerow run` with another redactor child, for tests that break the detector in a whole running gateway. REDACTOR names the
// child's program, MODEL its folder, REDACT_MS the deadline of a picture; the rest is the real program.
import { closeInTime, stopSignal } from "../../src/cli/run.ts";
import { aborted } from "../../src/reopening.ts";
import { systemClock } from "../../src/core/clock.ts";
import { openLog } from "../../src/core/log.ts";
import { openGateway } from "../../src/gateway.ts";
import { loadSettings } from "../../src/settings/load.ts";

const { REDACTOR, MODEL, REDACT_MS } = process.env;
const settings = await loadSettings(process.argv.at(-1) ?? "");
const stop = stopSignal();
const redactor = {
  ...(REDACTOR !== undefined && { childScript: REDACTOR }),
  ...(MODEL !== undefined && { modelDirectory: MODEL }),
  ...(REDACT_MS !== undefined && { limits: { redactMs: Number(REDACT_MS) } }),
};
const gateway = await openGateway({ settings, clock: systemClock, log: openLog({ level: "debug" }), redactor }, stop);
await Promise.race([gateway.failed, aborted(stop)]);
await closeInTime(gateway);
