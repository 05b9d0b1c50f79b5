// What mqtt.js does not see of the platform's broker: a packet's size before all of it is there (it collects up to 256 MB), and
// reasons that its parser does not know and throws away with the connection (Mosquitto: PUBACK 149, DISCONNECT 138).

const LENGTH_BYTES_MAX = 4;
/** Where the reason stands in a packet's content, by type: PUBACK, DISCONNECT [MQTT5-3.4.2.1, 3.14.2.1]. */
const REASON_AT: Readonly<Record<number, number>> = { 4: 2, 14: 0 };

/** Watches the bytes of one connection go by, and calls `tooLarge` with the announced size when a packet exceeds the bound [MQTT-2.2.3]. */
export class PacketWatch {
  readonly #bytesMax: number;
  readonly #tooLarge: (bytes: number) => void;
  /** Bytes of the packet's content yet to come. */
  #left = 0;
  /** Bytes read of the header that is being read: 0 before its first. */
  #headerBytes = 0;
  #announced = 0;
  #type = 0;
  /** Content bytes of the packet so far. */
  #at = 0;
  #reason: number | null = null;

  constructor(bytesMax: number, tooLarge: (bytes: number) => void) {
    this.#bytesMax = bytesMax;
    this.#tooLarge = tooLarge;
  }

  /** The last reason of a PUBACK or DISCONNECT, null where none was given. */
  get reason(): number | null {
    return this.#reason;
  }

  add(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const part = Math.min(this.#left, chunk.length - at);
        const reasonAt = (REASON_AT[this.#type] ?? -1) - this.#at;
        if (reasonAt >= 0 && reasonAt < part) this.#reason = chunk[at + reasonAt] ?? null;
        this.#left -= part;
        this.#at += part;
        at += part;
        continue;
      }
      this.#addHeaderByte(chunk[at] ?? 0);
      at += 1;
    }
  }

  #addHeaderByte(byte: number): void {
    this.#headerBytes += 1;
    if (this.#headerBytes === 1) {
      this.#type = byte >> 4;
      this.#at = 0;
      return;
    }
    this.#announced += (byte & 127) * 128 ** (this.#headerBytes - 2);
    // A fifth length byte is ill-formed, which the parser behind says.
    if ((byte & 128) !== 0 && this.#headerBytes <= LENGTH_BYTES_MAX) return;
    if (this.#announced + this.#headerBytes > this.#bytesMax) this.#tooLarge(this.#announced + this.#headerBytes);
    this.#left = this.#announced;
    this.#headerBytes = 0;
    this.#announced = 0;
  }
}
