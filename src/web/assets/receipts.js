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

const found = document.querySelector("#found");
const field = document.querySelector("#sha256");

for (const id of ["choose", "check"]) document.getElementById(id).hidden = false;
for (const row of document.querySelectorAll(".receipt")) addButton(row);
document.querySelector("#check-all").addEventListener("click", checkAll);
document.querySelector("#file").addEventListener("change", (event) => void lookFor(event.target.files[0]));

function addButton(row) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = "Check it";
  button.setAttribute("aria-label", `Check it: ${row.querySelector("b").textContent}`);
  button.addEventListener("click", () => checkRow(row));
  row.querySelector(".how").append(button);
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
  const words = !isGenuine
    ? "Not genuine: it was changed, or signed by another key."
    : follows
      ? `Genuine${older === null ? ", and the first of all" : ", and it follows the one below"}.`
      : older === null
        ? "Genuine. The one before it is older than this list."
        : "Genuine, but it does not follow the one below: one was changed, or one is missing.";
  tell(row.querySelector(".outcome"), isGenuine && (follows || older === null), words);
  return isGenuine && (follows || older === null);
}

function checkAll() {
  const rows = [...document.querySelectorAll("#receipts > .receipt")];
  const bad = rows.filter((row) => !checkRow(row)).length;
  const count = `${rows.length} ${rows.length === 1 ? "receipt" : "receipts"}`;
  const words =
    rows.length === 0
      ? "There is no receipt to check yet."
      : bad === 0
        ? `${count} checked: all genuine, and none is missing between them.`
        : `${count} checked: ${bad} ${bad === 1 ? "is" : "are"} not in order. See below.`;
  tell(document.querySelector("#all"), bad === 0, words);
}

async function lookFor(file) {
  if (file === undefined) return;
  if (file.size > PICTURE_BYTES_MAX) return tell(found, false, "The file is too large for a picture.");
  tell(found, true, "Working out its fingerprint…");
  const bytes = await file.arrayBuffer().catch(() => null);
  if (bytes === null) return tell(found, false, "The file cannot be read. Please choose it again.");
  const digest = hex(sha256(new Uint8Array(bytes)));
  field.value = digest;
  try {
    const response = await fetch(`/api/v1/receipts?sha256=${digest}`, { cache: "no-store" });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { receipts } = await response.json();
    judge(digest, receipts);
  } catch {
    tell(found, false, "The gateway does not answer. Please try again.");
  }
}

function judge(digest, receipts) {
  const good = receipts.find((receipt) => tried(() => receipt.image === digest && signatureHolds(receipt)));
  if (good !== undefined) {
    const places = `${good.regions} ${good.regions === 1 ? "place" : "places"}`;
    return tell(found, true, `There is a genuine receipt for this picture: it came from this gateway as it is, painted over in ${places}.`);
  }
  if (receipts.length > 0) return tell(found, false, "There is a receipt, but it is not genuine: it was changed, or signed by another key.");
  tell(found, false, "There is no receipt for this picture. It is not from here, or was changed, or its receipt is not shown yet.");
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
