// Which of many devices are listed: by zone, by state and by words, all of it in the address, so that it works without script.
import type { DeviceView } from "../core/commands.ts";
import type { DeviceState } from "../core/reading.ts";
import type { WebContext } from "./answers.ts";
import { FIELD_CHARS } from "./forms.ts";

/** Empty: all. `q`: words that stand in the name, the id, the zone or the profile. */
export type DeviceFilter = { readonly zone: string; readonly state: DeviceState | ""; readonly q: string };

/** What needs a hand first. */
export const STATES: readonly DeviceState[] = ["offline", "stale", "unknown", "paused", "ok"];

export function filterIn(c: WebContext): DeviceFilter {
  const asked = c.req.query("state");
  return {
    zone: (c.req.query("zone") ?? "").slice(0, FIELD_CHARS.zone),
    state: STATES.find((state) => state === asked) ?? "",
    q: (c.req.query("q") ?? "").trim().slice(0, FIELD_CHARS.name),
  };
}

export function isFiltered({ zone, state, q }: DeviceFilter): boolean {
  return zone !== "" || state !== "" || q !== "";
}

/** The page that shows what the filter lets through. */
export function pathOf({ zone, state, q }: DeviceFilter): string {
  const query = new URLSearchParams({ ...(state && { state }), ...(zone && { zone }), ...(q && { q }) }).toString();
  return query === "" ? "/devices" : `/devices?${query}`;
}

export function matching(devices: readonly DeviceView[], filter: DeviceFilter): readonly DeviceView[] {
  const words = plain(filter.q).split(/\s+/).filter(Boolean);
  return devices.filter(({ id, name, zone, profile, state }) => {
    if (filter.zone !== "" && zone !== filter.zone) return false;
    if (filter.state !== "" && state !== filter.state) return false;
    const text = plain(`${name} ${id} ${zone} ${profile}`);
    return words.every((word) => text.includes(word));
  });
}

/** Without accents and capitals: nobody types "Éclairage" on a phone. */
export function plain(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
}
