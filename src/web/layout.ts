// The frame around every page: head, navigation, the out-of-touch banner.
import { type Html, html, named, plainName } from "./html.ts";
import type { Session } from "./sessions.ts";

/** `path` marks where the reader is. `script`: the page's own, beside the one that keeps pages up to date. `isLive`: the script keeps the page up to date. `isPolled`: it asks now and then, for who has no login and so no stream. `isAlone`: there are no other pages. */
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
};

const PAGES = [
  { path: "/", label: "Status" },
  { path: "/devices", label: "Devices", also: /^\/(bridges|proposals|paired)\// },
  { path: "/cameras", label: "Cameras" },
  { path: "/buffer", label: "Buffer" },
] as const;

/** A whole page. `body` goes into `main`; parts with `data-live` and an id are replaced by the script when they change. */
export function page(frame: Frame, body: Html): Html {
  const { title, site, assets, session, isPolled = false, isAlone = false } = frame;
  const isLive = frame.isLive === true || isPolled;
  return html`<!doctype html>
<html lang="en">
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
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="${session === undefined && !isAlone ? "/transparency" : "/"}"><img src="${assets.icon}" alt="" width="28" height="28"><span><b>Hedgerow</b> ${named(site)}</span></a>
${
  isAlone
    ? null
    : html`<nav aria-label="Pages"><ul>${session === undefined ? null : PAGES.map((each) => link(frame, each))}${link(frame, { path: "/transparency", label: "Public" })}</ul></nav>
${wayInOrOut(frame)}`
}
</header>
${isLive ? html`<div id="out-of-touch" class="banner" role="alert" hidden></div>` : null}
<main id="main" tabindex="-1"${isPolled ? html` data-polled` : null}>
${body}
</main>
${isAlone ? null : html`<footer><p>Faces are looked for and painted over on this device, before a picture is kept or sent. <a href="/transparency">What is collected here, and how to object</a></p></footer>`}
</body>
</html>`;
}

function wayInOrOut({ session, path }: Frame): Html | null {
  if (session !== undefined)
    return html`<form method="post" action="/logout"><button class="quiet">Log out</button></form>`;
  return path === "/login" || path === "/setup" ? null : html`<a class="button quiet" href="/login">Log in</a>`;
}

function link({ path: here }: Frame, { path, label, also }: { path: string; label: string; also?: RegExp }): Html {
  const isHere = path === "/" ? here === "/" : here.startsWith(path) || also?.test(here) === true;
  return html`<li><a href="${path}"${isHere ? html` aria-current="page"` : null}>${label}</a></li>`;
}
