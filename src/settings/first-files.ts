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
  id: ${id}    # this gateway's name towards the platform; it never changes
  dataDir: ${/^[\w./-]+$/.test(dataDir) ? dataDir : JSON.stringify(dataDir)}    # buffer, redacted pictures, registry and keys
  timezone: ${timezone}    # for days and what people read

status: { host: ${host}, port: ${ports?.status ?? 8080} }    # the local page
broker:
  listen: { host: ${host}, port: ${ports?.broker ?? 1883} }    # where sensors connect
`;
}

/** policy.yaml as strict as a kit can be of use: a draft, motion in counts alone, no camera. */
export function firstPolicy({ language }: FirstFacts): string {
  return `# What the community agreed. This one file drives what is enforced, the sign and the transparency page.
# The local page (Set-up) writes here; comments stay. Every key is explained in config/policy.example.yaml.

version: 1
draft: true    # not agreed yet: nothing is told, sent or photographed. The page takes this away once you have agreed
controller:    # who answers for the data
  name: ${TO_BE_NAMED}
  contact: ${TO_BE_NAMED}
languages: [${language}]    # of the sign and the transparency page
events:
  motion: { mode: counts, windowS: 900, atLeast: 3 }    # how many in a quarter of an hour, never fewer than three
cameras: {}    # a camera that is not named here does not start
`;
}
