// One connection of the broker, from its socket to the will of a lost client: what may come in, how large and how fast.
import type { Client } from "aedes";
import type { Login } from "../core/arrival.ts";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { dropWill, type Guard, guardParser, MALFORMED, TOO_LARGE } from "./aedes-inside.ts";
import { onAnswer } from "./broker-commands.ts";
import type { Incoming } from "./broker-incoming.ts";
import { BROKER_LIMITS } from "./broker-limits.ts";
import { PictureLift, type PictureRoom } from "./broker-pictures.ts";
import type { Pace } from "./broker-pace.ts";
import type { Session } from "./broker-sessions.ts";
import type { Pictures } from "./source.ts";

/** `session`: undefined until the client is let in. */
export type Connection = {
  readonly incoming: Incoming;
  readonly login: Login;
  readonly guard: Guard;
  readonly lift: PictureLift | null;
  session: Session | undefined;
};

/** Those of gateway.yaml: broker.limits. */
export type BrokerLimits = {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly packetBytes: number;
  readonly picturePacketBytes: number;
  readonly messagesPerSecondPerDevice: number;
};

type Deps = {
  readonly limits: BrokerLimits;
  readonly pictures?: Pictures | undefined;
  readonly pictureRoom: PictureRoom;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly board: Board;
};

/** Sets the guard between the stream and aedes' client. */
export function openConnection(
  client: Client,
  { incoming, login }: { readonly incoming: Incoming; readonly login: Login },
  deps: Deps,
): Connection {
  const { limits, clock } = deps;
  const lift = liftFor(client, { login, onRoom: () => connection.guard.resume() }, deps);
  const guard = guardParser(client, {
    bytesMax: limits.packetBytes,
    lift,
    pauseMs: () => (connection.session === undefined ? 0 : pauseMs(connection.session, deps)),
    onPacket: ({ id }) => {
      if (connection.session === undefined) return;
      connection.session.heardAtMs = clock.monotonicMs();
      if (id !== 0) onAnswer(connection.session, id);
    },
  });
  const connection: Connection = { incoming, login, guard, lift, session: undefined };
  return connection;
}

/** Takes the pictures out of a connection until it is over. */
function liftFor(
  client: Client,
  { login, onRoom }: { readonly login: Login; readonly onRoom: () => void },
  { pictures, pictureRoom: room, limits, board }: Deps,
): PictureLift | null {
  if (pictures === undefined || login.kind === "device") return null;
  const onSlow = () => {
    board.count("broker.refused.picture-too-slow");
    dropWill(client); // the connection ends by our doing
    client.conn.destroy();
  };
  const onWait = () => board.count("broker.slowed-down");
  const lift = new PictureLift({ login, pictures, room, bytesMax: limits.picturePacketBytes, onRoom, onWait, onSlow });
  client.conn.once("close", () => lift[Symbol.dispose]());
  return lift;
}

/** Milliseconds until one more packet may come in; Infinity until fewer wait for the disk. */
function pauseMs({ login, inHand, inHandBytes }: Session, { limits, pace, clock, board }: Deps): number {
  const isFull = inHand >= BROKER_LIMITS.inHandMessages || inHandBytes >= BROKER_LIMITS.inHandBytes;
  if (isFull) return Number.POSITIVE_INFINITY;
  const speaksFor = login.kind === "bridge" ? BROKER_LIMITS.bridgeDevices : 1;
  const perS = limits.messagesPerSecondPerDevice * speaksFor;
  const waitMs = pace.waitMs(`${login.kind} ${login.id}`, { perS, nowMs: clock.monotonicMs() });
  if (waitMs > 0) board.count("broker.slowed-down");
  return waitMs;
}

/** What the end of a connection by an error counts as on the board. */
export function counterOf(error: string): string {
  if (error === TOO_LARGE) return "broker.refused.packet-too-large";
  return error.startsWith(MALFORMED) ? "broker.refused.malformed" : "broker.client-error";
}
