// Spools pictures through the spool's own door for the outage benchmark, as a process of its own, before the gateway starts on the
// same data directory. Arguments: data directory, pictures, gateway id, gateway.yaml. Prints {"seconds", "payloadBytes", "writtenBytes"}.
import { fileURLToPath } from "node:url";
import { RawFrame } from "../../src/camera/raw-frame.ts";
import { systemClock } from "../../src/core/clock.ts";
import { openPseudonyms } from "../../src/privacy/pseudonyms.ts";
import type { RedactAsk } from "../../src/privacy/redactor.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { openTestRedactor } from "../helpers/test-redactor.ts";
import { openTestSpool } from "../helpers/test-spool.ts";
import { writtenBytes } from "./outage-measures.ts";

const [dataDir = "", pictures = "0", gatewayId = "", config = ""] = process.argv.slice(2);
const ASK: RedactAsk = { masks: [], redact: { level: "normal", whenUnsure: "withhold" } };
const never = new AbortController().signal;
const { policy, gateway } = await loadSettings(config);
const naming = { dataDir, rhythm: policy.events.pseudonyms, timezone: gateway.gateway.timezone };
const by = testDisclosure({ gatewayId, pseudonyms: await openPseudonyms(naming) });
await using house = await openTestRedactor({
  childScript: fileURLToPath(new URL("outage-redactor-child.ts", import.meta.url)),
});
await using spool = await openTestSpool(dataDir, { bytesMax: 2 ** 31 });
// As the gateway leaves it; without, nobody knows under which policy they were made, and they do not leave.
await spool.append({ state: { "policy:last": JSON.stringify(policy) } });
let [payloadBytes, appendMs] = [0, 0];
const writtenBefore = await writtenBytes(process.pid);
for (let n = 0; n < Number(pictures); n++) {
  using frame = new RawFrame({ bytes: Buffer.alloc(100), cameraId: "cam", takenAtMs: systemClock.nowMs() });
  const verdict = await house.redactor.redact(frame, ASK, never);
  if (verdict.kind !== "image") throw new Error(verdict.detail);
  payloadBytes += verdict.image.content.jpeg.length;
  const image = { redacted: verdict.image, expiresAtMs: systemClock.nowMs() + 72 * 3_600_000 };
  const startedAt = performance.now();
  await spool.append({ make: [{ event: luxEvent(n, by), image }] });
  appendMs += performance.now() - startedAt;
}
const written = (await writtenBytes(process.pid)) - writtenBefore;
process.stdout.write(JSON.stringify({ seconds: appendMs / 1000, payloadBytes, writtenBytes: written }));
