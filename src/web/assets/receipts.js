// Checks receipts in the reader's own browser: the ed25519 signature of each, and that each names the one before it. A chosen
// picture is read here and never sent; its SHA-256 alone is asked for.
import { hashes, verify } from "./ed25519.js";
import { sha256, sha512 } from "./sha2.js";

hashes.sha512 = sha512;

/** What a signature covers: these fields, in this order, as JSON without spaces. */
const SIGNED = ["version", "image", "outcome", "regions", "policy", "model", "settings", "canaryAgeS", "previous", "keyId"];
const FIRST = "0".repeat(64);
/** No redacted picture is larger; a video chosen by mistake would fill a phone's memory. */
const PICTURE_BYTES_MAX = 64 * 1024 * 1024;

/** The page's own sentences, in its language; a page without a receipt has none. */
const said = document.querySelector("#words")?.content;
const say = (name, numbers = {}) =>
  Object.entries(numbers).reduce(
    (words, [place, number]) => words.replace(`{${place}}`, String(number)),
    said.querySelector(`[data-say="${name}"]`).textContent,
  );

const found = document.querySelector("#found");
const field = document.querySelector("#sha256");

// The page of what is collected has the latest receipts alone.
for (const part of document.querySelectorAll("#choose, #check")) part.hidden = false;
for (const part of document.querySelectorAll("#no-script")) part.hidden = true;
for (const row of document.querySelectorAll(".receipt")) addButton(row);
document.querySelector("#check-all")?.addEventListener("click", checkAll);
document.querySelector("#file")?.addEventListener("change", (event) => void lookFor(event.target.files[0]));

function addButton(row) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = say("check");
  button.setAttribute("aria-label", `${say("check")}: ${row.querySelector("b").textContent}`);
  button.addEventListener("click", () => checkRow(row));
  row.querySelector(".how").replaceChildren(button);
}

/** What the row itself shows is what is checked. */
function receiptIn(row) {
  return JSON.parse(row.querySelector("[data-receipt]").textContent);
}

/** Whether its one signature is good, and what of its chain can be seen here. */
function checkRow(row) {
  const older = row.nextElementSibling;
  const isGenuine = tried(() => signatureHolds(receiptIn(row)));
  const follows = tried(() => receiptIn(row).previous === (older === null ? FIRST : digestOf(receiptIn(older))));
  const words = !isGenuine ? "bad" : follows ? (older === null ? "first" : "genuine") : older === null ? "last" : "gap";
  tell(row.querySelector(".outcome"), isGenuine && (follows || older === null), say(words));
  return isGenuine && (follows || older === null);
}

function checkAll() {
  const rows = [...document.querySelectorAll("#receipts > .receipt")];
  const bad = rows.filter((row) => !checkRow(row)).length;
  const words = rows.length === 0 ? "all-none" : bad === 0 ? "all-good" : "all-bad";
  tell(document.querySelector("#all"), bad === 0, say(words, { count: rows.length, bad }));
}

async function lookFor(file) {
  if (file === undefined) return;
  if (file.size > PICTURE_BYTES_MAX) return tell(found, false, say("large"));
  tell(found, true, say("working"));
  const bytes = await file.arrayBuffer().catch(() => null);
  if (bytes === null) return tell(found, false, say("unread"));
  const digest = hex(sha256(new Uint8Array(bytes)));
  field.value = digest;
  try {
    const response = await fetch(`/api/v1/receipts?sha256=${digest}`, { cache: "no-store" });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { receipts } = await response.json();
    judge(digest, receipts);
  } catch {
    tell(found, false, say("no-answer"));
  }
}

function judge(digest, receipts) {
  const good = receipts.find((receipt) => tried(() => receipt.image === digest && signatureHolds(receipt)));
  if (good !== undefined) return tell(found, true, say("found-genuine"));
  tell(found, false, say(receipts.length > 0 ? "found-bad" : "found-none"));
}

function signatureHolds({ signature, ...signed }) {
  const isWhole = Object.keys(signed).join() === SIGNED.join();
  // Base64 may be written in more than one way, and only one is what the gateway wrote.
  const isAsWritten = btoa(atob(signature)) === signature;
  // A gateway that has changed its key names several; which one signed is in what was signed.
  const keys = document.querySelector("#key").value.trim().split(/[\s,]+/).map(bytesOf);
  const key = keys.find((bytes) => hex(sha256(bytes)).startsWith(signed.keyId));
  return isWhole && isAsWritten && key !== undefined && verify(bytesOf(signature), signedBytes(signed), key, { zip215: false });
}

function digestOf(receipt) {
  const { signature } = receipt;
  return hex(sha256.create().update(signedBytes(receipt)).update(new TextEncoder().encode(signature)).digest());
}

function signedBytes(receipt) {
  return new TextEncoder().encode(JSON.stringify(Object.fromEntries(SIGNED.map((name) => [name, receipt[name]]))));
}

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What cannot even be read is not genuine. */
function tried(check) {
  try {
    return check();
  } catch {
    return false;
  }
}

/** Icon, word and colour: none of the three is needed to understand the others. */
function tell(place, isGood, words) {
  const note = document.createElement("span");
  note.className = isGood ? "note good" : "note bad";
  note.textContent = `${isGood ? "✓" : "✗"} ${words}`;
  place.replaceChildren(note);
}
