// The pictures of the page: five shapes that differ without colour, drawn here because nothing is fetched from elsewhere.
import { type Html, html, raw } from "./html.ts";

const PATHS = {
  ok: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3.6 5.2-4.3 4.6a.9.9 0 0 1-1.3 0L4.2 9a.9.9 0 0 1 1.2-1.3l1.2 1.2L10.3 5a.9.9 0 1 1 1.3 1.2Z",
  stale:
    "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm.9 7.1 2.2 1.7a.9.9 0 1 1-1.1 1.4L7.4 9.2A.9.9 0 0 1 7.1 8.5V4.5a.9.9 0 1 1 1.8 0Z",
  offline:
    "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3 8.7A.9.9 0 1 1 9.7 11L8 9.3 6.3 11A.9.9 0 1 1 5 9.7L6.7 8 5 6.3A.9.9 0 1 1 6.3 5L8 6.7 9.7 5A.9.9 0 1 1 11 6.3L9.3 8Z",
  unknown:
    "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 11.5a1 1 0 1 1 0-2 1 1 0 0 1 0 2Zm1.5-4.2c-.5.3-.6.5-.6.7v.3a.9.9 0 1 1-1.8 0V9c0-1 .7-1.7 1.3-2.1.6-.4.9-.6.9-1.2 0-.7-.6-1.1-1.3-1.1-.7 0-1.2.4-1.4 1a.9.9 0 1 1-1.7-.6C5.3 3.7 6.5 2.8 8 2.8c1.8 0 3.1 1.2 3.1 2.9 0 1.5-.9 2.1-1.6 2.6Z",
  paused:
    "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1ZM7 10.5a.9.9 0 1 1-1.8 0v-5a.9.9 0 1 1 1.8 0Zm3.8 0a.9.9 0 1 1-1.8 0v-5a.9.9 0 1 1 1.8 0Z",
  warning:
    "M8.9 1.7a1 1 0 0 0-1.8 0L.6 13.5A1 1 0 0 0 1.5 15h13a1 1 0 0 0 .9-1.5ZM7.1 6a.9.9 0 1 1 1.8 0v3.5a.9.9 0 1 1-1.8 0ZM8 13a1 1 0 1 1 0-2 1 1 0 0 1 0 2Z",
  battery:
    "M2.5 4.5h9A1.5 1.5 0 0 1 13 6v.5h1a.5.5 0 0 1 .5.5v2a.5.5 0 0 1-.5.5h-1v.5a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 1 10V6a1.5 1.5 0 0 1 1.5-1.5ZM2.5 6v4h9V6Zm.7.7h2.3v2.6H3.2Z",
  camera:
    "M2 4h2.3l.9-1.5h5.6l.9 1.5H14a1 1 0 0 1 1 1v7.5a1 1 0 0 1-1 1H2a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1Zm6 1.7A2.8 2.8 0 1 0 8 11.3 2.8 2.8 0 0 0 8 5.7Z",
} as const;

export type Icon = keyof typeof PATHS;

/** Decoration: the word beside it says the same, so screen readers skip it. */
export function icon(name: Icon): Html {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path fill-rule="evenodd" d="${raw(PATHS[name])}"/></svg>`;
}
