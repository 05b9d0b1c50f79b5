// The texts of a new gateway's two files: gateway.yaml with what only this machine knows, and a policy.yaml that nobody has agreed
// yet. All else is asked on the local page, which writes it into these same files and keeps what stands around it.

/** Stands where only the association can say it: who answers for the data, and how to reach them. */
export const TO_BE_NAMED = "to be named";

/** `host`, `ports`: of the page and of the broker, where they are not the usual ones. */
export type FirstFacts = {
  readonly id: string;
  readonly dataDir: string;
  readonly timezone: string;
  readonly language: string;
  readonly host?: string;
  readonly ports?: { readonly broker: number; readonly status: number };
};

/** gateway.yaml. There is no kit yet, so no file is named for one: the page keeps it in the data directory. */
export function firstGateway({ id, dataDir, timezone, host = "0.0.0.0", ports }: FirstFacts): string {
  return `# How this box runs. The local page (Set-up) writes here; comments stay. Every key is explained in
# config/gateway.example.yaml. After a change by hand: hedgerow check, then restart the gateway.

gateway:
  # This gateway's name towards the platform; it never changes.
  id: ${id}
  # Buffer, redacted pictures, registry and keys.
  dataDir: ${/^[\w./-]+$/.test(dataDir) ? dataDir : JSON.stringify(dataDir)}
  timezone: ${timezone}

# The local page.
status: { host: ${host}, port: ${ports?.status ?? 8080} }
# Where sensors connect.
broker:
  listen: { host: ${host}, port: ${ports?.broker ?? 1883} }
`;
}

/** policy.yaml as strict as a kit can be of use: a draft, motion in counts alone, no camera. */
export function firstPolicy({ language }: FirstFacts): string {
  return `# What the community agreed. This one file drives what is enforced, the sign and the transparency page.
# The local page (Set-up) writes here; comments stay. Every key is explained in config/policy.example.yaml.

version: 1
# A draft: nothing is told, sent or photographed until you say on the page that you have agreed.
draft: true
# Who answers for the data.
controller:
  name: ${TO_BE_NAMED}
  contact: ${TO_BE_NAMED}
# Of the sign and the transparency page.
languages: [${language}]
events:
  # What is told of movement: none, counts (how many in windowS seconds, never fewer than atLeast), or each.
  motion: { mode: counts, windowS: 900, atLeast: 3 }
# A camera that is not named here does not start.
cameras: {}
`;
}
