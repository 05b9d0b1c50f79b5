// The clock: whether it can be believed, who sets it, and whether days begin when people think so.
import { EARLIEST_BELIEVABLE_MS } from "../../core/clock.ts";
import { type Diagnosis, type Machine, note, ok, type Site, trouble, warning } from "./diagnosis.ts";
import { propertiesOf, systemText, toolText } from "./system.ts";

/** `zone`: the machine's own time zone. */
export async function lookAtTime(
  machine: Machine,
  site: Site | null,
  zone: string = new Intl.DateTimeFormat().resolvedOptions().timeZone,
): Promise<Diagnosis[]> {
  const [setBy, rtc] = await Promise.all([
    toolText(machine, "timedatectl", "show", "--property=NTP", "--property=NTPSynchronized"),
    systemText(machine, "sys/class/rtc/rtc0/name"),
  ]);
  return [
    isSet(machine, setBy === null ? null : propertiesOf(setBy)),
    ...(rtc === null
      ? [
          note(
            "this machine has no clock of its own: after a power cut its time is wrong until the network sets it",
            "Events say so of themselves (clock: unsure). A Pi 5 takes a battery for its clock; others take a DS3231.",
          ),
        ]
      : []),
    ...(site === null ? [] : timezoneOf(machine, site.settings.gateway.gateway.timezone, zone)),
  ];
}

function isSet({ clock }: Machine, setBy: ReadonlyMap<string, string> | null): Diagnosis {
  const said = new Date(clock.nowMs()).toISOString().slice(0, 16).replace("T", " ");
  const remedy =
    "Connect the machine to a network with internet, or set it: sudo timedatectl set-ntp false && sudo timedatectl set-time 'YYYY-MM-DD HH:MM'";
  if (clock.nowMs() < EARLIEST_BELIEVABLE_MS)
    return trouble(`the clock says ${said} UTC, which was before this Hedgerow`, remedy);
  if (setBy === null) return note(`the clock says ${said} UTC; this system does not tell whether the network sets it`);
  if (setBy.get("NTPSynchronized") === "yes") return ok(`the clock says ${said} UTC and is set by the network`);
  if (setBy.get("NTP") === "no")
    return warning(`the clock says ${said} UTC, and nothing sets it`, "sudo timedatectl set-ntp true");
  return warning(`the clock says ${said} UTC, and the network has not set it yet`, remedy);
}

/** The same time now is enough: Europe/Paris and Europe/Madrid are one. */
function timezoneOf({ clock }: Machine, configured: string, zone: string): Diagnosis[] {
  const wallClock = (timeZone: string): string =>
    new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" }).format(clock.nowMs());
  if (wallClock(configured) === wallClock(zone)) return [ok(`days and schedules go by ${configured}`)];
  return [
    note(
      `days and schedules go by ${configured}, and this machine by ${zone}`,
      `If the site is where the machine's clock says, write gateway.timezone: ${zone} in gateway.yaml.`,
    ),
  ];
}
