// The status as Prometheus text (exposition format 0.0.4). No device or camera is named: only how many are how.
import type { GatewayStatus } from "../core/commands.ts";

type Sample = { readonly labels?: Readonly<Record<string, string>>; readonly value: number };

export function metricsText(status: GatewayStatus, nowMs: number): string {
  const { gateway, devices, bridges, cameras, buffer, sinks, conservation, ledger, counters } = status;
  const oldestMs = buffer.oldestAt === null ? nowMs : Date.parse(buffer.oldestAt);
  return [
    metric("hedgerow_info", "gauge", "The gateway's version.", [{ labels: { version: gateway.version }, value: 1 }]),
    metric("hedgerow_start_time_seconds", "gauge", "When it started, in Unix time.", [
      { value: Date.parse(gateway.startedAt) / 1000 },
    ]),
    metric("hedgerow_clock_synced", "gauge", "1 when the clock can be believed.", [
      { value: Number(gateway.clock === "synced") },
    ]),
    metric("hedgerow_devices", "gauge", "Devices by state.", tally(devices.map(({ state }) => state))),
    metric(
      "hedgerow_device_flags",
      "gauge",
      "Devices with a flag.",
      tally(
        devices.flatMap(({ flags }) => flags),
        "flag",
      ),
    ),
    metric("hedgerow_bridges", "gauge", "Bridges by state.", tally(bridges.map(({ state }) => state))),
    metric("hedgerow_proposals", "gauge", "What announced itself and waits for approval.", [
      { value: status.proposals },
    ]),
    metric("hedgerow_cameras", "gauge", "Cameras by state.", tally(cameras.map(({ state }) => state))),
    metric("hedgerow_buffer_entries", "gauge", "Entries waiting in the buffer.", [{ value: buffer.entries }]),
    metric("hedgerow_buffer_pictures", "gauge", "Entries waiting with a picture.", [{ value: buffer.pictures }]),
    metric("hedgerow_buffer_bytes", "gauge", "Bytes of the buffer, pictures included.", [{ value: buffer.bytes }]),
    metric("hedgerow_buffer_bytes_max", "gauge", "Bytes that the buffer may have.", [{ value: buffer.bytesMax }]),
    metric("hedgerow_disk_ok", "gauge", "1 when the disk takes what comes, 0 when it is full or failed.", [
      { labels: { state: buffer.disk }, value: Number(buffer.disk === "ok") },
    ]),
    metric("hedgerow_ledger_ok", "gauge", "1 when the ledger can be written.", [
      { value: Number((ledger?.trouble ?? null) === null) },
    ]),
    metric("hedgerow_buffer_oldest_age_seconds", "gauge", "Age of the oldest entry, 0 when none waits.", [
      { value: Math.max(0, nowMs - oldestMs) / 1000 },
    ]),
    metric(
      "hedgerow_buffer_hours_left",
      "gauge",
      "Hours until the buffer is full at today's rate.",
      buffer.hoursLeft === null ? [] : [{ value: buffer.hoursLeft }],
    ),
    metric("hedgerow_dead_letters", "gauge", "Entries the platform rejected.", [{ value: buffer.deadLetters }]),
    metric(
      "hedgerow_sink_up",
      "gauge",
      "1 when the platform takes entries.",
      sinks.map(({ id, state }) => ({
        labels: { sink: id, state },
        value: Number(state === "connected" || state === "idle"),
      })),
    ),
    metric(
      "hedgerow_sink_last_accepted_seconds",
      "gauge",
      "When the platform last accepted something, in Unix time.",
      sinks.flatMap(({ id, lastAcceptedAt }) =>
        lastAcceptedAt === null ? [] : [{ labels: { sink: id }, value: Date.parse(lastAcceptedAt) / 1000 }],
      ),
    ),
    metric(
      "hedgerow_sink_waiting",
      "gauge",
      "Entries waiting for the platform.",
      conservation.sinks.map(({ id, waiting }) => ({ labels: { sink: id }, value: waiting })),
    ),
    metric(
      "hedgerow_readings_balanced",
      "gauge",
      "1 when all readings taken are accounted for; 0 is a mistake in Hedgerow.",
      [{ value: Number(conservation.readings.isBalanced) }],
    ),
    metric(
      "hedgerow_sink_balanced",
      "gauge",
      "1 when all entries made for the platform are accounted for; 0 is a mistake in Hedgerow.",
      conservation.sinks.map(({ id, isBalanced }) => ({ labels: { sink: id }, value: Number(isBalanced) })),
    ),
    metric(
      "hedgerow_count_total",
      "counter",
      "What came in, was kept back or left, by the board's names.",
      Object.entries(counters)
        .filter(([name]) => !name.startsWith("camera.used."))
        .map(([name, value]) => ({ labels: { name }, value })),
    ),
  ].join("");
}

function tally(states: readonly string[], label = "state"): Sample[] {
  return [...new Set(states)]
    .toSorted()
    .map((state) => ({ labels: { [label]: state }, value: states.filter((each) => each === state).length }));
}

function metric(name: string, type: "gauge" | "counter", help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}\n`;
  });
  return samples.length === 0 ? "" : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
