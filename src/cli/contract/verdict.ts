// What a check says of an answer of the platform.
import type { ExampleEvent } from "./example-events.ts";
import { type Answer, fateOf, type PlatformDoor } from "./platform-door.ts";

/** `wrong`: against the contract. `note`: allowed, and worth knowing. */
export type Verdict = { readonly kind: "ok" } | { readonly kind: "wrong" | "note"; readonly why: string };

export const OK: Verdict = { kind: "ok" };

export function isGood({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

export function isRefused({ status }: Answer): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

export function refused(answer: Answer): Verdict {
  return isRefused(answer) ? OK : wrong(answer.why);
}

/** Refused with 401, and unknown afterwards: what was refused must not have been kept. */
export async function refusedThenNew({
  bad,
  events,
  door,
}: {
  bad: Answer;
  events: ExampleEvent[];
  door: PlatformDoor;
}): Promise<Verdict> {
  if (!isRefused(bad)) return wrong(`${bad.why}: anybody can send in this gateway's name`);
  const after = await door.post(events);
  if (events.some((event) => fateOf(event, after) === "duplicate")) return wrong("it kept what it had refused");
  if (bad.status === 401) return OK;
  return { kind: "note", why: `it answered ${bad.status}; by 401 a gateway can tell people that its key is not known` };
}

export function eachIs(events: readonly ExampleEvent[], answer: Answer, fates: readonly string[]): Verdict {
  if (!isGood(answer)) return wrong(answer.why);
  if (answer.settlement === null)
    return wrong(
      "its answer is neither empty nor JSON with accepted, duplicate or rejected: it is taken for a log-in page",
    );
  const other = events.find((event) => !fates.includes(fateOf(event, answer)));
  if (other === undefined) return OK;
  const fate = fateOf(other, answer);
  if (fate === "unnamed") return wrong(`it did not name ${other.id} (${other.type}): it would be sent again for ever`);
  return wrong(
    `${other.type} was ${fate === "later" ? "rejected for now" : fate === "refused" ? "rejected for good" : fate}`,
  );
}

export function wrong(why: string): Verdict {
  return { kind: "wrong", why };
}
