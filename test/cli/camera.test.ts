// The camera commands without a camera: the list, what is refused, and how policy.yaml is edited. With real cameras:
// journeys/camera-commands.test.ts.
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addCamera } from "../../src/cli/camera.ts";
import { maskEditor } from "../../src/cli/camera-grid.ts";
import { makePrivateDirectory } from "../../src/core/durable-file.ts";
import { silentLog } from "../../src/core/log.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { openLocalSocket } from "../../src/web/local-socket.ts";
import { fakeHouse } from "../helpers/fake-house.ts";
import { settingsFolder } from "../helpers/settings-folder.ts";

const KIT = `cameras:
  - { id: gate-cam, zone: gate, source: { kind: rtsp, url: "rtsp://192.0.2.1/" }, schedule: { at: ["03:00"] } }
  - { id: ended, zone: gate, source: { kind: mqtt, topic: cams/x } }
  - { id: mqtt-cam, zone: gate, source: { kind: mqtt, topic: cams/gate } }
  - { id: new-cam, zone: gate, source: { kind: rpicam }, schedule: { at: ["03:00"] } }
`;
const POLICY = `version: 1                       # of the form
controller: { name: Elm Street, contact: privacy@elm.example }
languages: [en, fr]
cameras:
  # agreed in May
  gate-cam:
    purpose: { en: "See the gate", fr: "Voir le portail" }   # on the sign
    until: 2099-06-30
    masks:
      # the neighbours asked for it
      - { name: window, polygon: [[0.0,0.0],[0.5,0.0],[0.5,0.5],[0.0,0.5]] }   # upper left
    redact: { level: thorough }
  ended: { purpose: { en: "x", fr: "x" }, until: 2020-01-01 }
  mqtt-cam: { purpose: { en: "x", fr: "x" }, until: 2099-01-01 }
`;

async function openSite() {
  const folder = await settingsFolder({ kit: KIT, policy: POLICY });
  const call = async (...args: string[]): Promise<string> => {
    const lines: string[] = [];
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    addCamera(program, (line) => void lines.push(line), false);
    program.commands[0]?.commands.forEach((each) => each.exitOverride().configureOutput({ writeErr: () => undefined }));
    const printed = () => lines.join("\n");
    try {
      await program.parseAsync(["camera", ...args, "--config", folder.file], { from: "user" });
    } catch (thrown) {
      throw Object.assign(thrown instanceof Error ? thrown : new Error(String(thrown)), { printed: printed() });
    }
    return printed();
  };
  const policy = join(folder.path, "policy.yaml");
  return { ...folder, policy, call, read: () => readFile(policy, "utf8") };
}

test("without a gateway the list says what may start and what may not", async () => {
  await using site = await openSite();
  expect(JSON.parse(await site.call("list", "--json"))).toMatchObject([
    { id: "gate-cam", source: "rtsp", state: "not-running", takenToday: null, perDay: 24, schedule: { at: ["03:00"] } },
    { id: "ended", state: "ended" },
    { id: "mqtt-cam", state: "not-running" },
    { id: "new-cam", state: "no-policy", perDay: 0 },
  ]);
  expect(await site.call("list")).toMatch(/^gate-cam +gate-cam +gate +rtsp +not-running +\? of 24 +no gateway runs$/m);
});

test("with a gateway the list is what the gateway says", async () => {
  await using site = await openSite();
  const dataDir = join(site.path, "data");
  await makePrivateDirectory(dataDir);
  const deps = { dataDir, commands: fakeHouse().commands, log: silentLog };
  await using _socket = await openLocalSocket(deps, new AbortController().signal);
  expect(JSON.parse(await site.call("list", "--json"))).toMatchObject([{ takenToday: 7, perDay: 24, source: "rtsp" }]);
});

test("what kit.yaml says otherwise than the registry is told, with how it is taken in", async () => {
  await using site = await openSite();
  const { gateway, kit } = await loadSettings(site.file);
  await makePrivateDirectory(gateway.gateway.dataDir);
  await (await openRegistry({ dataDir: gateway.gateway.dataDir, kit, log: silentLog }))[Symbol.asyncDispose]();
  expect(await site.call("list")).not.toMatch(/note:|kit import/);
  const written = KIT.replace("rtsp://192.0.2.1/", "rtsp://192.0.2.2/").replace("id: new-cam", "id: newer-cam");
  await writeFile(join(site.path, "kit.yaml"), written);
  const list = await site.call("list");
  expect(list).toContain("note: camera gate-cam: source differs between kit.yaml and the registry");
  expect(list).toContain("note: camera newer-cam is in kit.yaml, not in the registry");
  expect(list).toMatch(/systemctl stop hedgerow.*kit import \S+kit\.yaml/);
  await expect(site.call("test", "newer-cam")).rejects.toMatchObject({
    message: "camera newer-cam is in kit.yaml only",
    hint: expect.stringMatching(/kit import \S+kit\.yaml/),
  });
});

test("a camera that the policy does not name, or no longer, is not looked through", async () => {
  await using site = await openSite();
  await expect(site.call("test", "new-cam")).rejects.toMatchObject({
    code: "POLICY_MISSING",
    printed: expect.stringMatching(
      / {2}new-cam:\n {4}purpose: .*\n {6}en: ""\n {6}fr: ""\n {4}until: \d{4}-\d\d-\d\d /,
    ),
  });
  await expect(site.call("test", "new-cam", "--json")).rejects.toMatchObject({ printed: "" });
  await expect(site.call("test", "ended")).rejects.toMatchObject({
    code: "POLICY_MISSING",
    message: "the policy allowed camera ended until 2020-01-01 only",
  });
  await expect(site.call("test", "nothing")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a camera that only the gateway's broker hears needs the gateway, and no empty file is left", async () => {
  await using site = await openSite();
  const out = join(site.path, "look.jpg");
  await expect(site.call("test", "mqtt-cam", "--out", out)).rejects.toMatchObject({
    code: "CAMERA_UNREACHABLE",
    hint: expect.stringContaining("systemctl start"),
  });
  await expect(stat(out)).rejects.toMatchObject({ code: "ENOENT" });
  await writeFile(out, "mine");
  await expect(site.call("test", "mqtt-cam", "--out", out)).rejects.toMatchObject({ code: "CAMERA_UNREACHABLE" });
  expect(await readFile(out, "utf8")).toBe("mine");
  await expect(site.call("test", "mqtt-cam", "--out", "/nowhere/x.jpg")).rejects.toMatchObject({ code: "USAGE" });
});

test("masks are listed with their share of the picture", async () => {
  await using site = await openSite();
  expect(await site.call("mask", "gate-cam")).toMatch(/^window +25\.0 % +0,0 0\.5,0 0\.5,0\.5 0,0\.5$/m);
  expect(JSON.parse(await site.call("mask", "gate-cam", "--json"))).toMatchObject([{ name: "window", share: 0.25 }]);
  await expect(site.call("mask", "new-cam")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a mask is added and removed in place; each comment, each other line and the file's rights stay", async () => {
  await using site = await openSite();
  await chmod(site.policy, 0o640);
  await site.call("mask", "gate-cam", "--add", 'the "Café"', "--polygon", "0.62,0.10  0.80,0.10 1,.35");
  const added = '      - { name: "the \\"Café\\"", polygon: [[0.62, 0.1], [0.8, 0.1], [1, 0.35]] }\n';
  expect(await site.read()).toBe(POLICY.replace("   # upper left\n", `   # upper left\n${added}`));
  expect((await stat(site.policy)).mode & 0o777).toBe(0o640);
  expect(await site.call("mask", "gate-cam", "--remove", 'the "Café"')).toContain(
    "erased then, and the platform is told",
  );
  expect(await site.read()).toBe(POLICY);
});

test.each([
  ["a flat one", ["--polygon", "0,0 0.5,0.5 1,1"], "CONFIG_INVALID", /covers no area/],
  ["two corners", ["--polygon", "0,0 1,1"], "CONFIG_INVALID", /polygon/],
  ["a corner outside", ["--polygon", "0,0 1,1.2 0,1"], "USAGE", /"1,1\.2" is no corner/],
  ["a corner in words", ["--polygon", "0,0 a,b 0,1"], "USAGE", /"a,b" is no corner/],
  ["a corner of three", ["--polygon", "0,0 1,0,1 0,1"], "USAGE", /is no corner/],
  ["one without corners", [], "USAGE", /go together/],
])("a mask is refused, and the policy stays: %s", async (_, more, code, message) => {
  await using site = await openSite();
  await expect(site.call("mask", "gate-cam", "--add", "new", ...more)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
  expect(await site.read()).toBe(POLICY);
});

test("a name that is there, one that is not, and options that do not go together", async () => {
  await using site = await openSite();
  const polygon = ["--polygon", "0,0 1,0 1,1"];
  await expect(site.call("mask", "gate-cam", "--add", "window", ...polygon)).rejects.toMatchObject({
    code: "ALREADY_EXISTS",
  });
  await expect(site.call("mask", "gate-cam", "--remove", "door")).rejects.toMatchObject({
    code: "NOT_FOUND",
    hint: "It has: window.",
  });
  await expect(site.call("mask", "gate-cam", "--add", "a", ...polygon, "--remove", "b")).rejects.toMatchObject({
    code: "commander.conflictingOption",
  });
  await expect(site.call("mask", "gate-cam", "--picture", "gate.png")).rejects.toMatchObject({ code: "USAGE" });
  expect(await site.read()).toBe(POLICY);
});

test("a policy that is written in a way that cannot be changed in place is left alone, with the line to write", async () => {
  await using site = await openSite();
  const aliased = POLICY.replace(
    "cameras:\n",
    "cameras:\n  porch: &p { purpose: { en: x, fr: x }, until: 2099-01-01 }\n",
  ).replace(/mqtt-cam: \{.*\n/, "mqtt-cam: *p\n");
  await writeFile(site.policy, aliased);
  await expect(site.call("mask", "mqtt-cam", "--add", "a", "--polygon", "0,0 1,0 1,1")).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    hint: expect.stringContaining('- { name: "a", polygon: [[0, 0], [1, 0], [1, 1]] }'),
  });
  expect(await site.read()).toBe(aliased);
});

test("the editor's picture holds the redacted picture, the grid and each mask, and no markup of a name", () => {
  const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);
  const masks = [
    {
      name: "<script>&",
      polygon: [
        [0.1, 0.1],
        [0.3, 0.1],
        [0.3, 0.4],
      ] satisfies [number, number][],
    },
  ];
  const svg = maskEditor({ jpeg, width: 640, height: 360, masks });
  expect(svg).toContain(`href="data:image/jpeg;base64,${jpeg.toString("base64")}"`);
  expect(svg).toContain('points="64,36 192,36 192,144"');
  expect(svg).toContain("&lt;script&gt;&amp;");
  expect(svg).not.toMatch(/<script|https?:(?!\/\/www\.w3\.org)/);
  for (const tenth of [1, 2, 3, 4, 5, 6, 7, 8, 9]) expect(svg.split(`>0.${tenth}</text>`)).toHaveLength(3);
});

test("a pause is kept while no gateway runs, and said to the one that does", async () => {
  await using site = await openSite();
  expect(await site.call("pause", "gate-cam")).toContain("hedgerow camera resume gate-cam");
  const { dataDir } = (await loadSettings(site.file)).gateway.gateway;
  const paused = async () => {
    await using registry = await openRegistry({ dataDir, kit: (await loadSettings(site.file)).kit, log: silentLog });
    return registry.data().cameras.find(({ id }) => id === "gate-cam")?.paused ?? false;
  };
  expect(await paused()).toBe(true);
  await site.call("resume", "gate-cam");
  expect(await paused()).toBe(false);
  await expect(site.call("pause", "no-cam")).rejects.toMatchObject({ code: "NOT_FOUND" });
  const house = fakeHouse();
  const stop = new AbortController().signal;
  await using _socket = await openLocalSocket({ dataDir, commands: house.commands, log: silentLog }, stop);
  await site.call("pause", "gate-cam");
  expect(house.asked).toEqual([["pauseCamera", { id: "gate-cam", isPaused: true, by: "" }]]);
});
