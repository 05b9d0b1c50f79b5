// Reads all that the local page answers to somebody: what its links lead to from the front doors on, and the doors of programs.
import { readdirSync, readFileSync } from "node:fs";

const ROOM = new URL("../../src/web/", import.meta.url);
/** Every way without a placeholder that the room names, and one that nobody does. */
const DOORS = [
  ...readdirSync(ROOM)
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => [...readFileSync(new URL(file, ROOM), "utf8").matchAll(/\bapp\.get\(\s*"([^":*]+)"/g)])
    .map(([, way = ""]) => way)
    // It never ends.
    .filter((way) => way !== "/api/v1/stream"),
  "/not-there",
];
/** Pages of single devices are all alike: so many of them, and those whose way is asked for. */
const DEVICES_MAX = 12;
const PAGES_MAX = 300;

/** By `who` and path: headers and body of each answer, also of refusals. `cookie`: of a session. */
export async function readAllPages(
  base: string,
  { who, cookie, doors = [] }: { readonly who: string; readonly cookie?: string; readonly doors?: readonly string[] },
): Promise<ReadonlyMap<string, Buffer>> {
  const pages = new Map<string, Buffer>();
  const ways = [...DOORS, ...doors];
  let devices = 0;
  for (const way of ways) {
    const isOfDevice = /^\/devices\/[^/]+/.test(way) && !doors.includes(way);
    if (pages.has(`${who} ${way}`) || pages.size >= PAGES_MAX || (isOfDevice && ++devices > DEVICES_MAX)) continue;
    const answer = await fetch(`${base}${way}`, {
      redirect: "manual",
      headers: cookie === undefined ? {} : { cookie },
    });
    const body = Buffer.from(await answer.arrayBuffer());
    const headers = JSON.stringify([...answer.headers].filter(([name]) => name !== "set-cookie"));
    pages.set(`${who} ${way}`, Buffer.concat([Buffer.from(`${answer.status} ${headers}\n`), body]));
    if (answer.headers.get("content-type")?.includes("html") === true)
      ways.push(...linksOf(body.toString("utf8"), way));
  }
  return pages;
}

/** Within the page, assets aside: those are the same for everybody. */
function linksOf(html: string, at: string): string[] {
  return Array.from(html.matchAll(/\s(?:href|src)="([^"#]+)/g), ([, link = ""]) => link.replaceAll("&amp;", "&"))
    .map((link) => new URL(link, `http://page.example${at}`))
    .filter(({ host, pathname }) => host === "page.example" && !pathname.startsWith("/assets/"))
    .map(({ pathname, search }) => pathname + search);
}
