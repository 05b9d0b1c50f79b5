// The bound on one packet from the platform's broker. mqtt.js has none: it collects up to 256 MB before anybody sees them.

const LENGTH_BYTES_MAX = 4;

/** Watches the bytes of one connection go by, and calls `tooLarge` with the announced size when a packet exceeds the bound [MQTT-2.2.3]. */
export class PacketWatch {
  readonly #bytesMax: number;
  readonly #tooLarge: (bytes: number) => void;
  /** Bytes of the packet's content yet to come. */
  #left = 0;
  /** Bytes read of the header that is being read: 0 before its first. */
  #headerBytes = 0;
  #announced = 0;

  constructor(bytesMax: number, tooLarge: (bytes: number) => void) {
    this.#bytesMax = bytesMax;
    this.#tooLarge = tooLarge;
  }

  add(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const part = Math.min(this.#left, chunk.length - at);
        this.#left -= part;
        at += part;
        continue;
      }
      this.#addHeaderByte(chunk[at] ?? 0);
      at += 1;
    }
  }

  #addHeaderByte(byte: number): void {
    this.#headerBytes += 1;
    if (this.#headerBytes === 1) return;
    this.#announced += (byte & 127) * 128 ** (this.#headerBytes - 2);
    // A fifth length byte is ill-formed, which the parser behind says.
    if ((byte & 128) !== 0 && this.#headerBytes <= LENGTH_BYTES_MAX) return;
    if (this.#announced + this.#headerBytes > this.#bytesMax) this.#tooLarge(this.#announced + this.#headerBytes);
    this.#left = this.#announced;
    this.#headerBytes = 0;
    this.#announced = 0;
  }
}
