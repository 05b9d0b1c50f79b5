// What a person may do about the policy, beside what its file says.

/** Which policy holds, by its digest; `announced`: a looser one, with the hours of its notice that are left. */
export type PolicyView = {
  readonly sha256: string;
  readonly announced: { readonly sha256: string; readonly hoursLeft: number; readonly approvals: number } | null;
};

export type PolicyCommands = {
  /**
   * A steward's approval of the announced policy of this digest: two stewards end its notice. `by`: the user name. `missing`:
   * how many approvals it still takes. Throws NOT_FOUND where no such policy is announced; ALREADY_EXISTS; USAGE for who was no
   * steward when it was announced; SPOOL_FULL.
   */
  approvePolicy(ask: { readonly sha256: string; readonly by: string }): Promise<{ readonly missing: number }>;
};
