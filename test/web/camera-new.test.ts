// A camera set up by forms alone, as without script: found or typed, tried, masked, its rules, what saving means, saved into the
// files; and what is refused on the way. Files, registry and pages are the house's own; looks and answers are made by hand.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { makerOf } from "../../src/web/camera-makers.ts";
import { enterAsVolunteer, login, openTestWeb, post } from "../helpers/test-web.ts";

const NEW = "/cameras/new";
const ADDRESS = { from: "address", address: "192.168.1.20", maker: "reolink", user: "watch", password: "se:cret" };
const RULES = {
  name: "Yard <b>",
  zone: "Back yard",
  "purpose-en": "See whether the yard is dark",
  until: "2099-01-01",
  perDay: "12",
  hours: "48",
  level: "thorough",
  unsure: "withhold",
  cooldown: "60",
  at: "07:30, 21:00",
  look: "own",
  from: "22:00",
  to: "06:00",
};

test("a camera is typed, tried, masked, described and saved, and its password stands in a file of its own alone", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const typed = await post(page, `${NEW}/source`, ADDRESS, headers);
  expect([typed.status, typed.headers.location]).toEqual([303, `${NEW}/picture`]);
  await post(page, `${NEW}/test`, {}, headers);
  expect(page.house.trials.tried).toMatchObject([
    {
      camera: { source: { kind: "rtsp", url: "rtsp://192.168.1.20/h264Preview_01_sub" } },
      credentials: "watch:se:cret",
    },
  ]);
  const tried = await page.ask("GET", `${NEW}/picture`, { headers });
  expect(tried.text).toContain("painted over in 1 place");
  expect(tried.text, "a password is never shown again").not.toContain("se:cret");
  await post(page, `${NEW}/masks`, { name: "window", x: "0.1", y: "0.1" }, headers);
  const form = { "content-type": "application/x-www-form-urlencoded", origin: page.url, ...headers };
  const drawn = "name=window&x=0.1&y=0.1&x=0.5&y=0.1&x=0.5&y=0.5";
  expect((await page.ask("POST", `${NEW}/masks`, { headers: form, body: drawn })).status).toBe(303);
  const ruled = await post(page, `${NEW}/rules`, RULES, headers);
  expect(ruled.headers.location).toBe(`${NEW}/save`);
  const before = (await page.ask("GET", `${NEW}/save`, { headers })).text;
  for (const words of [
    "announced for 24 hours before it holds",
    "Camera yard-b may look.",
    "It takes at most 12 pictures a day.",
  ])
    expect(before).toContain(words);
  const saved = await post(page, `${NEW}/save`, {}, headers);
  expect([saved.status, saved.text]).toEqual([
    200,
    expect.stringContaining('data-next="/cameras/yard-b?done=announced"'),
  ]);
  const camera = page.registry.data().cameras.find(({ id }) => id === "yard-b");
  expect(camera).toMatchObject({
    name: "Yard <b>",
    zone: "back-yard",
    cooldownS: 60,
    schedule: { between: ["22:00", "06:00"], at: ["07:30", "21:00"] },
  });
  const { policy, folder } = await page.site.site();
  expect(policy.cameras["yard-b"]).toMatchObject({
    snapshotsPerDay: 12,
    retentionHours: 48,
    redact: { level: "thorough", whenUnsure: "withhold" },
    masks: [
      {
        name: "window",
        polygon: [
          [0.1, 0.1],
          [0.5, 0.1],
          [0.5, 0.5],
        ],
      },
    ],
  });
  const file = camera !== undefined && "credentialsFile" in camera.source ? camera.source.credentialsFile : undefined;
  expect((await readFile(file ?? "", "utf8")).trim()).toBe("watch:se:cret");
  for (const name of ["policy.yaml", "gateway.yaml"])
    expect(await readFile(join(folder, name), "utf8")).not.toContain("se:cret");
  expect((await page.ask("GET", `${NEW}/picture`, { headers })).status, "the draft is over").toBe(303);
});

test("a refused login is told without a word of files, and who types it anew finds the user name there", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  await post(page, `${NEW}/source`, ADDRESS, headers);
  page.house.trials.test = {
    outcome: "withheld",
    reason: "camera-unreachable",
    detail: "camera new refuses our user name or password (401)",
    hint: "Wrong user name or password: correct the camera's credentialsFile. Upper and lower case count.",
    ms: { grab: 12 },
    frameBytes: null,
  };
  await post(page, `${NEW}/test`, {}, headers);
  const tried = (await page.ask("GET", `${NEW}/picture`, { headers })).text;
  expect(tried).toContain("Type the user name and the password of the camera once more.");
  const anew = (await page.ask("GET", `${NEW}/source`, { headers })).text;
  expect(anew).toContain('name="user" value="watch"');
  expect(anew, "a password is never shown again").not.toContain("se:cret");
});

test("cameras that answer are listed with a way to use them, and what they say of themselves stays text", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  page.house.trials.found = [{ address: "192.168.1.20", name: "<b>Door</b>\u202e", model: "HIKVISION" }];
  const { text } = await post(page, `${NEW}/find`, {}, headers);
  expect(text).toContain("1 camera answered.");
  expect(text).toContain('href="/cameras/new?address=192.168.1.20&amp;maker=hikvision#address-form"');
  expect(text).not.toMatch(/<b>Door|\u202e/);
  const filled = await page.ask("GET", `${NEW}?address=192.168.1.20&maker=hikvision`, { headers });
  expect(filled.text).toContain('<option value="hikvision" selected>');
  page.house.trials.found = [];
  expect((await post(page, `${NEW}/find`, {}, headers)).text).toContain("No camera answered.");
  page.house.trials.refusal = new GatewayError("TOO_SOON", "another camera is just looked for or tried");
  expect((await post(page, `${NEW}/find`, {}, headers)).status).toBe(429);
});

test.each([
  ["no address", { address: "" }, "That is no address of a camera."],
  ["a file", { address: "file:///etc/passwd" }, "That is no address of a camera."],
  ["a password in the address", { address: "rtsp://u:p@192.168.1.20/" }, "into their own fields"],
  ["this machine", { address: "http://127.0.0.1:8080/" }, "leads to the box itself"],
  ["this machine by name", { address: "rtsp://localhost/x" }, "leads to the box itself"],
  ["a link-local service", { address: "http://169.254.169.254/latest/" }, "leads to the box itself"],
  ["a colon in the user name", { address: "192.168.1.20", maker: "axis", user: "a:b" }, "must not hold a colon"],
  ["a folder of the system", { from: "folder", path: "/etc/ssl" }, "below /srv"],
  ["a folder that climbs", { from: "folder", path: "/srv/../etc" }, "below /srv"],
  ["a topic for many", { from: "mqtt", topic: "cams/#" }, "A topic must not be empty"],
  ["a device that is none", { from: "v4l2", device: "/dev/../etc/passwd;" }, "That is no address of a camera."],
])("%s is refused in a sentence, and nothing is begun", async (_, fields, words) => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const answered = await post(page, `${NEW}/source`, fields, headers);
  expect(answered.status).toBe(400);
  expect(answered.text).toContain(words);
  expect((await page.ask("GET", `${NEW}/rules`, { headers })).headers.location).toBe(NEW);
});

test.each([
  ["no name", { name: "???" }, "Please give it a name"],
  ["no zone", { zone: "" }, "Please write where it is"],
  ["no purpose", { "purpose-en": " " }, "Please say in English what it is for."],
  ["a day that is over", { until: "2020-01-01" }, "a last day that is not over yet"],
  ["too many pictures", { perDay: "99999" }, "please write a whole number from 0 to 10,000"],
  ["a time that is none", { at: "25:00" }, "Times are written like"],
])("rules with %s are said to be wrong, and keep what was typed", async (_, change, words) => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  await post(page, `${NEW}/source`, ADDRESS, headers);
  const answered = await post(page, `${NEW}/rules`, { ...RULES, ...change }, headers);
  expect([answered.status, answered.text.includes(words)]).toEqual([400, true]);
  const { text } = await page.ask("GET", `${NEW}/save`, { headers });
  expect(text).toContain("Something is missing still:");
  const forced = await post(page, `${NEW}/save`, {}, headers);
  expect([forced.status, (await page.site.site()).policy.cameras["yard-b"]]).toEqual([200, undefined]);
});

test("a camera that there is is changed by the same steps; what allows less holds at once", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const AT = "/cameras/gate-cam/edit";
  expect((await page.ask("GET", AT, { headers })).headers.location).toBe(`${AT}/rules`);
  const { text } = await page.ask("GET", `${AT}/rules`, { headers });
  expect(text).toContain("See whether the gate was left open after dark</textarea>");
  const rules = {
    ...RULES,
    name: "Gate camera",
    zone: "gate",
    "purpose-en": "See whether the gate was left open after dark",
  };
  const french = { "purpose-fr": "Voir si le portail est resté ouvert la nuit" };
  await post(page, `${AT}/rules`, { ...rules, ...french, until: "2027-06-30", perDay: "10", hours: "24" }, headers);
  expect((await page.ask("GET", `${AT}/save`, { headers })).text).toContain("It holds at once.");
  const saved = await post(page, `${AT}/save`, {}, headers);
  expect(saved.text).toContain('data-next="/cameras/gate-cam?done=saved"');
  expect((await page.site.site()).policy.cameras["gate-cam"]).toMatchObject({
    snapshotsPerDay: 10,
    retentionHours: 24,
  });
});

test("the draft and its test picture are one session's alone", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  await post(page, `${NEW}/source`, ADDRESS, headers);
  await post(page, `${NEW}/test`, {}, headers);
  const other = await login(page);
  expect((await page.ask("GET", `${NEW}/test.jpg`, { headers })).status).toBe(200);
  expect((await page.ask("GET", `${NEW}/test.jpg`, { headers: other })).status).toBe(404);
  expect((await page.ask("GET", `${NEW}/picture`, { headers: other })).headers.location).toBe(NEW);
});

const PAGES = [NEW, `${NEW}/rules`, "/cameras/gate-cam/edit/source", "/cameras/gate-cam/remove", `${NEW}/test.jpg`];

test("a volunteer and a stranger see none of it", async () => {
  await using page = await openTestWeb();
  await page.enter();
  const volunteer = await enterAsVolunteer(page);
  for (const path of PAGES) {
    expect((await page.ask("GET", path, { headers: volunteer })).status, path).toBe(403);
    expect((await page.ask("GET", path)).status, path).toBeOneOf([303, 401]);
  }
});

test.each([
  ["Reolink RLC-510A", "reolink"],
  ["HIKVISION DS-2CD", "hikvision"],
  ["AXIS P1455", "axis"],
  ["no name", undefined],
])("%s is of the maker %s", (words, id) => {
  expect(makerOf(words)?.id).toBe(id);
});

test("who came from the set-up goes back there when the camera is saved, and nowhere else", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  expect((await page.ask("GET", `${NEW}?then=/setup/camera`, { headers })).text).toContain(
    'name="then" value="/setup/camera"',
  );
  for (const [asked, next] of [
    ["/setup/camera", "/setup/camera"],
    ["https://evil.example/setup", "/cameras/yard-b?done=saved"],
  ] as const) {
    const body = new URLSearchParams([...Object.entries(ADDRESS), ["then", asked]]).toString();
    const form = { "content-type": "application/x-www-form-urlencoded", origin: page.url, ...headers };
    await page.ask("POST", `${NEW}/source`, { headers: form, body });
    await post(page, `${NEW}/rules`, RULES, headers);
    expect((await post(page, `${NEW}/save`, {}, headers)).text).toContain(`data-next="${next}"`);
  }
});
