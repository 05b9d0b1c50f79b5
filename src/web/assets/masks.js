// Draws a mask by mouse, finger or keyboard. The number fields hold it; the gateway draws it and says what it covers, from the
// same address that the form has without this script. It speaks by the words that stand on the picture.
// oxlint-disable-next-line import/no-unassigned-import -- its forms are on this page too
import "./camera.js";

const STEP = 0.01;
const SMALL_STEP = 0.001;
const CORNERS_MIN = 3;
const CORNERS_MAX = 64;
/** Arrow keys repeat thirty times a second. */
const SETTLE_MS = 150;

const form = document.querySelector("#draft");
const note = document.querySelector("#said");
let settling = 0;
let asking = new AbortController();

if (form !== null) begin();

/** A volunteer sees the masks and draws none. */
function begin() {
  readyCorners();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { name, value } = event.submitter ?? {};
    if (name === "drop") return remove(Number(value));
    if (value === "add") return add(corners().length - 1);
    void renew(["overlay", "corners", "result"]);
  });
  form.addEventListener("input", () => settle());
  document.addEventListener("keydown", moveByKey);
  document.addEventListener("pointerdown", beginDrag);
  document.addEventListener("click", addWhere);
  document.addEventListener("submit", keepAsDrawn, true);
}

/** What is kept is what is seen, also where the hand has not rested yet. */
function keepAsDrawn(event) {
  if (event.target.id !== "keep") return;
  const keep = event.target;
  for (const field of keep.querySelectorAll("input")) field.remove();
  const fields = [["name", form.elements.namedItem("name").value], ...corners().flatMap(([x, y]) => [["x", x], ["y", y]])];
  for (const [name, value] of fields) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = String(value);
    keep.append(field);
  }
}

function overlay() {
  return document.querySelector("#overlay");
}

/** [x, y] of each corner, as the fields have them. */
function corners() {
  return [...form.querySelectorAll("#corners li")].map((row) => [...row.querySelectorAll("input")].map((field) => Number(field.value)));
}

/** Corners can be reached with Tab only where arrow keys move them. */
function readyCorners() {
  for (const corner of overlay().querySelectorAll(".corner")) {
    corner.setAttribute("tabindex", "0");
    corner.setAttribute("role", "button");
    corner.setAttribute("aria-roledescription", overlay().dataset.role);
    corner.setAttribute("aria-label", wordsOf(Number(corner.dataset.index)));
  }
}

/** A sentence with its values in their places. */
function said(words, values) {
  return Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, String(value)), words);
}

function wordsOf(index) {
  const [x, y] = corners()[index] ?? [0, 0];
  return said(overlay().dataset.corner, { n: index + 1, left: Math.round(x * 1000) / 10, top: Math.round(y * 1000) / 10 });
}

function moveByKey(event) {
  const corner = event.target instanceof Element ? event.target.closest(".corner") : null;
  if (corner === null) return;
  const index = Number(corner.dataset.index);
  const by = event.shiftKey ? SMALL_STEP : STEP;
  const moves = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
  const move = moves[event.key];
  const [x, y] = corners()[index];
  if (move !== undefined) moveTo(index, [x + move[0], y + move[1]]);
  else if (event.key === "Enter") add(index);
  else if (event.key === "Delete" || event.key === "Backspace") remove(index);
  else return;
  event.preventDefault();
}

function beginDrag(event) {
  if (!(event.target instanceof Element) || event.target.closest("#overlay") === null || event.button !== 0) return;
  const corner = event.target.closest(".corner");
  if (corner === null) return;
  event.preventDefault();
  corner.focus({ preventScroll: true });
  corner.setPointerCapture(event.pointerId);
  const drag = (moved) => moveTo(Number(corner.dataset.index), placeOf(moved));
  corner.addEventListener("pointermove", drag);
  for (const end of ["pointerup", "pointercancel"]) corner.addEventListener(end, () => corner.removeEventListener("pointermove", drag), { once: true });
}

/** Anywhere else on the picture: a new corner, in the edge that is nearest. */
function addWhere(event) {
  if (!(event.target instanceof Element) || event.target.closest("#overlay") === null) return;
  if (event.target.closest(".corner") !== null) return;
  const place = placeOf(event);
  const all = corners();
  const distances = all.map((corner, index) => distance(place, corner, all[(index + 1) % all.length]));
  insert(distances.indexOf(Math.min(...distances)), place);
}

function placeOf(event) {
  const { left, top, width, height } = overlay().getBoundingClientRect();
  return [(event.clientX - left) / width, (event.clientY - top) / height];
}

/** From a point to the line between two. */
function distance([x, y], [x1, y1], [x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = dx === 0 && dy === 0 ? 0 : Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}

function moveTo(index, place) {
  const fields = form.querySelectorAll("#corners li")[index]?.querySelectorAll("input") ?? [];
  fields.forEach((field, at) => (field.value = String(rounded(place[at]))));
  settle();
}

function rounded(value) {
  return Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;
}

/** Shows at once what the fields say, and asks for its lines when the hand rests. */
function settle() {
  const all = corners();
  overlay().querySelector("#drawn").setAttribute("points", all.map((corner) => corner.join(",")).join(" "));
  overlay().querySelectorAll(".corner").forEach((corner, index) => {
    const [x, y] = all[index] ?? [0, 0];
    for (const circle of corner.querySelectorAll("circle")) {
      circle.setAttribute("cx", `${x * 100}%`);
      circle.setAttribute("cy", `${y * 100}%`);
    }
    corner.setAttribute("aria-label", wordsOf(index));
  });
  const focused = document.activeElement?.closest(".corner");
  if (focused != null) note.textContent = wordsOf(Number(focused.dataset.index));
  clearTimeout(settling);
  settling = setTimeout(() => void renew(["result"]), SETTLE_MS);
}

/** A new one halfway to the next. */
function add(index) {
  const all = corners();
  const [from, to] = [all[index], all[(index + 1) % all.length]];
  insert(index, [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]);
}

function insert(index, place) {
  const all = corners();
  if (all.length >= CORNERS_MAX) return void (note.textContent = overlay().dataset.most);
  const more = all.toSpliced(index + 1, 0, place.map(rounded));
  void renew(["overlay", "corners", "result"], more).then(() => focus(index + 1, "added"));
}

function remove(index) {
  const all = corners();
  if (all.length <= CORNERS_MIN) return void (note.textContent = overlay().dataset.least);
  void renew(["overlay", "corners", "result"], all.toSpliced(index, 1)).then(() => focus(Math.min(index, all.length - 2), "next"));
}

function focus(index, what) {
  overlay().querySelector(`.corner[data-index="${index}"]`)?.focus({ preventScroll: true });
  note.textContent = `${said(overlay().dataset[what], { n: index + 1 })} ${wordsOf(index)}`;
}

/** Puts what the gateway makes of these corners in the place of the parts with these ids. */
async function renew(ids, all = corners()) {
  clearTimeout(settling);
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const draft = new URLSearchParams([["name", form.elements.namedItem("name").value]]);
  for (const [x, y] of all) {
    draft.append("x", String(x));
    draft.append("y", String(y));
  }
  try {
    const response = await fetch(`${location.pathname}?${draft}`, { signal, cache: "no-store" });
    if (response.redirected) return location.reload();
    if (!response.ok) throw new Error(`status ${response.status}`);
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const id of ids) document.getElementById(id).replaceWith(document.importNode(fresh.getElementById(id), true));
    readyCorners();
  } catch (thrown) {
    if (!signal.aborted) note.textContent = overlay().dataset.silent;
    else if (thrown.name !== "AbortError") throw thrown;
  }
}
