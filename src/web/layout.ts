// The frame around every page: head, navigation, the out-of-touch banner.
import { type Language, languageOf } from "../languages/say.ts";
import { type Html, html, named, plainName } from "./html.ts";
import type { Session } from "./sessions.ts";

/** `path` marks where the reader is. `script`: the page's own, beside the one that keeps pages up to date. `isLive`: the script keeps the page up to date. `isPolled`: it asks now and then, for who has no login and so no stream. `isAlone`: there are no other pages. `spoken`: English where nobody can choose. `isPublic`: anybody may read it, so its links carry the language on. */
export type Frame = {
  readonly title: string;
  readonly path: string;
  readonly site: string;
  readonly session: Session | undefined;
  readonly assets: { readonly css: string; readonly js: string; readonly icon: string };
  readonly isLive?: boolean;
  readonly isPolled?: boolean;
  readonly isAlone?: boolean;
  readonly script?: string | undefined;
  readonly spoken?: Spoken | undefined;
  readonly isPublic?: boolean;
};

/** The language of a page, and those that its reader may choose. `query`: what the address asks beside, to be kept. */
export type Spoken = {
  readonly language: Language;
  readonly choices: readonly Language[];
  readonly query?: Readonly<Record<string, string>>;
};

const PAGES = [
  { path: "/", key: "page.nav-status" },
  { path: "/devices", key: "page.nav-devices", also: /^\/(bridges|proposals|paired)(\/|$)/ },
  { path: "/cameras", key: "page.nav-cameras" },
  { path: "/buffer", key: "page.nav-buffer" },
  {
    path: "/about",
    key: "page.nav-more",
    also: /^\/(api$|people|notices|policy|erase|disclosures|tls|history|setup\/)/,
  },
] as const;

/** What anybody may read. */
const PUBLIC_PAGES = [
  { path: "/transparency", key: "page.nav-collected", isExact: true },
  { path: "/transparency/receipts", key: "page.nav-receipts", isExact: true },
  { path: "/sign", key: "page.nav-sign", isExact: true },
] as const;

/** A whole page. `body` goes into `main`; parts with `data-live` and an id are replaced by the script when they change. */
export function page(frame: Frame, body: Html): Html {
  const { title, site, assets, session, isPolled = false, isAlone = false, isPublic = false, spoken } = frame;
  const isLive = frame.isLive === true || isPolled;
  const language = spoken?.language ?? languageOf("en");
  const about = isPublic ? inLanguage("/transparency", language) : "/transparency";
  return html`<!doctype html>
<html lang="${language.tag}" dir="${language.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${plainName(title)} · ${plainName(site)}</title>
<link rel="icon" href="${assets.icon}" type="image/svg+xml">
<link rel="stylesheet" href="${assets.css}">
${isLive ? html`<script type="module" src="${assets.js}"></script>` : null}
${frame.script === undefined ? null : html`<script type="module" src="${frame.script}"></script>`}
</head>
<body>
<a class="skip" href="#main">${language.say("page.skip")}</a>
<header class="top">
<a class="brand" href="${session === undefined && !isAlone ? about : "/"}"><img src="${assets.icon}" alt="" width="28" height="28"><span><b>Hedgerow</b> ${named(site)}</span></a>
${isAlone ? null : html`${navigation(frame, language)}${wayInOrOut(frame, language)}`}
</header>
${isPublic && spoken !== undefined ? choice(spoken) : null}
${isLive ? html`<div id="out-of-touch" class="banner" role="alert" hidden data-words="${language.say("page.out-of-touch", { time: "{time}" })}"></div>` : null}
<main id="main" tabindex="-1"${isPolled ? html` data-polled` : null}>
${body}
</main>
${isAlone ? null : html`<footer><p>${language.say("page.footer")} <a href="${about}">${language.say("page.footer-link")}</a></p>${isPublic || spoken === undefined ? null : choice(spoken)}</footer>`}
</body>
</html>`;
}

/** An address of a public page in a language. `query`: what is asked beside it. */
export function inLanguage(path: string, { tag }: Pick<Language, "tag">, query: Spoken["query"] = {}): string {
  return `${path}?${new URLSearchParams({ ...query, lang: tag }).toString()}`;
}

/** The pages of who looks after the kit, then those for everybody. */
function navigation(frame: Frame, language: Language): Html {
  const { session, isPublic = false } = frame;
  const own =
    session === undefined
      ? []
      : PAGES.map((each) => link(frame, { ...each, label: language.say(each.key), href: each.path }));
  const publicPages = PUBLIC_PAGES.map((each) =>
    link(frame, { ...each, label: language.say(each.key), href: inLanguage(each.path, language) }),
  );
  const way = { path: "/transparency", label: language.say("page.nav-collected"), href: "/transparency" };
  // Who is logged in finds the way at the foot of each page, and a phone has room for five.
  const open = isPublic ? publicPages : session === undefined ? [link(frame, way)] : [];
  return html`<nav aria-label="${language.say("page.nav")}"><ul>${own}${open}</ul></nav>`;
}

/** Each in its own name. */
function choice({ language, choices, query }: Spoken): Html {
  return html`<nav class="languages" aria-label="${language.say("page.languages")}"><ul>${choices.map(
    (each) =>
      html`<li><a href="${inLanguage("", each, query)}" lang="${each.tag}" hreflang="${each.tag}" dir="${each.direction}"${each === language ? html` aria-current="true"` : null}>${each.name}</a></li>`,
  )}</ul></nav>`;
}

function wayInOrOut({ session, path }: Frame, language: Language): Html | null {
  if (session !== undefined)
    return html`<form method="post" action="/logout"><button class="quiet">${language.say("page.log-out")}</button></form>`;
  if (path === "/login" || path === "/setup") return null;
  return html`<a class="button quiet" href="/login">${language.say("page.log-in")}</a>`;
}

type Place = {
  readonly path: string;
  readonly href: string;
  readonly label: string;
  readonly also?: RegExp;
  readonly isExact?: boolean;
};

function link({ path: here }: Frame, { path, href, label, also, isExact = path === "/" }: Place): Html {
  const isHere = isExact ? here === path : here.startsWith(path) || also?.test(here) === true;
  return html`<li><a href="${href}"${isHere ? html` aria-current="page"` : null}>${label}</a></li>`;
}
