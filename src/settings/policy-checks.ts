// Rules of policy.yaml that are right by the schema, and yet do nothing, forbid more than somebody meant, or do not fit the kit or the
// site. What it says of cameras is in camera-checks.ts, of hours in retention-checks.ts.
import { mistake, warning } from "./address-checks.ts";
import { type Complaint, quoted } from "./issues.ts";
import { nearest } from "./nearest.ts";
import type { GatewaySettings, Kit, Policy } from "./schema.ts";

/** Rules that have no effect, or one that is easily overlooked. `spoken`: tags of the languages that there are words in; else not checked. */
export function checkRules(
  { draft, languages, events, quiet, changes }: Policy,
  spoken?: readonly string[],
): Complaint[] {
  const { motion, light, perDay, lightOfMotionSensors } = events;
  const needless: readonly (readonly [isNeedless: boolean, rule: string, why: string])[] = [
    [motion.mode === "none" && perDay.motion !== undefined, "perDay.motion", "with mode none no motion is told at all"],
    [!light && perDay["light.level"] !== undefined, "perDay.light.level", "with light: false no light is told at all"],
    [!light && perDay["light.state"] !== undefined, "perDay.light.state", "with light: false no light is told at all"],
    [!light && lightOfMotionSensors, "lightOfMotionSensors", "with light: false no light is told at all"],
  ];
  return [
    ...(draft
      ? [
          warning(
            ["draft"],
            "nothing is told, sent or photographed yet, since nobody has agreed to this policy; once you have, say so on the page under Set-up, or write draft: false",
          ),
        ]
      : []),
    ...languages.flatMap((tag, index) => checkLanguage(tag, ["languages", index], spoken)),
    ...needless.flatMap(([isNeedless, rule, why]) =>
      isNeedless
        ? [warning(["events", ...stepsOf(rule)], `events.${rule} has no effect, since ${why}; remove it`)]
        : [],
    ),
    ...checkWindow(events),
    ...quiet.hours.flatMap(({ between: [from, to] }, index) =>
      from === to
        ? [
            warning(
              ["quiet", "hours", index],
              `from ${from} to ${to} is the whole day, so nothing of motion and light is ever told and no camera looks; write two different times`,
            ),
          ]
        : [],
    ),
    ...(changes.noticeHours === 0
      ? [
          warning(
            ["changes", "noticeHours"],
            "with 0 hours of notice a looser policy holds before anybody could read of it; write 24, say",
          ),
        ]
      : []),
  ];
}

/** Counts are made in whole time buckets, so that no window is finer than the times that are told. */
function checkWindow({ motion, timeBucketS }: Policy["events"]): Complaint[] {
  if (motion.mode !== "counts" || motion.windowS % timeBucketS === 0) return [];
  const countedS = Math.ceil(motion.windowS / timeBucketS) * timeBucketS;
  return [
    warning(
      ["events", "motion", "windowS"],
      `motion is counted over ${countedS} s, since ${motion.windowS} s are no whole number of events.timeBucketS, which is ${timeBucketS}; write ${countedS}`,
    ),
  ];
}

/** Quiet zones that the kit does not have, and cameras that never look because of one. Both are places in policy.yaml. */
export function checkQuietZones({ kit, policy }: { readonly kit: Kit; readonly policy: Policy }): Complaint[] {
  const zones = [...new Set([...kit.devices, ...kit.cameras].map(({ zone }) => zone))];
  const quiet = new Set(policy.quiet.zones);
  return [
    ...policy.quiet.zones.flatMap((zone, index) => {
      if (zones.includes(zone)) return [];
      const guess = nearest(zone, zones);
      const remedy = guess === null ? "add it to a device or camera, or remove it here" : `did you mean ${guess}?`;
      return [
        warning(
          ["quiet", "zones", index],
          `no device and no camera of the kit is in the quiet zone ${zone}; ${remedy}`,
        ),
      ];
    }),
    ...kit.cameras
      .filter(({ id, zone }) => quiet.has(zone) && Object.hasOwn(policy.cameras, id))
      .map(({ id, zone }) => ({
        ...warning(
          ["cameras", id],
          `camera ${id} is in the quiet zone ${zone}, so it never looks; remove it here, or ${zone} under quiet.zones`,
        ),
        at: "key" as const,
      })),
  ];
}

/** Quiet hours that go by the sun need a place: nobody would know when they are. */
export function checkQuietSun({ gateway, policy }: { gateway: GatewaySettings; policy: Policy }): Complaint[] {
  if (gateway.gateway.cell !== undefined) return [];
  return policy.quiet.hours.flatMap(({ between }, index) =>
    between.some((time) => time.startsWith("sun"))
      ? [
          mistake(
            ["quiet", "hours", index],
            "these hours go by the sun, but gateway.yaml does not say where the site is; write gateway.cell, or times such as 21:30",
          ),
        ]
      : [],
  );
}

/** A camera says what it is for in each language of the policy; one that says it in none of them says it to nobody, and does not start. */
export function checkPurpose(
  { id, purpose }: { readonly id: string; readonly purpose: Readonly<Record<string, string>> },
  languages: readonly string[],
): Complaint[] {
  const path = ["cameras", id, "purpose"];
  const missing = languages.filter((tag) => !Object.hasOwn(purpose, tag) || purpose[tag]?.trim() === "");
  if (missing.length > 0 && missing.length === languages.length)
    return [
      mistake(
        path,
        `camera ${id} has no purpose in a language of the policy (${quoted(languages.join(", "))}), and a camera without a purpose does not start; write why it looks, such as ${languages[0]}: See whether the gate is open`,
      ),
    ];
  return missing.map((tag) =>
    warning(path, `the purpose of camera ${id} is not written in ${quoted(tag)}, which languages names`),
  );
}

function checkLanguage(tag: string, path: Complaint["path"], spoken: readonly string[] | undefined): Complaint[] {
  const first = (each: string): string | undefined => each.toLowerCase().split("-")[0];
  if (spoken === undefined || spoken.some((each) => first(each) === first(tag))) return [];
  return [
    warning(
      path,
      `there are no words in the language ${quoted(tag)}, so it reads English; there are ${spoken.join(", ")}`,
    ),
  ];
}

/** `perDay.light.level` is the key `light.level` of the group `perDay`. */
function stepsOf(rule: string): string[] {
  const [group = "", ...key] = rule.split(".");
  return key.length === 0 ? [group] : [group, key.join(".")];
}
