// Writes devices/README.md from the profiles, so that the table can be no more and no less than what is understood.
import type { Profiles } from "../../src/profiles/profiles.ts";

const HEAD = `# Device families

One YAML file per family: the topics it speaks on, how its messages become readings, how a person sets it up. A profile is
data: the format is described by \`profile.schema.json\`, and \`hedgerow explain\` shows what a message becomes.
What no rule names is not read, whatever the device sends.

This page is written from the profiles by \`npx vitest run --project unit test/devices -u\`.
`;

/** The whole page, Markdown. */
export function familyPage({ families }: Pick<Profiles, "families">): string {
  const sections = families().map(({ id, title, about, bridge, profiles }) => {
    const rows = profiles.map(({ id, title, kinds, publish, commands, holdMs, staleAfterMs }) => [
      `\`${id}\``,
      title,
      kinds.join(", "),
      codes(publish),
      commands.length === 0 ? "none" : codes(commands),
      holdMs === undefined ? "" : `${holdMs / 1000} s`,
      `${Math.round(staleAfterMs / 60_000)} min`,
    ]);
    return [
      `## ${title} (\`${id}.yaml\`)`,
      ...(about === null ? [] : [about.trim()]),
      ...(bridge === null
        ? []
        : [`One login speaks for all its devices: publishes and subscribes below \`${bridge.base}/\` only.`]),
      table(["profile", "what it is", "readings", "publishes on", "hears", "motion held", "stale after"], rows),
    ].join("\n\n");
  });
  return `${[HEAD.trim(), ...sections].join("\n\n")}\n`;
}

function codes(patterns: readonly string[]): string {
  return patterns.map((pattern) => `\`${pattern}\``).join(" ");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
