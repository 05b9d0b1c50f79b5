// The page's own style sheet, scripts and picture, and the libraries that check receipts: read once at start, served under
// addresses that change with them.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const FILES = {
  css: { name: "page.css", type: "text/css; charset=utf-8" },
  icon: { name: "icon.svg", type: "image/svg+xml" },
  signCss: { name: "sign.css", type: "text/css; charset=utf-8" },
} as const;

/** One for each page that needs more than links and forms; `copy` and `live` are parts of others. */
const SCRIPTS = {
  js: "page.js",
  copy: "copy.js",
  camera: "camera.js",
  masks: "masks.js",
  receipts: "receipts.js",
  sign: "sign.js",
  setup: "setup.js",
} as const;

/** Browsers have no WebCrypto on a plain http page, so ed25519 and SHA-2 come with the page; by the names they import each other by. */
const LIBRARIES = {
  "ed25519.js": import.meta.resolve("@noble/ed25519"),
  "sha2.js": import.meta.resolve("@noble/hashes/sha2.js"),
  "_md.js": new URL("_md.js", import.meta.resolve("@noble/hashes/sha2.js")).href,
  "_u64.js": new URL("_u64.js", import.meta.resolve("@noble/hashes/sha2.js")).href,
  "utils.js": new URL("utils.js", import.meta.resolve("@noble/hashes/sha2.js")).href,
} as const;

/** MIT asks that whoever gets a copy gets this too; the documentation around the code stays here. */
const LIBRARY_NOTICE = "/*! @noble: MIT License, (c) 2019, 2022 Paul Miller (paulmillr.com) */\n";

/** `gzip`: the same, packed once at start. Brotli is for https alone, and packing what is made for each request would cost a Pi more than the network. */
export type Asset = {
  readonly url: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
};
export type Assets = Readonly<Record<keyof typeof FILES | keyof typeof SCRIPTS | keyof typeof LIBRARIES, Asset>>;

/** Throws Node's system errors when the installation is incomplete. */
export async function readAssets(): Promise<Assets> {
  const [page, copy, camera, masks, receipts, sign, setup] = await Promise.all(Object.values(SCRIPTS).map(ownScript));
  const [ed25519, sha2, md, u64, tools] = await Promise.all(Object.values(LIBRARIES).map(library));
  // Modules name each other: one version for all, so that a browser never joins an old one to a new one.
  const version = versionOf(
    [page, copy, camera, masks, receipts, sign, setup, ed25519, sha2, md, u64, tools].join("\n"),
  );
  const script = (name: string, text = ""): Asset => ({
    url: `/assets/${name}?v=${version}`,
    type: "text/javascript; charset=utf-8",
    ...packed(text.replaceAll(/\b(from|import) "\.\/([\w.-]+)"/g, `$1 "./$2?v=${version}"`)),
  });
  return {
    css: await read(FILES.css),
    icon: await read(FILES.icon),
    signCss: await read(FILES.signCss),
    js: script(SCRIPTS.js, page),
    copy: script(SCRIPTS.copy, copy),
    camera: script(SCRIPTS.camera, camera),
    masks: script(SCRIPTS.masks, masks),
    receipts: script(SCRIPTS.receipts, receipts),
    sign: script(SCRIPTS.sign, sign),
    setup: script(SCRIPTS.setup, setup),
    "ed25519.js": script("ed25519.js", ed25519),
    "sha2.js": script("sha2.js", sha2),
    "_md.js": script("_md.js", md),
    "_u64.js": script("_u64.js", u64),
    "utils.js": script("utils.js", tools),
  };
}

async function read({ name, type }: (typeof FILES)[keyof typeof FILES]): Promise<Asset> {
  const text = await ownScript(name);
  return { url: `/assets/${name}?v=${versionOf(text)}`, type, ...packed(text) };
}

function packed(text: string): Pick<Asset, "bytes" | "gzip"> {
  const bytes = new TextEncoder().encode(text);
  return { bytes, gzip: new Uint8Array(gzipSync(bytes, { level: 9 })) };
}

/** A file of ours, as text. */
function ownScript(name: string): Promise<string> {
  return readFile(new URL(`assets/${name}`, import.meta.url), "utf8");
}

/** Without its documentation, which is half of it: a phone at the edge of the Wi-Fi fetches this. */
async function library(url: string): Promise<string> {
  const text = await readFile(new URL(url), "utf8");
  const code = text.replaceAll(/^[ \t]*\/\*\*[^]*?\*\/[ \t]*\n/gm, "").replaceAll(/^[ \t]*\/\/.*\n/gm, "");
  return LIBRARY_NOTICE + code;
}

function versionOf(content: string): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 12);
}
