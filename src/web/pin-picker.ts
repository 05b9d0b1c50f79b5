// The Pi's header of 40 pins as it looks on the board: which pin has which number, what it is for, and which are free.
import { HEADER_PINS } from "../registry/wiring.ts";
import type { Language } from "../languages/say.ts";
import { PIN_MAX } from "./forms.ts";
import { type Html, html, plainName } from "./html.ts";

/** What was chosen of the wire: `wiring` is "ground" for one between the pin and GND. */
export type WireTyped = { readonly pin: string; readonly wiring: string };

/** By place on the header; every other place is a line (Raspberry Pi documentation, GPIO). */
const POWER: ReadonlyMap<number, "3.3 V" | "5 V" | "GND"> = new Map([
  [1, "3.3 V"],
  [2, "5 V"],
  [4, "5 V"],
  [6, "GND"],
  [9, "GND"],
  [14, "GND"],
  [17, "3.3 V"],
  [20, "GND"],
  [25, "GND"],
  [30, "GND"],
  [34, "GND"],
  [39, "GND"],
]);

/** What the lines are for beside being switched; a display or a clock may be on them. 0 and 1 belong to boards put on top. */
const ALSO: Readonly<Record<number, string>> = {
  0: "ID",
  1: "ID",
  2: "I2C",
  3: "I2C",
  7: "SPI",
  8: "SPI",
  9: "SPI",
  10: "SPI",
  11: "SPI",
  14: "UART",
  15: "UART",
};
const PLACES = 40;
/** Of who has a pin, beside it: two lines on a phone. */
const NAME_LETTERS = 16;

/** `taken`: by BCM number, what is wired there already. `typed.pin`: as it was typed, or chosen. */
export function pinPicker(
  { typed, taken }: { readonly typed: WireTyped; readonly taken: ReadonlyMap<number, string> },
  language: Language,
): Html {
  const { say } = language;
  const cell = (place: number) => pinCell(place, { typed, taken, language });
  const rows = Array.from({ length: PLACES / 2 }, (_, row) => [2 * row + 1, 2 * row + 2] as const);
  const isOnHeader = HEADER_PINS.some((_, bcm) => String(bcm) === typed.pin);
  return html`<fieldset><legend>${say("pairing.pin")}</legend>
<p class="muted">${say("pairing.pin-picture")}</p>
<div class="header-pins" dir="ltr">${rows.map(([left, right]) => html`<div class="pins">${cell(left)}${cell(right)}</div>`)}</div>
<label for="pin">${say("pairing.pin-typed")}</label>
<input id="pin" name="pin" value="${isOnHeader ? "" : typed.pin}" type="number" inputmode="numeric" min="0" max="${PIN_MAX}" aria-describedby="pin-help">
<p id="pin-help" class="muted">${say("pairing.pin-help")}</p>
</fieldset>
${wiringField(typed.wiring, language)}`;
}

type Cell = {
  readonly typed: WireTyped;
  readonly taken: ReadonlyMap<number, string>;
  readonly language: Language;
};

function pinCell(place: number, { typed, taken, language: { say } }: Cell): Html {
  const hole = html`<span class="hole" aria-hidden="true">${place}</span>`;
  const power = POWER.get(place);
  if (power !== undefined) return html`<span class="pin power"><span class="pin-name">${power}</span>${hole}</span>`;
  const bcm = HEADER_PINS.findIndex((each) => each === place);
  const also = ALSO[bcm];
  const owner = taken.get(bcm);
  const isFree = owner === undefined && also !== "ID";
  const words = owner === undefined ? also : shortened(plainName(owner));
  const label =
    owner === undefined
      ? say("pairing.pin-label", { pin: bcm, place, also: also ?? "" }).trim()
      : say("pairing.pin-taken", { pin: bcm, place, device: plainName(owner) });
  return html`<label class="pin"><span class="pin-name"><b>${bcm}</b>${words === undefined ? null : html` <bdi class="muted">${words}</bdi>`}</span><input type="radio" name="pick" value="${bcm}" aria-label="${label}"${typed.pin === String(bcm) ? html` checked` : null}${isFree ? null : html` disabled`}>${hole}</label>`;
}

function shortened(name: string): string {
  return name.length > NAME_LETTERS ? `${name.slice(0, NAME_LETTERS - 1).toWellFormed()}…` : name;
}

/** How the wire is connected. */
export function wiringField(wiring: string, { say }: Language): Html {
  const choice = (value: "power" | "ground", isChosen: boolean) =>
    html`<label class="radio"><input type="radio" name="wiring" value="${value}"${isChosen ? html` checked` : null}><span>${say(`pairing.wiring-${value}`)} <span class="muted">${say(`pairing.wiring-${value}-help`)}</span></span></label>`;
  return html`<fieldset><legend>${say("pairing.wiring")}</legend>
${choice("power", wiring !== "ground")}
${choice("ground", wiring === "ground")}
</fieldset>`;
}

/** A contact to GND needs the pin pulled up, and is closed where the pin is 0. */
export function wireAsked({ pin, wiring }: WireTyped) {
  return { pin: Number(pin), ...(wiring === "ground" && { activeLow: true, pull: "up" as const }) };
}

/** Whether what was typed is no line's number. */
export function pinMistake(pin: string): boolean {
  return !(/^\d{1,4}$/.test(pin) && Number(pin) <= PIN_MAX);
}

/** Which lines of the Pi's own chip have a sensor, by the kit. */
export function takenPins(
  devices: readonly { readonly topic: string; readonly name: string }[],
): ReadonlyMap<number, string> {
  return new Map(
    devices.flatMap(({ topic, name }) => {
      const [, pin] = /^gpio\/pi\/(\d{1,4})$/.exec(topic) ?? [];
      return pin === undefined ? [] : [[Number(pin), name] as const];
    }),
  );
}
