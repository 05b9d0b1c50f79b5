// The page About: anybody with a login may look, and may have the machine looked at, which changes nothing.
import { createHash } from "node:crypto";
import { statfs } from "node:fs/promises";
import type { Hono } from "hono";
import type { ReadingKind } from "../core/reading.ts";
import { ABOUT_LIMITS } from "./about-limits.ts";
import { aboutPage } from "./about-page.ts";
import { type AppDeps, framed, nowOf, type WebEnv } from "./answers.ts";
import { installedPackages, type Package } from "./licences.ts";
import type { KeyShown } from "./setup-platform.ts";

export function addAbout(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands, settings, transparency } = deps;
  // As it was when somebody first asked: what is installed changes with a new start only.
  let packages: Promise<readonly Package[]> | undefined;
  app.get("/about", async (c) => {
    // A GET, since it changes nothing and volunteers may: the answer is kept for a minute, whoever asks.
    if (c.req.query("look") === "now") {
      // It takes up to a minute; the page says how far it is.
      void commands.examine();
      return c.redirect("/about#machine", 303);
    }
    const doctor = commands.doctor();
    // A header, so that it goes on without script too.
    if (doctor.left.length > 0) c.header("refresh", `${ABOUT_LIMITS.refreshS}; url=/about#machine`);
    const now = nowOf(c, deps);
    const about = {
      status: commands.status(),
      kinds: kindsOf(deps),
      doctor,
      packages: await (packages ??= installedPackages()),
      key: keyOf(settings.gateway.id, transparency.view().publicKey),
      dataDir: settings.gateway.dataDir,
      freeBytes: await freeBytesOf(settings.gateway.dataDir),
      isSteward: c.get("session")?.role === "steward",
    };
    return c.html(framed(c, deps, { title: now.language.say("about.title"), body: aboutPage(about, now) }));
  });
}

/** What the sensors of the kit tell, in the order in which the first of them does. */
function kindsOf({ commands }: AppDeps): readonly ReadingKind[] {
  const known = new Map(
    commands.listFamilies().flatMap(({ profiles }) => profiles.map(({ id, kinds }) => [id, kinds] as const)),
  );
  return [...new Set(commands.listDevices().flatMap(({ profile }) => known.get(profile) ?? []))];
}

function keyOf(gateway: string, publicKey: string): KeyShown {
  const keyId = createHash("sha256").update(Buffer.from(publicKey, "base64")).digest("hex").slice(0, 16);
  return { gateway, publicKey, keyId };
}

async function freeBytesOf(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null; // a disk that does not answer is told by doctor
  }
}
