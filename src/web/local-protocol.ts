// What may be said on the command socket: each command with what it takes and what it answers, checked at both ends.
import { z } from "zod";
import type { Commands } from "../core/commands.ts";
import { LIMITS } from "../core/limits.ts";
import { Buffer, Conservation, Devices, PolicyHeld, Proposals, Requeued, Sink } from "./local-lists.ts";
import { DEVICE_ASKS } from "./local-devices.ts";
import { ERASURE_ANSWERS, ERASURE_ASKS, performErasure } from "./local-erasure.ts";
import { PEOPLE_ANSWERS, PEOPLE_ASKS, performPeople } from "./local-people.ts";
import { Tested, written } from "./local-picture.ts";

const text = z.string().min(1).max(256);
const id = text;
const nothing = z.strictObject({});
/** Of a command that has nothing to tell; null means that no gateway runs. */
const done = {};
const Done = z.object({});

const Credentials = z.object({
  id: z.string(),
  username: z.string().nullable(),
  password: z.string().nullable(),
  topic: z.string(),
  setup: z.array(z.string()),
  link: z.string().nullable().exactOptional(),
});

const Bridges = z.array(
  z.object({
    id: z.string(),
    family: z.string(),
    base: z.string(),
    isPaired: z.boolean(),
    state: z.enum(["unknown", "online", "offline"]),
    heardAt: z.string().nullable(),
  }),
);

const Status = z.object({
  gateway: z.object({
    id: z.string(),
    name: z.string(),
    version: z.string(),
    startedAt: z.string(),
    clock: z.enum(["synced", "unsure"]),
  }),
  devices: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      zone: z.string(),
      profile: z.string(),
      state: z.enum(["unknown", "ok", "stale", "offline", "paused"]),
      flags: z.array(z.enum(["low-battery", "tamper"])),
      heardAt: z.string().nullable(),
      batteryPct: z.number().nullable(),
      linkPct: z.number().nullable().exactOptional(),
      isPaired: z.boolean(),
      lamp: z
        .object({
          isOn: z.boolean().nullable(),
          fault: z.enum(["dark-at-night", "burning-by-day", "flicker"]).nullable(),
          isSwitchable: z.boolean(),
        })
        .nullable(),
    }),
  ),
  bridges: Bridges,
  proposals: z.number(),
  cameras: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      zone: z.string(),
      state: z.enum(["ok", "paused", "no-policy", "ended", "unreachable", "withheld", "cannot-see"]),
      why: z.string().nullable(),
      pausedBy: z.string().nullable().exactOptional(),
      lastSnapshotAt: z.string().nullable(),
      lastImageSha256: z.string().nullable(),
      lastRegions: z.number().nullable(),
      takenToday: z.number(),
      perDay: z.number(),
      source: z.string(),
      caution: z.string().nullable(),
      schedule: z.object({ between: z.tuple([z.string(), z.string()]).nullable(), at: z.array(z.string()) }).nullable(),
    }),
  ),
  buffer: Buffer,
  sinks: z.array(Sink),
  conservation: Conservation,
  policy: PolicyHeld,
  siteBroker: z
    .object({ isUp: z.boolean(), why: z.string().nullable(), refused: z.array(z.string()) })
    .nullable()
    .exactOptional(),
  ledger: z.object({ trouble: z.string().nullable() }).exactOptional(),
  counters: z.record(z.string(), z.number()),
});

const Thing = z.strictObject({ kind: z.enum(["device", "bridge"]), id });
const LoginOf = z.strictObject({ kind: z.enum(["device", "bridge", "camera"]), id });

const Asks = {
  ...ERASURE_ASKS,
  ...DEVICE_ASKS,
  ...PEOPLE_ASKS,
  status: nothing,
  listDevices: nothing,
  listBridges: nothing,
  listProposals: nothing,
  pairDevice: z.strictObject({
    profile: text,
    zone: text,
    name: text.exactOptional(),
    topic: z.string().min(1).max(LIMITS.topicBytes).exactOptional(),
    pin: z.int().min(0).max(1023).exactOptional(),
    chip: text.exactOptional(),
    activeLow: z.boolean().exactOptional(),
    pull: z.enum(["up", "down", "none"]).exactOptional(),
  }),
  addBridge: z.strictObject({ family: text, base: text }),
  renewCredentials: LoginOf,
  approve: z.strictObject({ proposal: text, zone: text, name: text.exactOptional(), profile: text.exactOptional() }),
  dismiss: z.strictObject({ proposal: text }),
  revoke: LoginOf,
  remove: Thing,
  pause: z.strictObject({ id, isPaused: z.boolean() }),
  pauseCamera: z.strictObject({ id, isPaused: z.boolean(), by: z.string().max(80) }),
  testCamera: z.strictObject({ id }),
  lookNow: z.strictObject({ id, by: text }),
  rotateKey: z.strictObject({ isFinal: z.boolean() }),
  sendNow: z.strictObject({ id: id.exactOptional() }),
  requeue: z.strictObject({ ids: z.array(id).exactOptional(), sinkId: id.exactOptional() }),
};

export const Answers = {
  ...ERASURE_ANSWERS,
  changeDevice: Done,
  replaceDevice: Credentials,
  ...PEOPLE_ANSWERS,
  status: Status,
  listDevices: Devices,
  listBridges: Bridges,
  listProposals: Proposals,
  pairDevice: Credentials,
  addBridge: Credentials,
  renewCredentials: Credentials,
  approve: z.object({ id: z.string() }),
  dismiss: Done,
  revoke: Done,
  remove: Done,
  pause: Done,
  pauseCamera: Done,
  sendNow: Done,
  requeue: Requeued,
  testCamera: Tested,
  rotateKey: z.object({
    publicKey: z.string(),
    keyId: z.string(),
    nextPublicKey: z.string().exactOptional(),
    nextKeyId: z.string().exactOptional(),
  }),
  lookNow: z.object({ outcome: z.enum(["taken", "withheld", "refused"]), why: z.string().nullable() }),
};

export type CommandName = keyof typeof Asks;
export type Ask<N extends CommandName> = z.infer<(typeof Asks)[N]>;
export type Answer<N extends CommandName> = z.infer<(typeof Answers)[N]>;

/** A line to the gateway, and its line back. */
export const Request = z.strictObject({ command: z.string(), args: z.unknown().optional() });
export const Reply = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), answer: z.unknown() }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string(), hint: z.string() }),
]);
export type Reply = z.infer<typeof Reply>;

/** Checks an answer. Throws ZodError when gateway and command line are of different versions. */
export function parseAnswer<N extends CommandName>(name: N, answer: unknown): Answer<N> {
  const schemas: { [M in CommandName]: z.ZodType<Answer<M>> } = Answers;
  return schemas[name].parse(answer);
}

/** Checks what came in and does it, until `stop`. Undefined: no such command. Throws ZodError, and what the command throws. */
export async function perform(
  commands: Commands,
  { command, args = {} }: z.infer<typeof Request>,
  stop: AbortSignal,
): Promise<unknown> {
  switch (command) {
    case "status":
      return nothing.parse(args) && commands.status();
    case "listDevices":
      return nothing.parse(args) && commands.listDevices();
    case "listBridges":
      return nothing.parse(args) && commands.listBridges();
    case "listProposals":
      return nothing.parse(args) && commands.listProposals();
    case "pairDevice":
      return await commands.pairDevice(Asks.pairDevice.parse(args));
    case "changeDevice":
      return (await commands.changeDevice(Asks.changeDevice.parse(args))) ?? done;
    case "replaceDevice":
      return await commands.replaceDevice(Asks.replaceDevice.parse(args));
    case "addBridge":
      return await commands.addBridge(Asks.addBridge.parse(args));
    case "renewCredentials":
      return await commands.renewCredentials(Asks.renewCredentials.parse(args));
    case "approve":
      return await commands.approve(Asks.approve.parse(args));
    case "dismiss":
      return (await commands.dismiss(Asks.dismiss.parse(args))) ?? done;
    case "revoke":
      return (await commands.revoke(Asks.revoke.parse(args))) ?? done;
    case "rotateKey":
      return await commands.rotateKey(Asks.rotateKey.parse(args));
    case "remove":
      return (await commands.remove(Asks.remove.parse(args))) ?? done;
    case "pause":
      return (await commands.pause(Asks.pause.parse(args))) ?? done;
    case "pauseCamera":
      return (await commands.pauseCamera(Asks.pauseCamera.parse(args))) ?? done;
    case "sendNow":
      return (await commands.sendNow(Asks.sendNow.parse(args))) ?? done;
    case "requeue":
      return await commands.requeue(Asks.requeue.parse(args));
    case "testCamera":
      return written(await commands.testCamera(Asks.testCamera.parse(args), stop));
    case "lookNow":
      return await commands.lookNow(Asks.lookNow.parse(args));
    default:
      return (await performErasure(commands, { command, args })) ?? (await performPeople(commands, { command, args }));
  }
}
