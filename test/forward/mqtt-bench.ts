// The MQTT sink on a bench: a sink of gateway `test-gate` with short bounds, and its log.
import { systemClock } from "../../src/core/clock.ts";
import { type MqttSinkLimits, openMqttSink } from "../../src/forward/mqtt-sink.ts";
import type { Sink } from "../../src/forward/sink.ts";
import type { MqttSinkSettings } from "../../src/settings/schema.ts";
import { textLog } from "../helpers/text-log.ts";
import { makeEntries } from "./memory-spool.ts";
import { type Script, startScriptedBroker } from "./scripted-broker.ts";
import { kinds, never, noPicture } from "./sink-bench.ts";

export type BenchSink = Sink & AsyncDisposable & { readonly said: () => string; rest(): Promise<void> };

/** `limits`: two seconds for everything, unless told otherwise. */
export async function openBenchSink(
  url: string,
  {
    limits,
    ...settings
  }: Partial<Omit<MqttSinkSettings, "url" | "kind">> & { readonly limits?: Partial<MqttSinkLimits> } = {},
): Promise<BenchSink> {
  const { log, lines } = textLog();
  const sink = await openMqttSink({
    settings: { id: "city", kind: "mqtt", url, prefix: "hedgerow", ...settings },
    gatewayId: "test-gate",
    version: "1.2.3",
    clock: systemClock,
    log,
    limits: { connectMs: 2000, answerMs: 2000, ackMs: 2000, ...limits },
  });
  return {
    id: sink.id,
    deliver: (...given) => sink.deliver(...given),
    rest: async () => sink.rest?.(),
    said: () => lines.join(""),
    [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
  };
}

/** One delivery to a broker of its own that follows `script`: what came of it, by sequence, and what the broker heard. */
export async function deliverTo(script: Script, entries = makeEntries(1), limits = {}) {
  await using broker = await startScriptedBroker(script);
  await using sink = await openBenchSink(broker.url, { limits });
  const report = await sink.deliver(entries, noPicture, never);
  return { ...report, kinds: kinds(report), heard: broker.heard };
}
