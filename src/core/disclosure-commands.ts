// Who was given what of this house's data, by hand and on which ground: a part of the port core/commands.ts. What a platform
// receives by itself stands in gateway.yaml and in the ledger.

/** data-subject: the person concerned asked. order: of a court or the police. research: agreed by the association. */
export const DISCLOSURE_GROUNDS = ["data-subject", "order", "research", "other"] as const;
export type DisclosureGround = (typeof DISCLOSURE_GROUNDS)[number];

/**
 * `number`: from 1. `to`: who was given it. `what`: what it was. `detail`: more on the ground, such as a file number; may be
 * empty. `requestedAt`: YYYY-MM-DD, where somebody asked on a day. `at`: when it was entered, ISO 8601 UTC. `by`: the user who
 * entered it, null from the command line. Nothing of it is public but how many there were by month and ground.
 */
export type DisclosureEntry = {
  readonly number: number;
  readonly to: string;
  readonly what: string;
  readonly ground: DisclosureGround;
  readonly detail: string;
  readonly requestedAt: string | null;
  readonly at: string;
  readonly by: string | null;
};

/** `month`: YYYY-MM at the site. */
export type DisclosureCount = { readonly month: string; readonly ground: DisclosureGround; readonly count: number };

export type DisclosureCommands = {
  /** The newest first. Throws DATA_DIR_UNUSABLE where the log cannot be read. */
  listDisclosures(): readonly DisclosureEntry[];
  /** On disk when this resolves; the ledger then gets a line of it, by its digest alone. Throws USAGE; DATA_DIR_UNUSABLE. */
  addDisclosure(ask: {
    readonly to: string;
    readonly what: string;
    readonly ground: DisclosureGround;
    readonly detail?: string;
    readonly requestedAt?: string;
    readonly by: string | null;
  }): Promise<DisclosureEntry>;
};
