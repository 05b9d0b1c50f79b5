// What a person may ask of the machine that the house runs on: a part of the port core/commands.ts.

/** ok: nothing to do. note: worth knowing. warning: will hurt one day. trouble: something does not work. `text`, `remedy`: English. */
export type Finding = {
  readonly state: "ok" | "note" | "warning" | "trouble";
  readonly text: string;
  readonly remedy: string | null;
};

/** `at`: when it was looked, ISO 8601 UTC; null before the first time. `left`: what is being looked at just now; empty: nothing. */
export type DoctorView = {
  readonly at: string | null;
  readonly left: readonly string[];
  readonly groups: readonly { readonly group: string; readonly findings: readonly Finding[] }[];
};

export type DoctorCommands = {
  /** What was found when it was last looked. */
  doctor(): DoctorView;
  /** Begins to look, unless it is being looked or was within the last minute. Resolves when `doctor` says what was found, within about a minute; never rejects. */
  examine(): Promise<void>;
};
