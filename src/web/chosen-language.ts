// Which language a page speaks: the one that its address names, else the one chosen before, else the browser's, else the first
// that was agreed on. A cookie remembers the choice of who looks after the kit; of a resident who reads the public pages nothing
// is remembered, and their links carry it on.
import { getCookie, setCookie } from "hono/cookie";
import { type Language, languageOf, languageTags } from "../languages/say.ts";
import type { Policy } from "../settings/schema.ts";
import type { WebContext } from "./answers.ts";
import { LANGUAGE_LIMITS } from "./language-limits.ts";
import type { Spoken } from "./layout.ts";

const COOKIE = "hedgerow-language";

/**
 * The language for who asks, and what they may choose from: the policy's languages first, in its order, then the others. One
 * that there are no words for is passed over. `query`: what the address asks beside, kept in the links to other languages.
 */
export function spokenFor(
  c: WebContext,
  { policy }: { readonly policy: Pick<Policy, "languages"> },
  query: Readonly<Record<string, string>> = {},
): Spoken {
  const asked = c.req.query("lang");
  const agreed = policy.languages.map(known).filter((language) => language !== null);
  const chosen = [asked, getCookie(c, COOKIE)].filter((tag) => tag !== undefined);
  const wanted = [...chosen, ...acceptedTags(c.req.header("accept-language"))].map(known);
  const language = [...wanted, ...agreed].find((each) => each !== null) ?? languageOf("en");
  return { language, choices: [...new Set([...agreed, ...languageTags().map(languageOf)])], query };
}

/** Remembers a language that the address names, for a year, in this browser alone. */
export function rememberLanguage(c: WebContext): void {
  const language = known(c.req.query("lang") ?? "");
  if (language === null) return;
  setCookie(c, COOKIE, language.tag, {
    path: "/",
    httpOnly: true,
    sameSite: "Strict",
    maxAge: LANGUAGE_LIMITS.cookieS,
  });
}

/** The language of a tag in whatever case, or null where there is no file for it: English is not what was asked for then. */
function known(tag: string): Language | null {
  if (!/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(tag)) return null;
  const language = languageOf(tag);
  const first = (each: string): string | undefined => each.toLowerCase().split("-")[0];
  return first(tag) === first(language.tag) ? language : null;
}

/** The tags of an Accept-Language header, the most wanted first (RFC 9110, 12.5.4); none that is refused by a weight of 0. */
function acceptedTags(header: string | undefined): readonly string[] {
  return (header ?? "")
    .slice(0, LANGUAGE_LIMITS.acceptedChars)
    .split(",")
    .map((each) => {
      const [tag = "", ...parameters] = each.split(";").map((part) => part.trim());
      const weight = parameters.find((parameter) => /^q=/i.test(parameter))?.slice(2);
      return { tag, weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ tag, weight }) => tag !== "" && weight > 0)
    .toSorted((one, other) => other.weight - one.weight)
    .map(({ tag }) => tag);
}
