// One camera's page and API over real HTTP: what is told of it, a test picture that one session alone sees, who may do what.
import { expect, test } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import type { CameraView } from "../../src/core/commands.ts";
import { fakeHouse, fakeStatus } from "../helpers/fake-house.ts";
import { ledgerOf, signedReceipts } from "../helpers/signed-receipts.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { enterAsVolunteer, login, openTestWeb, post } from "../helpers/test-web.ts";

const AT = "/cameras/gate-cam";

function camera(change: Partial<CameraView> = {}): CameraView {
  const [first] = fakeStatus().cameras;
  if (first === undefined) throw new Error("unreachable");
  return { ...first, ...change };
}

async function pageOf(change: Partial<CameraView>): Promise<string> {
  await using page = await openTestWeb({ house: fakeHouse({ cameras: [camera(change)] }) });
  return (await page.ask("GET", AT, { headers: await page.enter() })).text;
}

test("what it sees, when it looks, where from and what it is allowed stands in plain words", async () => {
  const text = await pageOf({});
  for (const words of [
    "7 of 24 used today",
    "It looks from sunset to sunrise only. It takes a picture each day at these times: 22:00.",
    "when one of these notices something: Porch motion.",
    "a video stream (RTSP)",
    "See whether the gate was left open after dark",
    "30 June 2027",
    "neighbour window",
    "If faces could not be looked for in a picture, it is not sent.",
  ])
    expect(text).toContain(words);
});

test("the cards of the cameras lead to their pages", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  for (const path of ["/", "/cameras"])
    expect((await page.ask("GET", path, { headers })).text).toContain(`<a href="${AT}">`);
});

test.each<[CameraView["state"], string]>([
  ["no-policy", "agree on it"],
  ["ended", "agree on a new last day"],
  ["unreachable", "take a test picture: it says what to do."],
  ["withheld", "is the lens clean"],
  ["cannot-see", "restart the box"],
])("a camera that is %s says the one next step", async (state, words) => {
  const text = await pageOf({ state, why: "no frame in 8000 ms" });
  expect(text.match(/<b>Next step:<\/b>/g)).toHaveLength(1);
  expect(text).toContain(words);
  // What has not been agreed, or is over, is said by the state already.
  const isTold = state !== "no-policy" && state !== "ended";
  expect(text.includes('<p class="facts" lang="en" dir="ltr">no frame in 8000 ms</p>')).toBe(isTold);
});

test("a caution is a warning with its remedy, on the card too", async () => {
  const caution =
    "The camera's folder is on a disk. Put it into memory, by this line in /etc/fstab: tmpfs /srv/cam tmpfs";
  await using page = await openTestWeb({ house: fakeHouse({ cameras: [camera({ caution })] }) });
  const headers = await page.enter();
  for (const path of [AT, "/cameras", "/"]) {
    const { text } = await page.ask("GET", path, { headers });
    expect(text).toMatch(
      /class="note late"[^>]*>[^]*Put it into memory, by this line in \/etc\/fstab: tmpfs \/srv\/cam tmpfs/,
    );
  }
});

test("names and reasons with markup and directions stay text", async () => {
  const text = await pageOf({ name: "<b>Gate</b>\u202e", why: "<script>no</script>", caution: "<i>disk</i>" });
  expect(text).toContain("&lt;b&gt;Gate&lt;/b&gt;</bdi>");
  expect(text).not.toMatch(/<script>no|<i>disk|\u202e/);
});

test("the receipt of its last picture is found, whatever the public page may tell by now", async () => {
  await using directory = await tempDir();
  const receipts = await signedReceipts(directory.path, ["ab".repeat(32), "cd".repeat(32)]);
  await using page = await openTestWeb({ dataDir: directory.path, ...ledgerOf(receipts) });
  const { text } = await page.ask("GET", AT, { headers: await page.enter() });
  expect(text).toContain("faces painted over in 1 place");
  expect(text).toContain(`<code>${"ab".repeat(32)}</code>`);
});

test("a test picture is shown with what was found and each step's time, to the session that asked alone", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const other = await login(page);
  const answered = await post(page, `${AT}/test`, {}, headers);
  expect([answered.status, answered.headers.location]).toEqual([303, `${AT}#test`]);
  const { text } = await page.ask("GET", AT, { headers });
  for (const words of ["painted over in 2 places", "1280 × 720", "Asking the camera", "740", "1,271 ms in all"])
    expect(text).toContain(words);
  expect(text).toContain("Not kept, not sent, not counted");
  const picture = await page.ask("GET", `${AT}/test.jpg`, { headers });
  expect([picture.status, picture.headers["content-type"], picture.headers["cache-control"]]).toEqual([
    200,
    "image/jpeg",
    "no-store",
  ]);
  expect((await page.ask("GET", `${AT}/test.jpg`, { headers: other })).status).toBe(404);
  expect((await page.ask("GET", AT, { headers: other })).text).not.toContain("Test picture</h2>");
  expect((await page.ask("GET", `${AT}/test.jpg`)).status).toBe(401);
});

test.each([
  ["over by its button", (page: Opened, headers: Cookie) => post(page, `${AT}/forget`, {}, headers)],
  ["over with the login", (page: Opened, headers: Cookie) => post(page, "/logout", {}, headers)],
])("a test picture is %s", async (_, end) => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  await post(page, `${AT}/test`, {}, headers);
  expect((await end(page, headers)).status).toBe(303);
  expect((await page.ask("GET", `${AT}/test.jpg`, { headers })).status).toBeGreaterThanOrEqual(401);
});

type Opened = Awaited<ReturnType<typeof openTestWeb>>;
type Cookie = { readonly cookie: string };

test("a test picture that is withheld says why, and the next step", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  page.house.cameraTest = {
    outcome: "withheld",
    reason: "unsure",
    detail: "too dark <b>",
    hint: "Is there enough light?",
    ms: { grab: 12 },
    frameBytes: null,
  };
  await post(page, `${AT}/test`, {}, headers);
  const { text } = await page.ask("GET", AT, { headers });
  expect(text).toContain("Could not tell whether all faces were found.");
  expect(text).toContain("Too dark &lt;b&gt;.");
  expect(text).toContain("<b>Next step:</b> Is there enough light?");
  expect((await page.ask("GET", `${AT}/test.jpg`, { headers })).status).toBe(404);
});

test("a second look while the first is in hand is refused in a sentence, on the page and as JSON", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const busy = () =>
    new GatewayError("TOO_SOON", "camera gate-cam is taking a picture", { hint: "Wait some seconds, then try again." });
  page.house.refusal = busy();
  const shown = await post(page, `${AT}/test`, {}, headers);
  expect(shown.status).toBe(429);
  expect(shown.text).toContain("Camera gate-cam is taking a picture. Wait some seconds, then try again.");
  expect(shown.text, "what renews itself would send the form again").not.toContain("/assets/page.js");
  const back = await page.ask("GET", `${AT}/test`, { headers });
  expect([back.status, back.headers.location]).toEqual([303, AT]);
  page.house.refusal = busy();
  const told = await page.send(`/api/v1${AT}/test`, {}, headers);
  expect([told.status, JSON.parse(told.text).error]).toEqual([429, expect.stringContaining("Wait some seconds")]);
});

test("a camera that the policy does not name has no buttons, and is refused by name", async () => {
  const unnamed = camera({ id: "yard-cam", name: "Yard", state: "no-policy", perDay: 0 });
  await using page = await openTestWeb({ house: fakeHouse({ cameras: [camera(), unnamed] }) });
  const headers = await page.enter();
  const { text } = await page.ask("GET", "/cameras/yard-cam", { headers });
  expect(text).not.toContain("Take a test picture</button>");
  expect(text).toContain("it has not been agreed that it may look");
  page.house.refusal = new GatewayError("USAGE", "camera yard-cam is not started: the policy does not name it");
  expect((await post(page, "/cameras/yard-cam/test", {}, headers)).status).toBe(400);
  page.house.refusal = new GatewayError("USAGE", "camera yard-cam is not started: the policy does not name it");
  expect((await page.send("/api/v1/cameras/yard-cam/look", {}, headers)).status).toBe(400);
  expect((await page.ask("GET", "/cameras/yard-cam/masks", { headers })).status).toBe(409);
  expect(JSON.parse((await page.ask("GET", "/api/v1/cameras/yard-cam", { headers })).text).policy).toBeNull();
});

test.each([
  ["taken", null, "The picture was taken"],
  ["withheld", "unsure", "Nothing of it left or was kept. Could not tell whether all faces were found."],
  ["refused", "daily-budget", "No picture was taken. The day’s number was used up."],
] as const)("a picture asked for by hand that was %s says so", async (outcome, why, words) => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const answered = await post(page, `${AT}/look`, {}, headers);
  expect(page.house.asked).toEqual([["lookNow", { id: "gate-cam", by: "steward" }]]);
  expect(answered.headers.location).toBe(`${AT}?look=taken`);
  const query = new URLSearchParams({ look: outcome, ...(why !== null && { why }) });
  expect((await page.ask("GET", `${AT}?${query.toString()}`, { headers })).text).toContain(words);
});

test("an address with words of its own says nothing of them", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const { text } = await page.ask("GET", `${AT}?look=refused&why=call+this+number`, { headers });
  expect(text).toContain("No picture was taken.");
  expect(text).not.toContain("call this number");
});

test("for programs: the camera with its policy, a test picture in base64, a look by hand", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const { camera: view, policy } = JSON.parse((await page.ask("GET", `/api/v1${AT}`, { headers })).text);
  expect([view.id, view.takenToday, policy.masks[0].name]).toEqual(["gate-cam", 7, "neighbour window"]);
  const tested = JSON.parse((await page.send(`/api/v1${AT}/test`, {}, headers)).text);
  expect(tested).toMatchObject({ outcome: "redacted", jpeg: "/9j/2Q==", ms: { grab: 740 } });
  expect(JSON.parse((await page.send(`/api/v1${AT}/look`, {}, headers)).text)).toEqual({ outcome: "taken", why: null });
  expect((await page.send(`/api/v1${AT}/test`, { level: "none" }, headers)).status).toBe(400);
  expect((await page.ask("GET", `${AT}/test.jpg`, { headers })).status, "a program's test is held for nobody").toBe(
    404,
  );
});

const CHANGES = [`${AT}/test`, `${AT}/look`, `${AT}/forget`, `/api/v1${AT}/test`, `/api/v1${AT}/look`];
const LOOKS = [AT, `${AT}/masks`, `/api/v1${AT}`];

test.each([...CHANGES, ...LOOKS])("a stranger gets nothing from %s", async (path) => {
  await using page = await openTestWeb();
  await page.enter();
  const answered = CHANGES.includes(path) ? await page.send(path, {}) : await page.ask("GET", path);
  expect(answered.status).toBe(path.startsWith("/api") ? 401 : 303);
  expect(page.house.asked).toEqual([]);
});

test("a volunteer looks, and changes nothing", async () => {
  await using page = await openTestWeb();
  await page.enter();
  const headers = await enterAsVolunteer(page);
  for (const path of LOOKS) expect((await page.ask("GET", path, { headers })).status, path).toBe(200);
  expect((await page.ask("GET", AT, { headers })).text).not.toContain("Take a test picture");
  for (const path of CHANGES) expect((await page.send(path, {}, headers)).status, path).toBe(403);
  expect(page.house.asked).toEqual([]);
});

test.each(CHANGES)("another site cannot press %s", async (path) => {
  await using page = await openTestWeb();
  const headers = { ...(await page.enter()), origin: "http://evil.example" };
  expect((await page.send(path, {}, headers)).status).toBe(403);
  expect(page.house.asked).toEqual([]);
});

test("a camera that does not exist is said to be not here", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  const other = (path: string) => path.replace("gate-cam", "no-cam");
  for (const path of LOOKS) expect((await page.ask("GET", other(path), { headers })).status, path).toBe(404);
  for (const path of CHANGES) expect((await page.send(other(path), {}, headers)).status, path).toBe(404);
  expect((await page.ask("GET", "/cameras/no-cam/test.jpg", { headers })).status).toBe(404);
});
