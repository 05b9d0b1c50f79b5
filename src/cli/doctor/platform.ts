// Each platform: whether it answers, whether the certificates convince, and what it says the time is. Nothing is told to it.
import { type HttpOutcome, openHttpClient } from "../../core/http-client.ts";
import { LIMITS } from "../../core/limits.ts";
import { GatewayError } from "../../core/errors.ts";
import { openPlatformFiles } from "../../forward/platform-files.ts";
import { type Diagnosis, type Machine, note, ok, orRefusal, type Site, trouble, warning } from "./diagnosis.ts";
import { DOCTOR_LIMITS } from "./doctor-limits.ts";

type Sink = Site["settings"]["gateway"]["platform"][number];
type HttpsSink = Extract<Sink, { kind: "https" }>;

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
  const found = await Promise.all(sinks.map((sink) => askSink(machine, { sink, running: site.running }, stop)));
  return [...found.flat(), ...pausedOf(site)];
}

async function askSink(
  machine: Machine,
  { sink, running }: { sink: Sink; running: Site["running"] },
  stop: AbortSignal,
): Promise<Diagnosis[]> {
  const files = await openPlatformFiles(sink).catch(orRefusal);
  if (files instanceof GatewayError) return [trouble(`platform ${sink.id}: ${files.message}`, files.hint)];
  const { clientCertificateEndsMs } = await files.current();
  return [
    ...(sink.kind === "https"
      ? await ask(machine, { sink, credentials: () => files.current() }, stop)
      : byBroker(sink, running)),
    ...endOf(clientCertificateEndsMs, { nowMs: machine.clock.nowMs(), id: sink.id }),
  ];
}

/** A second connection under the gateway's name would end the one that it has, so the running gateway is asked. */
function byBroker({ id }: Sink, running: Site["running"]): Diagnosis[] {
  const sink = running?.sinks.find((each) => each.id === id);
  if (sink?.why === null) return [ok(`platform ${id}, says the gateway: ${sink.state}`)];
  if (sink !== undefined) return []; // pausedOf tells it
  return [
    note(
      `platform ${id} is a broker: whether it answers is seen once the gateway runs`,
      "Start the gateway, then: hedgerow status",
    ),
  ];
}

async function ask(
  { clock }: Machine,
  { sink, credentials }: { sink: HttpsSink; credentials: Parameters<typeof openHttpClient>[0]["credentials"] },
  stop: AbortSignal,
): Promise<Diagnosis[]> {
  const { answerMs } = DOCTOR_LIMITS;
  await using client = openHttpClient({
    ...(credentials !== undefined && { credentials }),
    proxy: sink.proxy,
    connections: 1,
    connectTimeoutMs: answerMs,
  });
  // An unsigned question for the address itself: what it answers does not matter, that it answers does.
  const outcome = await client.ask(
    { method: "GET", url: sink.url, answerBytesMax: LIMITS.platformAnswerBytes, timeoutMs: answerMs },
    stop,
  );
  return found(outcome, { id: sink.id, nowMs: clock.nowMs() });
}

function found(outcome: HttpOutcome, { id, nowMs }: { id: string; nowMs: number }): Diagnosis[] {
  if (outcome.kind === "answer" && outcome.status === 511)
    return [trouble("the network here asks for a log-in (511)", "Log in to the network, with a browser on this line.")];
  if (outcome.kind === "answer") return [ok(`platform ${id} answers`), ...skewOf(nowMs, outcome.headers["date"])];
  if (outcome.how === "too-large") return [ok(`platform ${id} answers`)];
  return [
    trouble(
      `platform ${id}${outcome.how === "unreachable" ? ":" : ""} ${outcome.why}`,
      outcome.hint ??
        "Is there internet here, and is url under platform right? Until then everything waits in the buffer.",
    ),
  ];
}

/** The client certificate's last day. */
function endOf(endsMs: number | null, { nowMs, id }: { nowMs: number; id: string }): Diagnosis[] {
  if (endsMs === null || endsMs - nowMs > DOCTOR_LIMITS.certificateEndsMs) return [];
  const day = new Date(endsMs).toISOString().slice(0, 10);
  const remedy = "Renew it and put the new files in place of the old; the gateway reads them by itself.";
  return endsMs < nowMs
    ? [trouble(`platform ${id}: the client certificate under certFile ended on ${day}`, remedy)]
    : [warning(`platform ${id}: the client certificate under certFile ends on ${day}`, remedy)];
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
function pausedOf({ running, settings }: Site): Diagnosis[] {
  const isHttps = (id: string) => settings.gateway.platform.some((sink) => sink.id === id && sink.kind === "https");
  return (running?.sinks ?? []).flatMap(({ id, why }) =>
    why === null
      ? []
      : [
          warning(
            `platform ${id}, says the gateway: ${why}`,
            `\`hedgerow status\` shows it, with the buffer${isHttps(id) ? "; `hedgerow key show` prints the key to register" : ""}.`,
          ),
        ],
  );
}
