// Simulated GPIO lines, for the demo and for tests: the same port as the real ones, driven by whoever made them.
import { GatewayError } from "../core/errors.ts";
import { type GpioLines, type Level, type LineAsk, lineName } from "./gpio-lines.ts";

type Wire = Pick<LineAsk, "chip" | "pin">;
type Opened = { readonly ask: LineAsk; onChange(level: Level, atMs: number): void; end(why: string): void };

export type SimulatedLines = GpioLines & {
  /** Puts a voltage on the line: 1 is high. Without a voltage a line is where its pull has it, else low. */
  set(wire: Wire, voltage: Level): void;
  /** As when the kernel takes the line away. */
  lose(wire: Wire, why: string): void;
};

/** `nowMs`: the hour of an edge. */
export function simulatedLines({ nowMs }: { readonly nowMs: () => number }): SimulatedLines {
  const voltages = new Map<string, Level>();
  const open = new Map<string, Opened>();
  const levelOf = ({ activeLow, pull, ...wire }: LineAsk): Level => {
    const voltage = voltages.get(lineName(wire)) ?? (pull === "up" ? 1 : 0);
    return (voltage === 1) === activeLow ? 0 : 1;
  };

  return {
    async open(ask, onChange) {
      const name = lineName(ask);
      if (open.has(name))
        throw new GatewayError("GPIO_UNAVAILABLE", `${name} is in use`, { hint: "Give each device a pin of its own." });
      const { promise: ended, resolve: end } = Promise.withResolvers<string>();
      const mine: Opened = { ask, onChange, end };
      open.set(name, mine);
      const isMine = () => open.get(name) === mine;
      return {
        ended,
        isReadable: true,
        value: () => (isMine() ? Promise.resolve(levelOf(ask)) : Promise.reject(new Error(`${name} is closed`))),
        [Symbol.asyncDispose]: async () => {
          if (isMine()) open.delete(name);
        },
      };
    },
    set(wire, voltage) {
      const name = lineName(wire);
      const line = open.get(name);
      const before = line === undefined ? null : levelOf(line.ask);
      voltages.set(name, voltage);
      if (line !== undefined && levelOf(line.ask) !== before) line.onChange(levelOf(line.ask), nowMs());
    },
    lose(wire, why) {
      const name = lineName(wire);
      open.get(name)?.end(why);
      open.delete(name);
    },
  };
}
