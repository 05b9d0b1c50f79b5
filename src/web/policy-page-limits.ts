// The bounds of the page of what was agreed, each with its reason (I7).

export const POLICY_PAGE_LIMITS = {
  /** Lines of the ledger about policies: a community that changes its mind each month fills two years. */
  lines: 30,
} as const;
