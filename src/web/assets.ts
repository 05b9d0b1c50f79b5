// The page's own style sheet, script and picture: read once at start, served under an address that changes with them.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

const FILES = {
  css: { name: "page.css", type: "text/css; charset=utf-8" },
  js: { name: "page.js", type: "text/javascript; charset=utf-8" },
  icon: { name: "icon.svg", type: "image/svg+xml" },
} as const;

export type Asset = { readonly url: string; readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> };
export type Assets = Readonly<Record<keyof typeof FILES, Asset>>;

/** Throws Node's system errors when the installation is incomplete. */
export async function readAssets(): Promise<Assets> {
  return { css: await read(FILES.css), js: await read(FILES.js), icon: await read(FILES.icon) };
}

async function read({ name, type }: (typeof FILES)[keyof typeof FILES]): Promise<Asset> {
  const bytes = new Uint8Array(await readFile(new URL(`assets/${name}`, import.meta.url)));
  const version = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  return { url: `/assets/${name}?v=${version}`, type, bytes };
}
