// The port of wired sensors: one GPIO line as a level that changes. Implementations: gpio-onoff.ts (sysfs, by onoff),
// gpio-gpiomon.ts (character device, by libgpiod's tools), gpio-simulated.ts; gpio-driver.ts chooses between the first two.

/** 1 while the sensor speaks: active-low lines are turned round by the implementation. */
export type Level = 0 | 1;

/** `chip`: a label, or undefined for the Pi's own pins; `pin`: the line's number on that chip (BCM on a Pi). */
export type LineAsk = {
  readonly chip: string | undefined;
  readonly pin: number;
  readonly activeLow: boolean;
  /** Undefined leaves the resistor as it is. */
  readonly pull: "up" | "down" | "none" | undefined;
};

export type GpioLine = AsyncDisposable & {
  /** The level now, or as the last edge had it where `isReadable` is false. Rejects when the line is gone. */
  value(): Promise<Level>;
  /** False: only opening anew reads the level. */
  readonly isReadable: boolean;
  /** Settles when the line is gone by itself, such as when its program ended; says why. Never rejects. */
  readonly ended: Promise<string>;
};

export type GpioLines = {
  /**
   * Takes the line as an input, for us alone. `onChange` is called for each edge seen, with the level it led to and the hour
   * (epoch ms); also with the same level twice, where the edge between was too short to be seen. Never after closing.
   * Rejects with GPIO_UNAVAILABLE, which names the next step.
   */
  open(ask: LineAsk, onChange: (level: Level, atMs: number) => void): Promise<GpioLine>;
};

/** How people call the line in messages: `pin 17`, `pin 3 of pcf8574`. */
export function lineName({ chip, pin }: Pick<LineAsk, "chip" | "pin">): string {
  return chip === undefined ? `pin ${pin}` : `pin ${pin} of ${chip}`;
}
