// What monitoring may read: each family of numbers with its help and type. No device or camera is named, only how many are how.
// Names and units stay; a family may be added. Label values come from fixed lists, from gateway.yaml, or from the board's names.
import type { GatewayStatus } from "../core/commands.ts";
import { Answers } from "./local-protocol.ts";
import { METRIC_LIMITS } from "./metric-limits.ts";

/** `labels`: by name, in the order in which they are written. */
export type Sample = { readonly labels?: Readonly<Record<string, string>>; readonly value: number };
/** `name`: with its unit; a counter's ends in `_total`. `help`: one sentence. */
export type Family = {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly samples: readonly Sample[];
};

/** `memoryBytes`: of the whole process as the system counts it. */
export type Measured = { readonly status: GatewayStatus; readonly nowMs: number; readonly memoryBytes: number };

const Status = Answers.status.shape;
const STATES = {
  devices: Status.devices.element.shape.state.options,
  flags: Status.devices.element.shape.flags.element.options,
  bridges: Status.bridges.element.shape.state.options,
  cameras: Status.cameras.element.shape.state.options,
  disk: Status.buffer.shape.disk.options,
};

/** All families, also those that have no sample now. */
export function metricFamilies(measured: Measured): readonly Family[] {
  return [...ofGateway(measured), ...ofKit(measured), ...ofBuffer(measured), ...ofSinks(measured), ...ofSums(measured)];
}

function ofGateway({ status: { gateway, policy, ledger, siteBroker }, memoryBytes }: Measured): readonly Family[] {
  return [
    gauge("hedgerow_info", "The gateway's version.", [{ labels: { version: gateway.version }, value: 1 }]),
    gauge("hedgerow_start_time_seconds", "When it started, in Unix time.", [one(Date.parse(gateway.startedAt) / 1000)]),
    gauge("hedgerow_memory_bytes", "Memory of the gateway itself, without its helpers.", [one(memoryBytes)]),
    gauge("hedgerow_clock_synced", "1 when the clock can be believed.", [yes(gateway.clock === "synced")]),
    gauge("hedgerow_policy_announced", "1 while a looser policy waits for its notice.", [
      yes(policy.announced !== null),
    ]),
    gauge("hedgerow_ledger_ok", "1 when the ledger can be written.", [yes((ledger?.trouble ?? null) === null)]),
    gauge(
      "hedgerow_site_broker_up",
      "1 when the site's own broker is connected; absent where there is none.",
      siteBroker == null ? [] : [yes(siteBroker.isUp)],
    ),
  ];
}

function ofKit({ status: { devices, bridges, cameras, proposals } }: Measured): readonly Family[] {
  const states = (all: readonly { readonly state: string }[]): readonly string[] => all.map(({ state }) => state);
  const flags = devices.flatMap((device) => device.flags);
  return [
    gauge("hedgerow_devices", "Devices by state.", tally(states(devices), { state: STATES.devices })),
    gauge("hedgerow_device_flags", "Devices with a flag.", tally(flags, { flag: STATES.flags })),
    gauge("hedgerow_lamp_faults", "Lamps with a fault.", [one(devices.filter(({ lamp }) => lamp?.fault).length)]),
    gauge("hedgerow_bridges", "Bridges by state.", tally(states(bridges), { state: STATES.bridges })),
    gauge("hedgerow_proposals", "What announced itself and waits for approval.", [one(proposals)]),
    gauge("hedgerow_cameras", "Cameras by state.", tally(states(cameras), { state: STATES.cameras })),
  ];
}

function ofBuffer({ status: { buffer }, nowMs }: Measured): readonly Family[] {
  const oldestMs = buffer.oldestAt === null ? nowMs : Date.parse(buffer.oldestAt);
  return [
    gauge("hedgerow_buffer_entries", "Entries waiting in the buffer.", [one(buffer.entries)]),
    gauge("hedgerow_buffer_pictures", "Entries waiting with a picture.", [one(buffer.pictures)]),
    gauge("hedgerow_buffer_bytes", "Bytes of the buffer, pictures included.", [one(buffer.bytes)]),
    gauge("hedgerow_buffer_bytes_max", "Bytes that the buffer may have.", [one(buffer.bytesMax)]),
    gauge("hedgerow_buffer_oldest_age_seconds", "Age of the oldest entry, 0 when none waits.", [
      one(Math.max(0, nowMs - oldestMs) / 1000),
    ]),
    gauge(
      "hedgerow_buffer_hours_left",
      "Hours until the buffer is full at today's rate; absent while nobody can tell.",
      buffer.hoursLeft === null ? [] : [one(buffer.hoursLeft)],
    ),
    gauge("hedgerow_disk_ok", "1 when the disk takes what comes.", [yes(buffer.disk === "ok")]),
    gauge("hedgerow_disk_state", "1 for how the disk is.", oneOf(buffer.disk, STATES.disk)),
    gauge("hedgerow_dead_letters", "Entries that a platform rejected for good.", [one(buffer.deadLetters)]),
  ];
}

function ofSinks({ status: { sinks, conservation } }: Measured): readonly Family[] {
  return [
    gauge(
      "hedgerow_sink_up",
      "1 when the platform takes entries.",
      sinks.map(({ id, state }) => ({ labels: { sink: id }, ...yes(state === "connected" || state === "idle") })),
    ),
    gauge(
      "hedgerow_sink_state",
      "1 for how it stands with the platform.",
      sinks.map(({ id, state }) => ({ labels: { sink: id, state }, value: 1 })),
    ),
    gauge(
      "hedgerow_sink_last_accepted_seconds",
      "When the platform last accepted something, in Unix time.",
      sinks.flatMap(({ id, lastAcceptedAt }) =>
        lastAcceptedAt === null ? [] : [{ labels: { sink: id }, value: Date.parse(lastAcceptedAt) / 1000 }],
      ),
    ),
    gauge(
      "hedgerow_sink_waiting",
      "Entries waiting for the platform.",
      conservation.sinks.map(({ id, waiting }) => ({ labels: { sink: id }, value: waiting })),
    ),
  ];
}

function ofSums({ status: { conservation, counters } }: Measured): readonly Family[] {
  return [
    gauge("hedgerow_readings_balanced", "1 when all readings taken are accounted for; 0 is a mistake in Hedgerow.", [
      yes(conservation.readings.isBalanced),
    ]),
    gauge(
      "hedgerow_sink_balanced",
      "1 when all entries made for the platform are accounted for; 0 is a mistake in Hedgerow.",
      conservation.sinks.map(({ id, isBalanced }) => ({ labels: { sink: id }, ...yes(isBalanced) })),
    ),
    {
      name: "hedgerow_count_total",
      type: "counter",
      help: "What came in, was kept back or left, by the board's names.",
      samples: Object.entries(counters)
        // They name cameras.
        .filter(([name]) => !name.startsWith("camera.used."))
        .slice(0, METRIC_LIMITS.counters)
        .map(([name, value]) => ({ labels: { name }, value })),
    },
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: "gauge", help, samples };
}

const one = (value: number): Sample => ({ value });
const yes = (is: boolean): Sample => ({ value: Number(is) });

/** How many of each there are, also of those of which there is none: a series that comes and goes cannot be alerted on. */
function tally(found: readonly string[], kinds: Readonly<Record<string, readonly string[]>>): readonly Sample[] {
  return Object.entries(kinds).flatMap(([label, all]) =>
    all.map((kind) => ({ labels: { [label]: kind }, value: found.filter((each) => each === kind).length })),
  );
}

function oneOf(state: string, all: readonly string[]): readonly Sample[] {
  return all.map((each) => ({ labels: { state: each }, ...yes(each === state) }));
}
