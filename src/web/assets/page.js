// Keeps a page up to date: the gateway says that something changed, and the parts marked data-live are fetched anew.
// Without this script every page works and shows how things were when it was opened.
import { addCopyButtons } from "./copy.js";

/** Ages ("3 minutes ago") grow without events; a sleeping phone's connection dies without a word. Both are seen by this. */
const REFRESH_MS = 30_000;
const FETCH_MS = 10_000;
const RETRY_MS = 5_000;
const POLL_MS = 3_000;
/** A house that opens anew is away for a second: nobody has to hear of that. */
const GRACE_MS = 4_000;
const GRACE_RETRY_MS = 700;
/** While things go on changing a page is asked for no more often than this, and a slow box less often: 20 times what it took. */
const PACE_MS = 1_500;
const PACE_MS_MAX = 15_000;
const PACE_FACTOR = 20;

const banner = document.querySelector("#out-of-touch");
/** @type {EventSource | undefined} */
let stream;
let lastTouch = new Date();
let lastLookMs = Date.now();
/** Since when nothing was heard; 0 while in touch. */
let awaySinceMs = 0;
let isRefreshing = false;
let isWanted = false;
/** What is on the screen was made just now. */
let nextMs = performance.now() + PACE_MS;
let reopenTimer = 0;
let retryTimer = 0;
let paceTimer = 0;

/** A page without a login has no stream: it asks now and then, until it is told no. */
const isPolled = document.querySelector("main[data-polled]") !== null;

listen();
const refreshTimer = setInterval(look, isPolled ? POLL_MS : REFRESH_MS);
addCopyButtons(document.body);
document.addEventListener("visibilitychange", look);
for (const event of ["pageshow", "online", "offline"]) addEventListener(event, look);
addEventListener("pagehide", () => stream?.close());

function listen() {
  if (isPolled) return;
  stream?.close();
  clearTimeout(reopenTimer);
  stream = new EventSource("/api/v1/stream?brief");
  stream.addEventListener("changed", () => void refresh());
  stream.addEventListener("error", () => {
    // A browser tries again by itself after a broken line, but not after a refusal (logged out, too many pages open).
    if (stream?.readyState === EventSource.CLOSED) reopenTimer = setTimeout(listen, RETRY_MS);
    look();
  });
}

function look() {
  const sleptMs = Date.now() - lastLookMs;
  lastLookMs = Date.now();
  // A browser opens six connections to one address: pages in the background must not hold them all.
  if (document.visibilityState === "hidden") return stream?.close();
  // After a sleep a connection may look open that nobody holds at the other end.
  if (stream?.readyState === EventSource.CLOSED || sleptMs > 2 * REFRESH_MS) listen();
  nextMs = 0;
  void refresh();
}

async function refresh() {
  isWanted = true;
  if (isRefreshing || document.visibilityState === "hidden") return;
  const waitMs = nextMs - performance.now();
  clearTimeout(paceTimer);
  if (waitMs > 0) {
    paceTimer = setTimeout(refresh, waitMs);
    return;
  }
  isRefreshing = true;
  isWanted = false;
  const startedMs = performance.now();
  try {
    await fetchParts();
    inTouch();
  } catch {
    outOfTouch();
  }
  const tookMs = performance.now() - startedMs;
  nextMs = performance.now() + Math.min(PACE_MS_MAX, Math.max(PACE_MS, tookMs * PACE_FACTOR));
  isRefreshing = false;
  if (isWanted && awaySinceMs === 0) void refresh();
}

async function fetchParts() {
  const response = await fetch(location.pathname + location.search, { signal: AbortSignal.timeout(FETCH_MS), cache: "no-store" });
  // A one-time link is over; what is on the screen may still be read.
  if (isPolled && response.status === 404) return clearInterval(refreshTimer);
  // The login is over, or the thing is gone: what the gateway says then is the next step.
  if (response.redirected || response.status === 404) return location.reload();
  if (!response.ok) throw new Error(`status ${response.status}`);
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(part.id);
    if (now !== null) replace(part, now);
  }
}

/** Puts the new inside in place, if it differs; what was unfolded stays unfolded, and the focus stays where it was. */
function replace(part, now) {
  for (const open of part.querySelectorAll("details[open][id]")) now.querySelector(`#${open.id}`)?.setAttribute("open", "");
  addCopyButtons(now);
  if (part.innerHTML === now.innerHTML) return;
  const focused = part.contains(document.activeElement) ? placeOf(document.activeElement) : null;
  const scrolled = [...part.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
  part.replaceChildren(...now.childNodes);
  part.querySelectorAll(".scroll").forEach((each, index) => (each.scrollLeft = scrolled[index] ?? 0));
  if (focused !== null) part.querySelector(focused)?.focus({ preventScroll: true });
}

function placeOf(element) {
  if (element.id !== "") return `#${CSS.escape(element.id)}`;
  if (element.matches("summary")) return `#${CSS.escape(element.parentElement.id)} > summary`;
  const href = element.getAttribute("href");
  return href === null ? null : `[href="${CSS.escape(href)}"]`;
}

function inTouch() {
  lastTouch = new Date();
  awaySinceMs = 0;
  clearTimeout(retryTimer);
  banner.hidden = true;
  banner.textContent = "";
}

function outOfTouch() {
  awaySinceMs ||= Date.now();
  const isShort = Date.now() - awaySinceMs < GRACE_MS;
  clearTimeout(retryTimer);
  retryTimer = setTimeout(look, isShort ? GRACE_RETRY_MS : RETRY_MS);
  if (isShort || !banner.hidden) return;
  const time = lastTouch.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  banner.textContent = banner.dataset.words.replace("{time}", time);
  banner.hidden = false;
}
