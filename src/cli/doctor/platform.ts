// Each platform: whether it answers, whether its certificate convinces, and what it says the time is. Nothing is told to it.
import { openHttpClient } from "../../core/http-client.ts";
import { LIMITS } from "../../core/limits.ts";
import { GatewayError } from "../../core/errors.ts";
import { readSecret } from "../../settings/secrets.ts";
import { type Diagnosis, type Machine, note, ok, orRefusal, type Site, trouble, warning } from "./diagnosis.ts";
import { DOCTOR_LIMITS } from "./doctor-limits.ts";

type Sink = Site["settings"]["gateway"]["platform"][number];

export async function lookAtPlatform(machine: Machine, site: Site | null, stop: AbortSignal): Promise<Diagnosis[]> {
  if (site === null) return [];
  const sinks = site.settings.gateway.platform;
  if (sinks.length === 0)
    return [
      note(
        "gateway.yaml names no platform: everything stays in the buffer",
        "Add one under platform, when there is one.",
      ),
    ];
  const found = await Promise.all(sinks.map((sink) => askSink(machine, sink, stop)));
  return [...found.flat(), ...pausedOf(site)];
}

async function askSink({ clock }: Machine, { id, url, caFile }: Sink, stop: AbortSignal): Promise<Diagnosis[]> {
  const ca = caFile === undefined ? undefined : await readSecret(caFile).catch(orRefusal);
  if (ca instanceof GatewayError) return [trouble(`platform ${id}: ${ca.message}`, ca.hint)];
  const { answerMs } = DOCTOR_LIMITS;
  await using client = openHttpClient({ ca, connections: 1, connectTimeoutMs: answerMs });
  // An unsigned question for the address itself: what it answers does not matter, that it answers does.
  const outcome = await client.ask(
    { method: "GET", url, answerBytesMax: LIMITS.platformAnswerBytes, timeoutMs: answerMs },
    stop,
  );
  if (outcome.kind === "answer")
    return [ok(`platform ${id} answers`), ...skewOf(clock.nowMs(), outcome.headers["date"])];
  if (outcome.how === "too-large") return [ok(`platform ${id} answers`)];
  if (outcome.how === "untrusted")
    return [
      trouble(
        `platform ${id}: ${outcome.why}`,
        "Ask the platform for its certificate authority and name the file under caFile; a wrong clock has this effect too.",
      ),
    ];
  return [
    trouble(
      outcome.how === "timeout" ? `platform ${id} gave ${outcome.why}` : `platform ${id}: ${outcome.why}`,
      outcome.hint ??
        "Is there internet here, and is url under platform right? Until then everything waits in the buffer.",
    ),
  ];
}

/** By the Date header (RFC 9110, 6.6.1). */
function skewOf(nowMs: number, date: string | undefined): Diagnosis[] {
  const theirsMs = Date.parse(date ?? "");
  if (Number.isNaN(theirsMs)) return [];
  const skewMs = nowMs - theirsMs;
  const text = `this clock is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? "ahead of" : "behind"} the platform's`;
  const remedy = "Let the network set it: sudo timedatectl set-ntp true";
  if (Math.abs(skewMs) > DOCTOR_LIMITS.clockSkewMs)
    return [trouble(`${text}, and signatures of another time are refused`, remedy)];
  return Math.abs(skewMs) > DOCTOR_LIMITS.clockDriftMs ? [warning(text, remedy)] : [];
}

/** What only the running gateway knows: that a platform refuses it. */
function pausedOf({ running }: Site): Diagnosis[] {
  return (running?.sinks ?? []).flatMap(({ id, why }) =>
    why === null
      ? []
      : [
          warning(
            `platform ${id}, says the gateway: ${why}`,
            "`hedgerow status` shows it, with the buffer; `hedgerow key show` prints the key to register.",
          ),
        ],
  );
}
