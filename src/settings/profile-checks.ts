// The kit may only name profiles and families that devices/ has.
import type { Profiles } from "../profiles/profiles.ts";
import { ProfileEntrySchema } from "../profiles/schema.ts";
import type { Complaint } from "./issues.ts";
import { nearest } from "./nearest.ts";
import type { Kit } from "./schema.ts";

/** Complaints about profiles of devices and families of bridges that do not exist. `broken`: families whose file has a mistake. */
export function checkProfiles(
  { bridges, devices, discovered = [] }: Kit,
  profiles: Pick<Profiles, "list" | "get" | "families">,
  broken: ReadonlySet<string> = new Set(),
): Complaint[] {
  const own = discovered.map(({ name }) => `discovered/${name}`);
  const ids = [...profiles.list.map(({ id }) => id), ...own];
  const families = profiles.families().flatMap(({ id, bridge }) => (bridge === null ? [] : [id]));
  return [
    ...bridges.flatMap(({ id, family }, index): Complaint[] =>
      families.includes(family)
        ? []
        : [
            {
              path: ["bridges", index, "family"],
              at: "value",
              ...complaint({
                broken,
                name: family,
                subject: `bridge ${id} is of the family ${family}`,
                otherwise: `which has no bridge; ${remedy(family, families)}`,
              }),
            },
          ],
    ),
    ...devices.flatMap(({ id, profile }, index): Complaint[] =>
      profiles.get(profile) === undefined && !own.includes(profile)
        ? [
            {
              path: ["devices", index, "profile"],
              at: "value",
              ...complaint({
                broken,
                name: profile,
                subject: `device ${id} has the profile ${profile}`,
                otherwise: `which does not exist; ${remedy(profile, ids)}`,
              }),
            },
          ]
        : [],
    ),
    ...discovered.flatMap(({ name, entry }, index): Complaint[] => {
      const [issue] = ProfileEntrySchema.safeParse(entry).error?.issues ?? [];
      const twice = own.indexOf(`discovered/${name}`) < index;
      if (issue === undefined && !twice) return [];
      const why = twice ? "is there twice" : `is no profile: ${issue?.path.join(".")}: ${issue?.message}`;
      return [{ path: ["discovered", index, "name"], at: "value", text: `the discovered profile ${name} ${why}` }];
    }),
  ];
}

/** What a mistake in a volunteer's own file takes away is told, and stops nothing else (own-profiles.ts). */
function complaint({
  name,
  subject,
  otherwise,
  broken,
}: {
  readonly name: string;
  readonly subject: string;
  readonly otherwise: string;
  readonly broken: ReadonlySet<string>;
}): Pick<Complaint, "text" | "severity"> {
  if (!broken.has(name.split("/")[0] ?? "")) return { text: `${subject}, ${otherwise}` };
  return {
    severity: "warning",
    text: `${subject}, whose file has a mistake: nothing is understood until that is mended`,
  };
}

function remedy(word: string, known: readonly string[]): string {
  const guess = nearest(word, known);
  return guess === null ? `there are ${known.join(", ")}` : `did you mean ${guess}?`;
}
