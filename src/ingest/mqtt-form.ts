// What MQTT 3.1.1 forbids in the bytes of a packet. aedes' parser decodes text leniently and skips half of these rules, so
// they are checked on the bytes as they came, before anything is decoded.
import { isUtf8 } from "node:buffer";
import { BROKER_LIMITS } from "./broker-limits.ts";

/** Control packet types that a client sends [MQTT-2.2.1], with the flags that each must carry [MQTT-2.2.2-1]. */
export const TYPE = {
  connect: 1,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  unsubscribe: 10,
  pingreq: 12,
  disconnect: 14,
} as const;

const FLAGS: ReadonlyMap<number, number> = new Map([
  [TYPE.connect, 0],
  [TYPE.puback, 0],
  [TYPE.pubrec, 0],
  [TYPE.pubrel, 2],
  [TYPE.pubcomp, 0],
  [TYPE.subscribe, 2],
  [TYPE.unsubscribe, 2],
  [TYPE.pingreq, 0],
  [TYPE.disconnect, 0],
]);

/** What is wrong with a packet's first byte, or null. */
export function headMistake(first: number): string | null {
  const type = first >> 4;
  const flags = first & 15;
  if (type !== TYPE.publish) {
    const due = FLAGS.get(type);
    if (due === undefined) return "a packet that no client sends";
    return flags === due ? null : "reserved flags are set";
  }
  const qos = (flags >> 1) & 3;
  if (qos === 3) return "QoS 3"; // [MQTT-3.3.1-4]
  return qos === 0 && (flags & 8) !== 0 ? "a repeat of QoS 0" : null; // [MQTT-3.3.1-2]
}

/** What CONNECT asks for that is refused with an answer: `connack` is the packet, `why` for the log and the board. */
export type Refusal = { readonly why: "version-5" | "version" | "empty-client-id"; readonly connack: Buffer };

const REFUSALS = {
  // A client of version 5 understands its own form only: reason 0x84, unsupported protocol version, and no properties.
  version5: { why: "version-5", connack: Buffer.from([0x20, 3, 0, 0x84, 0]) },
  version: { why: "version", connack: Buffer.from([0x20, 2, 0, 1]) }, // [MQTT-3.1.2-2]
  clientId: { why: "empty-client-id", connack: Buffer.from([0x20, 2, 0, 2]) }, // [MQTT-3.1.3-8]
} as const satisfies Record<string, Refusal>;

/** Who a CONNECT says it is. */
export type Credentials = { readonly username: string | undefined; readonly password: Buffer | undefined };

/** A CONNECT that is well-formed and of a version that is spoken here; a string: what is wrong with it. `body`: after the length. */
export function readConnect(body: Buffer): string | Refusal | Credentials {
  const fields = new Fields(body);
  const name = fields.bytes()?.toString("latin1");
  if (name !== "MQTT" && name !== "MQIsdp") return "not MQTT";
  const level = fields.byte();
  const flags = fields.byte();
  if (level === null || flags === null || fields.number() === null) return "cut short";
  // Bridges of Mosquitto set the highest bit; the rest is the level.
  if (name === "MQTT" && (level & 0x7f) === 5) return REFUSALS.version5;
  if ((level & 0x7f) !== (name === "MQTT" ? 4 : 3)) return REFUSALS.version;
  const flagged = connectFlagsMistake(flags);
  if (flagged !== null) return flagged;
  const [hasName, hasPassword, hasWill] = [(flags & 0x80) !== 0, (flags & 0x40) !== 0, (flags & 4) !== 0];
  const clientId = fields.bytes();
  const inFront = textMistake(clientId) ?? (hasWill ? willFieldsMistake(fields) : null);
  if (inFront !== null) return inFront;
  const username = hasName ? fields.bytes() : undefined;
  const password = hasPassword ? fields.bytes() : undefined;
  if (password === null) return "cut short";
  const nameMistake = username === undefined ? null : textMistake(username);
  if (nameMistake !== null || username === null) return nameMistake ?? "cut short";
  if (!fields.isAtEnd()) return "more than its fields say";
  const isClean = (flags & 2) !== 0;
  if (clientId?.length === 0 && !isClean) return REFUSALS.clientId;
  return { username: username?.toString("utf8"), password };
}

function willFieldsMistake(fields: Fields): string | null {
  return topicMistake(fields.bytes()) ?? (fields.bytes() === null ? "cut short" : null);
}

function connectFlagsMistake(flags: number): string | null {
  const willQos = (flags >> 3) & 3;
  const hasWill = (flags & 4) !== 0;
  if ((flags & 1) !== 0) return "reserved flags are set"; // [MQTT-3.1.2-3]
  if (willQos === 3) return "a will of QoS 3"; // [MQTT-3.1.2-14]
  if (!hasWill && (flags & 0x38) !== 0) return "will flags without a will"; // [MQTT-3.1.2-11, 13, 15]
  return (flags & 0xc0) === 0x40 ? "a password without a user name" : null; // [MQTT-3.1.2-22]
}

/** What is wrong with a packet other than CONNECT, or null. `body`: what follows its length, of a PUBLISH at least `publishHeadBytes`. */
export function packetMistake(first: number, body: Buffer): string | null {
  const fields = new Fields(body);
  switch (first >> 4) {
    case TYPE.publish: {
      const topic = topicMistake(fields.bytes());
      return topic ?? ((first & 6) === 0 ? null : idMistake(fields));
    }
    case TYPE.subscribe:
      return idMistake(fields) ?? filtersMistake(fields, true);
    case TYPE.unsubscribe:
      return idMistake(fields) ?? filtersMistake(fields, false);
    case TYPE.pingreq:
    case TYPE.disconnect:
      return fields.isAtEnd() ? null : "more than its fields say";
    case TYPE.puback:
    case TYPE.pubrec:
    case TYPE.pubrel:
    case TYPE.pubcomp:
      return idMistake(fields) ?? (fields.isAtEnd() ? null : "more than its fields say");
    default:
      return "a packet that no client sends";
  }
}

/** Bytes of a PUBLISH that its form can be told from: topic and id. `lead`: its first two bytes. */
export function publishHeadBytes(lead: Buffer): number {
  return lead.readUInt16BE(0) + 4;
}

function idMistake(fields: Fields): string | null {
  const id = fields.number();
  return id === null ? "cut short" : id === 0 ? "packet id 0" : null; // [MQTT-2.3.1-1]
}

function filtersMistake(fields: Fields, hasQos: boolean): string | null {
  if (fields.isAtEnd()) return "no filter"; // [MQTT-3.8.3-3, 3.10.3-2]
  for (let count = 1; !fields.isAtEnd(); count++) {
    if (count > BROKER_LIMITS.filtersPerPacket) return "too many filters";
    const mistake = filterMistake(fields.bytes());
    if (mistake !== null) return mistake;
    if (!hasQos) continue;
    const qos = fields.byte();
    if (qos === null) return "cut short";
    if (qos > 2) return "QoS 3"; // [MQTT-3-8.3-4]
  }
  return null;
}

/** [MQTT-4.7.1-2, 4.7.1-3]: `#` is the whole last level, `+` a whole level. */
function filterMistake(bytes: Buffer | null): string | null {
  const mistake = textMistake(bytes);
  if (mistake !== null || bytes === null) return mistake;
  if (bytes.length === 0) return "an empty filter"; // [MQTT-4.7.3-1]
  const levels = bytes.toString("utf8").split("/");
  const isWrong = levels.some((level, index) =>
    level.includes("#") ? level !== "#" || index < levels.length - 1 : level.includes("+") && level !== "+",
  );
  return isWrong ? "a wildcard inside a level" : null;
}

/** A topic to publish to: no wildcards [MQTT-3.3.2-2], not empty [MQTT-4.7.3-1]. */
function topicMistake(bytes: Buffer | null): string | null {
  const mistake = textMistake(bytes);
  if (mistake !== null || bytes === null) return mistake;
  if (bytes.length === 0) return "an empty topic";
  return bytes.includes(0x23) || bytes.includes(0x2b) ? "a wildcard in a topic" : null;
}

/** Ill-formed UTF-8, surrogates and overlong forms among it [MQTT-1.5.3-1], and NUL [MQTT-1.5.3-2]. */
function textMistake(bytes: Buffer | null): string | null {
  if (bytes === null) return "cut short";
  if (bytes.includes(0)) return "NUL in a text";
  return isUtf8(bytes) ? null : "ill-formed UTF-8";
}

/** The fields of a packet, one after another; null where it ends before them. */
class Fields {
  readonly #body: Buffer;
  #at = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  byte(): number | null {
    return this.#body[this.#at++] ?? null;
  }

  number(): number | null {
    const [high, low] = [this.byte(), this.byte()];
    return high === null || low === null ? null : (high << 8) | low;
  }

  /** Bytes with their length in front: a text, or binary data. */
  bytes(): Buffer | null {
    const length = this.number();
    if (length === null || this.#at + length > this.#body.length) return null;
    this.#at += length;
    return this.#body.subarray(this.#at - length, this.#at);
  }

  isAtEnd(): boolean {
    return this.#at >= this.#body.length;
  }
}
