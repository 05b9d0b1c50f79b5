// How much the platform's broker may send: each packet is work, and sensors wait for their acknowledgement meanwhile. A broker
// that sends tiny packets as fast as the line carries them would otherwise stop the house.
import { MQTT_LIMITS } from "./mqtt-limits.ts";

/** Of one connection. `monotonicMs`: now. */
export class Allowance {
  readonly #monotonicMs: () => number;
  #units: number = MQTT_LIMITS.heardUnits;
  #atMs: number;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
    this.#atMs = monotonicMs();
  }

  /** A message goes out: its answers may come. */
  earn(): void {
    this.#units = Math.min(MQTT_LIMITS.heardUnits, this.#units + MQTT_LIMITS.heardUnitsPerMessage);
  }

  /** One packet came. False: it is more than the broker may send. */
  spend(bytes: number): boolean {
    const nowMs = this.#monotonicMs();
    const { heardUnits, heardUnitBytes, heardUnitsPerSecond } = MQTT_LIMITS;
    const paid = (Math.max(0, nowMs - this.#atMs) / 1000) * heardUnitsPerSecond;
    this.#units = Math.min(heardUnits, this.#units + paid) - 1 - bytes / heardUnitBytes;
    this.#atMs = nowMs;
    return this.#units >= 0;
  }
}
