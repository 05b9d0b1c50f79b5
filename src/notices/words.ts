// A message in words: what needs a hand by kind and number, never which one, so that a mailbox or a push server learns nothing of
// the house. No name, zone, id or address of the kit has a way in here.
import type { TroubleGroup } from "../core/notices-commands.ts";
import type { Language, MessageKey } from "../languages/say.ts";
import { NOTICES_LIMITS } from "./notices-limits.ts";

/** `isDated`: whether `atMs` can be believed. `dropped`: messages before this one that waited too long or were too many. */
export type Said = {
  readonly what: "needs-a-hand" | "all-well" | "test";
  readonly troubles: readonly TroubleGroup[];
  readonly untold: number;
  readonly isLast: boolean;
  readonly dropped: number;
  readonly atMs: number;
  readonly isDated: boolean;
};

/** `page`: the address of the local page; null where nobody said how it is reached. */
export type Told = {
  readonly language: Language;
  readonly nowMs: number;
  readonly timezone: string;
  readonly page: string | null;
};

export function subjectOf({ what, troubles }: Said, { language }: Pick<Told, "language">): string {
  const count = troubles.reduce((sum, each) => sum + each.count, 0);
  switch (what) {
    case "needs-a-hand":
      return language.say("notices.subject-hand", { count });
    case "all-well":
      return language.say("notices.subject-well");
    case "test":
      return language.say("notices.subject-test");
  }
}

/** Lines of plain text, the last one ended too. */
export function textOf(said: Said, told: Told): string {
  const { language, nowMs, timezone, page } = told;
  const { untold, dropped, isLast, atMs, isDated } = said;
  const lateMs = nowMs - atMs;
  const late =
    isDated && lateMs >= NOTICES_LIMITS.lateMs
      ? [language.say("notices.late", { moment: language.moment(atMs, timezone), span: language.span(lateMs) })]
      : [];
  const lines = [
    ...late,
    ...factLines(said, language),
    ...(untold === 0 ? [] : [language.say("notices.untold", { count: untold })]),
    ...(dropped === 0 ? [] : [language.say("notices.dropped", { count: dropped })]),
    ...(said.what === "needs-a-hand" ? ["", language.say("notices.next")] : []),
    // On a line of its own: within a sentence some programs take the full stop for a part of it.
    ...(page === null ? [] : [page]),
    ...(isLast ? ["", language.say("notices.last-today")] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function factLines({ what, troubles }: Said, language: Language): string[] {
  if (what === "test") return [language.say("notices.test-text")];
  if (what === "all-well") return [language.say("notices.well-text")];
  return troubles.map((each) => troubleLine(each, language));
}

/** "2 sensors have been silent for 40 minutes." */
export function troubleLine({ kind, count, lastedMs }: TroubleGroup, language: Language): string {
  const key: MessageKey = `notices.trouble-${kind}`;
  return language.say(key, { count, span: language.span(lastedMs) });
}
