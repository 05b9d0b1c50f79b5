// Set-up with less typing: the sign is drawn anew while one types, the time zone is guessed, and a change that opens the house anew
// leads on as soon as it is open. Without this script each page works with its buttons.
import { addCopyButtons } from "./copy.js";

const ASK_MS = 400;
const FETCH_MS = 4000;
const TYPING_MS = 500;

addCopyButtons(document.body);
const opening = document.querySelector("#opening");
if (opening !== null) void goOn(opening.dataset);
const form = document.querySelector("form[data-preview]");
if (form !== null) preview(form);
const timezone = document.querySelector("select[data-guess]");
if (timezone !== null) guess(timezone);
const position = document.querySelector("button[data-position]");
if (position !== null) offerPosition(position);

/** Goes on when another house than the one that was changed answers, or when it has taken too long. */
async function goOn({ next, since, waitMs }) {
  // The page's own refresh comes by the clock, whether the house is open or not: asking is better. Once it is loaded: else it never is.
  if (document.readyState !== "complete") await new Promise((then) => addEventListener("load", then, { once: true }));
  await new Promise((then) => setTimeout(then));
  window.stop();
  const untilMs = performance.now() + Number(waitMs);
  while (performance.now() < untilMs && !(await isOpenAnew(since))) await new Promise((then) => setTimeout(then, ASK_MS));
  location.replace(next);
}

async function isOpenAnew(since) {
  try {
    const response = await fetch("/api/v1/status", { cache: "no-store", signal: AbortSignal.timeout(FETCH_MS) });
    // Logged out: the next page says what to do.
    if (response.status === 401) return true;
    return response.ok && (await response.json()).gateway.startedAt !== since;
  } catch {
    // It is closed for this moment.
    return false;
  }
}

function preview(form) {
  const shown = document.querySelector("#preview");
  let timer = 0;
  let newest = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, TYPING_MS);
  });
  async function draw() {
    const mine = (newest += 1);
    try {
      const body = new URLSearchParams([...new FormData(form)]);
      const response = await fetch(form.dataset.preview, { method: "POST", body, signal: AbortSignal.timeout(FETCH_MS) });
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("#preview");
      if (mine === newest && fresh !== null) shown.replaceChildren(...fresh.childNodes);
    } catch {
      // Away for a moment: the sign stays as it was, and the button draws it too.
    }
  }
}

/** The browser's, where nobody has chosen one. */
function guess(select) {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  if ([...select.options].some(({ value }) => value === timeZone)) select.value = timeZone;
}

/** Only a page that came by https may ask where the phone is. */
function offerPosition(button) {
  const field = document.querySelector(`#${button.dataset.position}`);
  if (!isSecureContext || !("geolocation" in navigator)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(
      // Two digits: about a kilometre, and no more is ever kept.
      ({ coords }) => (field.value = `${coords.latitude.toFixed(2)}, ${coords.longitude.toFixed(2)}`),
      () => (button.textContent = button.dataset.refused),
    );
  });
}
