// Where a stranger waits: what it sends is looked at here until its CONNECT has come and its login is known. Only then
// does aedes see it. A client of aedes costs 70 kB and a while to collect: 14,000 strangers were 190 MiB of memory.
import type { Incoming } from "./broker-incoming.ts";
import { type Credentials, type Refusal, readConnect } from "./mqtt-form.ts";

type Deps = {
  /**
   * What a well-formed CONNECT is worth: it comes in, or hears after `delayMs` that it does not. "busy": its login comes too
   * often, and it is asked again after `delayMs`.
   */
  readonly decide: (
    credentials: Credentials,
  ) => { readonly kind: "in" } | { readonly kind: "wrong" | "busy"; readonly delayMs: number };
  /** Called once when it may come in; the stream then begins with its CONNECT again. */
  readonly comeIn: () => void;
  /** It was turned away: why, for the board. */
  readonly turnedAway: (why: Refusal["why"] | "malformed" | "packet-too-large") => void;
};

/** CONNACK: not authorized [MQTT-3.2.2-3]. */
const WRONG_LOGIN = Buffer.from([0x20, 2, 0, 5]);
/** Most CONNECTs fit at once. */
const FIRST_BYTES = 512;

/** Reads from the stream until its CONNECT is complete, `incoming.preLoginBytes` at most, and decides. */
export function receive({ stream, preLoginBytes }: Incoming, { decide, comeIn, turnedAway }: Deps): void {
  let held = Buffer.alloc(0);
  let heldBytes = 0;
  /** What still comes from one who was turned away is not kept, and more than a little of it ends the connection. */
  const discard = (chunk: Buffer) => {
    heldBytes += chunk.length;
    giveBack(chunk);
    if (heldBytes > preLoginBytes) stream.destroy();
  };
  const turnAway = (answer: Buffer, delayMs: number) => {
    stream.off("data", onData);
    stream.on("data", discard);
    held = Buffer.alloc(0);
    heldBytes = 0;
    const timer = setTimeout(() => stream.end(answer), delayMs);
    stream.once("close", () => clearTimeout(timer));
  };
  const end = (why: "malformed" | "packet-too-large", chunk: Buffer) => {
    turnedAway(why);
    stream.destroy();
    giveBack(chunk);
  };
  const onData = (chunk: Buffer) => {
    const bytes = heldBytes === 0 ? chunk : hold(chunk);
    const connect = connectIn(bytes, preLoginBytes);
    if (connect === "unfinished") {
      if (heldBytes === 0) hold(chunk);
      return giveBack(chunk);
    }
    if (typeof connect === "string") return end(connect, chunk);
    if ("connack" in connect) {
      turnedAway(connect.why);
      turnAway(connect.connack, 0);
      return giveBack(chunk);
    }
    stream.off("data", onData);
    stream.pause();
    let timer: NodeJS.Timeout | undefined;
    stream.once("close", () => clearTimeout(timer));
    const knock = () => {
      const decided = decide(connect);
      if (decided.kind === "busy") {
        timer = setTimeout(knock, decided.delayMs);
      } else if (decided.kind === "wrong") {
        turnAway(WRONG_LOGIN, decided.delayMs);
        giveBack(chunk);
        stream.resume();
      } else {
        stream.unshift(bytes);
        comeIn();
      }
    };
    knock();
  };
  /** A copy that grows by doubling, so that a CONNECT that drips in costs its size and no more. */
  const hold = (chunk: Buffer): Buffer => {
    const length = heldBytes + chunk.length;
    if (length > held.length) {
      const larger = Buffer.alloc(Math.max(length, held.length * 2, FIRST_BYTES));
      held.copy(larger, 0, 0, heldBytes);
      held = larger;
    }
    chunk.copy(held, heldBytes);
    heldBytes = length;
    return held.subarray(0, length);
  };
  stream.on("error", () => undefined); // its end is told by "close"
  stream.on("data", onData);
}

/** What the first packet is, as soon as that can be told: no CONNECT, a refused or a well-formed one, or not yet there. */
function connectIn(
  bytes: Buffer,
  most: number,
): "unfinished" | "malformed" | "packet-too-large" | Refusal | Credentials {
  if (bytes[0] !== 0x10) return "malformed"; // [MQTT-3.1.0-1, 2.2.2-2]
  let length = 0;
  for (let at = 1; at <= 4; at++) {
    const byte = bytes[at];
    if (byte === undefined) return "unfinished";
    length += (byte & 127) * 128 ** (at - 1);
    if ((byte & 128) !== 0) continue;
    if (length > most) return "packet-too-large";
    if (bytes.length < at + 1 + length) return "unfinished";
    const connect = readConnect(bytes.subarray(at + 1, at + 1 + length));
    return typeof connect === "string" ? "malformed" : connect;
  }
  return "malformed";
}

/**
 * Frees a chunk that nobody needs, if it has its memory for itself as those of sockets have: left to the garbage collector,
 * what strangers send is 60 MiB before it runs.
 */
export function giveBack({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && !buffer.detached) buffer.transfer(0);
}
