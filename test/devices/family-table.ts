// Writes devices/README.md from the profiles, so that the table can be no more and no less than what is understood.
import type { Profiles } from "../../src/profiles/profiles.ts";

/** A profile that a volunteer might write; test/devices/profiles.test.ts loads it and reads the message shown with it. */
export const EXAMPLE = `
title: Barn sensors
setup:
  - "Write these into the sensor's settings page:"
  - "Broker: {host}:{port}"
  - "User name: {username}"
  - "Password: {password}"
  - "Topic: {topic}"
profiles:
  sensor:
    title: Motion and light in the barn
    staleAfterS: 7200
    messages:
      - on: "{topic}"
        time: /ts
        read:
          - { kind: motion, at: /pir }
          - { kind: illuminance, at: /light/lux }
          - { kind: battery, at: /bat_mV, from: [2400, 3000], clamp: true }
`;

const HEAD = `# Device families

One YAML file per family: the topics it speaks on, how its messages become readings, how a person sets it up. A profile is
data: the format is described by \`profile.schema.json\`, and \`hedgerow explain\` shows what a message becomes.
What no rule names is not read, whatever the device sends.

This page is written from the profiles by \`npx vitest run --project unit test/devices -u\`.

## A profile of your own

For a device that no family knows: put a file such as \`barn.yaml\` into a folder, name the folder in gateway.yaml
(\`profiles: ./profiles\`), and look with \`hedgerow check\`, which names each mistake by line. This one reads
\`{"pir": 1, "light": {"lux": "12.5"}, "bat_mV": 2900, "ts": 1777190000}\` on the device's own topic:

\`\`\`yaml
${EXAMPLE.trim()}
\`\`\`

Then try it with a message of the device: \`hedgerow explain --config gateway.yaml --profile barn/sensor --topic barn-1\`.

- \`at\` is a JSON pointer; several are tried in order; \`*\` stands for any characters of a name, a list's places are 0, 1, 2.
- Per kind the first rule whose field is there decides. \`map\`, \`above\`, \`below\`, \`scale\`, \`offset\`, \`from\` and \`curve\`
  convert; \`when\` and \`unless\` are conditions on other fields; \`missing\` is the value where the field is not there.
- \`as: text\` reads a bare value; \`key: last-level\` puts it under the topic's last level, \`key: levels\` under all after \`{topic}\`.
- \`time\` is the device's own time, \`once\` what tells a packet from its repeat, \`holdS\` for sensors that never say "off".
- \`split\` takes a message apart that speaks of several devices; \`bridge\` is one login that speaks for many.
- \`ignore\` and \`drop\` say why nothing is read. Fields that say who or where somebody is cannot be read at all.
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
