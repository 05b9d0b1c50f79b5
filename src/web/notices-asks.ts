// What was typed into the forms of messages, made into what the site takes; or the sentence of what is wrong with it.
import type { Language, MessageKey } from "../languages/say.ts";
import type { NoticesAsk, SiteView } from "../settings/site-commands.ts";
import type { Fields } from "./forms.ts";
import { HOST_EXAMPLE, NOTICES_FORM_LIMITS } from "./notices-form-limits.ts";
import type { TypedEmail, TypedPush, TypedRhythm } from "./notices-forms.ts";

type Notices = SiteView["notices"];
type Made<Ask> = Ask | { readonly wrong: MessageKey };
type Email = NonNullable<NoticesAsk["email"]>;

const MAILBOX = /^[^\s\p{C}@<>(),;:"]{1,64}@[^\s\p{C}@<>(),;:"]{1,189}$/u;

export function typedEmail(form: Fields): TypedEmail {
  const text = (name: string): string => form(name).trim();
  const [host, port, security, from, to, username] = ["host", "port", "security", "from", "to", "username"].map(text);
  return {
    host: host ?? "",
    port: port ?? "",
    security: security ?? "",
    from: from ?? "",
    to: to ?? "",
    username: username ?? "",
    password: form("password"),
  };
}

/** An empty user name and password stay as they are. */
export function emailAsked({ host, port, security, from, to, username, password }: TypedEmail): Made<Email> {
  const boxes = to.split(/[\s,;]+/).filter((each) => each !== "");
  if (boxes.length === 0 || boxes.length > 20 || !boxes.every((each) => MAILBOX.test(each)))
    return { wrong: "notices.bad-to" };
  if (!MAILBOX.test(from)) return { wrong: "notices.bad-from" };
  if (!/^[\p{L}\p{N}.:_-]{1,253}$/u.test(host)) return { wrong: "notices.bad-host" };
  const number = wholeIn(port, { min: 1, max: 65_535 });
  if (number === null) return { wrong: "notices.bad-port" };
  if (security !== "starttls" && security !== "tls" && security !== "none") return { wrong: "notices.bad-choice" };
  return {
    host,
    port: number,
    security,
    from,
    to: boxes,
    ...(username !== "" && { username }),
    ...(password !== "" && { password }),
  };
}

export function typedPush(form: Fields): TypedPush {
  return { kind: form("kind"), url: form("url").trim(), token: form("token").trim() };
}

/** The addresses there are, and this one; one that is there already is changed. */
export function pushAsked({ kind, url, token }: TypedPush, { push }: Notices): Made<NonNullable<NoticesAsk["push"]>> {
  if (kind !== "ntfy" && kind !== "webhook") return { wrong: "notices.bad-choice" };
  if (!/^https?:\/\/[^\s\p{C}]+$/u.test(url) || !URL.canParse(url)) return { wrong: "notices.bad-url" };
  const others = push.filter((each) => each.url !== url).map((each) => ({ kind: each.kind, url: each.url }));
  if (others.length >= NOTICES_FORM_LIMITS.pushes) return { wrong: "notices.push-too-many" };
  return [...others, { kind, url, ...(token !== "" && { token }) }];
}

/** Without the one of this place; null where another stands there by now. */
export function pushWithout(
  { nth, url }: { readonly nth: string; readonly url: string },
  { push }: Notices,
): NonNullable<NoticesAsk["push"]> | null {
  if (push[Number(nth)]?.url !== url) return null;
  return push.filter((_, at) => at !== Number(nth)).map((each) => ({ kind: each.kind, url: each.url }));
}

export function typedRhythm(form: Fields): TypedRhythm {
  return {
    language: form("language"),
    afterMinutes: form("afterMinutes").trim(),
    atMostPerDay: form("atMostPerDay").trim(),
  };
}

export function rhythmAsked({
  language,
  afterMinutes,
  atMostPerDay,
}: TypedRhythm): Made<Required<Pick<NoticesAsk, "language" | "afterMinutes" | "atMostPerDay">>> {
  const after = wholeIn(afterMinutes, { min: 0, max: 1440 });
  const most = wholeIn(atMostPerDay, { min: 1, max: 100 });
  if (after === null) return { wrong: "notices.bad-after" };
  if (most === null) return { wrong: "notices.bad-per-day" };
  return { language, afterMinutes: after, atMostPerDay: most };
}

const EXAMPLES: Readonly<Partial<Record<MessageKey, string>>> = {
  "notices.bad-to": "vera@elm.example",
  "notices.bad-from": "kit@elm.example",
  "notices.bad-host": HOST_EXAMPLE,
};

/** Whether it is the sentence of what is wrong. */
export function isWrong<Ask extends object>(made: Made<Ask>): made is { readonly wrong: MessageKey } {
  return "wrong" in made;
}

/** The sentence, in the reader's language. */
export function wrongWords({ wrong }: { readonly wrong: MessageKey }, { say }: Language): string {
  return say(wrong, { example: EXAMPLES[wrong] ?? "" });
}

function wholeIn(typed: string, { min, max }: { readonly min: number; readonly max: number }): number | null {
  const value = /^\d{1,6}$/.test(typed) ? Number(typed) : Number.NaN;
  return value >= min && value <= max ? value : null;
}
