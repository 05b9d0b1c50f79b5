// The page About: each of its links leads somewhere, doctor is asked once and its findings are shown with their remedies, the
// licences are those of what is installed, and volunteers may look.
import { mkdir, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DoctorView } from "../../src/core/doctor-commands.ts";
import { languageOf } from "../../src/languages/say.ts";
import { SUPPORT_MONTHS } from "../../src/web/about-limits.ts";
import { installedPackages } from "../../src/web/licences.ts";
import { fakeHouse } from "../helpers/fake-house.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { enterAsVolunteer, openTestWeb } from "../helpers/test-web.ts";

const linksOf = (html: string): readonly string[] => {
  const [, list = ""] = /<ul class="card links">(.*?)<\/ul>/s.exec(html) ?? [];
  return [...list.matchAll(/href="([^"]+)"/g)].map(([, href = ""]) => href);
};

test("each link leads to a page for who sees it", async () => {
  await using page = await openTestWeb();
  const steward = await page.enter();
  const volunteer = await enterAsVolunteer(page);
  const slips: string[] = [];
  for (const headers of [steward, volunteer]) {
    const { text, status } = await page.ask("GET", "/about", { headers });
    expect(status).toBe(200);
    const links = linksOf(text);
    expect(links.length).toBeGreaterThan(5);
    for (const path of links) {
      const answered = await page.ask("GET", path, { headers });
      if (answered.status !== 200) slips.push(`${path}: ${answered.status}`);
    }
  }
  expect(slips).toEqual([]);
});

test("a stranger is led to the login, and the page is marked in the navigation", async () => {
  await using page = await openTestWeb();
  const { headers } = await page.ask("GET", "/about");
  expect(headers.location).toBe("/setup");
  const { text } = await page.ask("GET", "/about", { headers: await page.enter() });
  expect(text).toContain('<a href="/about" aria-current="page">More</a>');
});

test("a volunteer may have the machine looked at; what needs a hand stands first, with its remedy", async () => {
  await using page = await openTestWeb();
  await page.enter();
  const headers = await enterAsVolunteer(page);
  expect((await page.ask("GET", "/about", { headers })).text).not.toContain("The voltage is too low");
  const looked = await page.ask("GET", "/about?look=now", { headers });
  expect([looked.status, looked.headers.location, page.house.asked]).toEqual([
    303,
    "/about#machine",
    [["examine", {}]],
  ]);
  const { text, headers: sent } = await page.ask("GET", "/about", { headers });
  expect(sent["refresh"]).toBeUndefined();
  expect(text).toContain("2 things need a hand.");
  const order = ["The voltage is too low.", "Use the supply made", "200 MiB are free.", "SD card.", "Node v24.21.0"];
  const places = order.map((words) => text.indexOf(words));
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  expect(places[0]).toBeGreaterThan(0);
});

test("while it is looked, the page says at what, renews itself, and has no button", async () => {
  const view: DoctorView = { at: null, left: ["disk", "platform"], groups: [] };
  const { commands } = fakeHouse();
  await using page = await openTestWeb({ commands: { ...commands, doctor: () => view } });
  const { text, headers } = await page.ask("GET", "/about", { headers: await page.enter() });
  expect(headers["refresh"]).toBe("2; url=/about#machine");
  expect(text).toContain("Looking at: Disk and Platform.");
  expect(text).not.toContain('name="look"');
});

test("what doctor says is marked as English on a page in Arabic, and the rest is not English", async () => {
  await using page = await openTestWeb();
  const headers = { ...(await page.enter()), "accept-language": "ar" };
  await page.ask("GET", "/about?look=now", { headers });
  const { text } = await page.ask("GET", "/about", { headers });
  expect(text).toContain('lang="en" dir="ltr">The voltage is too low.</p>');
  const arabic = languageOf("ar");
  for (const key of ["about.title", "about.doctor", "about.never-faces"] as const)
    expect(text).toContain(arabic.say(key));
});

test("what it senses is what its sensors tell, in words", async () => {
  await using page = await openTestWeb();
  const { text } = await page.ask("GET", "/about", { headers: await page.enter() });
  expect(text).toContain("Its sensors tell: motion, light in lux and battery.");
  expect(text).toContain("It has one camera.");
});

test("each package that runs here has its licence, and none that only tests need is told of", async () => {
  const packages = await installedPackages();
  const names = packages.map(({ name }) => name);
  expect(packages.length).toBeGreaterThan(60);
  expect(packages.filter(({ licence, version }) => licence === null || version === "")).toEqual([]);
  for (const name of ["aedes", "hono", "sharp", "onnxruntime-node", "@vladmandic/face-api", "mqtt-packet"])
    expect(names).toContain(name);
  for (const name of ["vitest", "typescript", "playwright-core", "axe-core"]) expect(names).not.toContain(name);
});

test("a package is found where Node finds it: beside who needs it, then further up; a ring ends; damage is passed over", async () => {
  await using folder = await tempDir();
  const write = async (at: string, manifest: unknown): Promise<void> => {
    await mkdir(join(folder.path, at), { recursive: true });
    await writeFile(join(folder.path, at, "package.json"), JSON.stringify(manifest));
  };
  await write(".", { name: "own", dependencies: { one: "1", gone: "1" }, optionalDependencies: { torn: "1" } });
  await write("node_modules/one", {
    name: "one",
    version: "1.0.0",
    license: "MIT",
    dependencies: { two: "1", up: "1" },
  });
  await write("node_modules/one/node_modules/two", { name: "two", version: "2.0.0", license: { type: "ISC" } });
  await write("node_modules/two", { name: "two", version: "1.0.0", license: "GPL-3.0" });
  await write("node_modules/up", {
    name: "up",
    version: "3.0.0",
    licenses: ["MIT", { type: "ISC" }],
    dependencies: { one: "1" },
  });
  await write("node_modules/torn", "no manifest");
  expect(await installedPackages(folder.path)).toEqual([
    { name: "one", version: "1.0.0", licence: "MIT" },
    { name: "two", version: "2.0.0", licence: "ISC" },
    { name: "up", version: "3.0.0", licence: "MIT OR ISC" },
  ]);
  expect(await installedPackages(join(folder.path, "nowhere"))).toEqual([]);
});

test("the README names each package that Hedgerow asks for itself, with its licence", async () => {
  const {
    dependencies,
    optionalDependencies,
  }: Record<string, Record<string, string>> = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const section = readme.slice(readme.indexOf("## Licence and third parties"));
  const licences = new Map((await installedPackages()).map(({ name, licence }) => [name, licence]));
  const asked = Object.keys({ ...dependencies, ...optionalDependencies });
  expect(asked.length).toBeGreaterThan(20);
  // Of another kind of processor: not installed here.
  const slips = asked.filter(
    (name) => !section.includes(`\`${name}\``) || !section.includes(licences.get(name) ?? "Node.js (MIT"),
  );
  expect(slips).toEqual([]);
});

test("how long a version is supported is said the same here and in SECURITY.md", () => {
  const words = ["no", "one", "two", "three", "four", "five", "six"][SUPPORT_MONTHS] ?? String(SUPPORT_MONTHS);
  const written = readFileSync(new URL("../../SECURITY.md", import.meta.url), "utf8");
  expect(written).toContain(`Supported is the newest release, and the one before it for ${words} months.`);
});
