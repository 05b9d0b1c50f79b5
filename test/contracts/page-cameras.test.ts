// One camera in a real browser: a test picture and its progress, a mask drawn by keyboard, mouse, finger and without script,
// and how these pages look. Skipped aloud where there is no chromium.
import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { type FakeHouse, fakeHouse } from "../helpers/fake-house.ts";
import { hasBrowser, openBrowser, setUp } from "../helpers/browser-page.ts";
import { LOOKS, shootPage, STEP_LOOKS } from "../helpers/page-looks.ts";
import { streetPicture } from "../helpers/street-picture.ts";
import type { TestWeb } from "../helpers/test-web.ts";

const MASKS = "/cameras/gate-cam/masks";

async function openMasks(options: BrowserContextOptions = {}) {
  const open = await openBrowser(options);
  await setUp(open);
  await open.page.goto(`${open.web.url}/cameras/gate-cam`);
  return open;
}

/** The corners that would be kept now, as they stand in the form that keeps them. */
const CORNERS = `JSON.stringify([...document.querySelectorAll("#keep [name=x]")].map((x, n) => [Number(x.value), Number(document.querySelectorAll("#keep [name=y]")[n].value)]))`;

async function waitForCorners(page: Page, corners: RegExp | string): Promise<void> {
  const now = () => page.evaluate<string>(CORNERS);
  await expect
    .poll(async () => (typeof corners === "string" ? (await now()) === corners : corners.test(await now())), {
      timeout: 10_000,
    })
    .toBe(true);
}

/** As the real house does after a change: the page that waits for it goes on. */
async function openAnew(page: Page, house: FakeHouse): Promise<void> {
  await page.locator("#opening").waitFor();
  house.set({ gateway: { ...house.commands.status().gateway, startedAt: new Date().toISOString() } });
}

const kept = async (web: TestWeb) => (await web.site.site()).policy.cameras["gate-cam"]?.masks;

describe.runIf(hasBrowser())("the page of a camera", () => {
  test("a test picture is asked for, awaited in words, and shown with what was found; the mask is drawn on it", async () => {
    await using open = await openMasks();
    const { page, house, complaints } = open;
    const look = Promise.withResolvers<void>();
    const asked = house.commands.testCamera.bind(house.commands);
    Object.assign(house.commands, {
      testCamera: async (...ask: Parameters<typeof asked>) => {
        await look.promise;
        return await asked(...ask);
      },
    });
    // Locators wait for the page that the look leads to; what the page says meanwhile is told by itself.
    await page.evaluate(TELL_PROGRESS);
    const told = page.waitForEvent("console", { predicate: (line) => line.text().includes("disabled") });
    await page.getByRole("button", { name: "Take a test picture" }).focus();
    await page.keyboard.press("Enter");
    expect((await told).text()).toMatch(/faces are looked for. This may take half a minute. disabled$/);
    look.resolve();
    await page.getByRole("img", { name: "Redacted test picture of Gate camera" }).waitFor();
    await page.getByText("painted over in 2 places", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Draw a mask on it" }).click();
    await page.getByRole("img", { name: "Newest test, redacted picture" }).waitFor();
    await page.waitForLoadState();
    expect(await page.evaluate("document.querySelector('.mask-picture img').naturalWidth")).toBe(1280);
    expect(complaints).toEqual([]);
  });

  test("a mask is drawn by keyboard alone: corners move, come and go, and it is kept as drawn", async () => {
    await using open = await openMasks();
    const { page, web, house, complaints } = open;
    await page.goto(web.url + MASKS);
    await page.getByLabel("Name").fill("hedge");
    const corner = (n: number) => page.getByRole("button", { name: new RegExp(`^Corner ${n}:`) });
    await corner(1).focus();
    for (const key of ["ArrowLeft", "ArrowLeft", "ArrowUp", "Shift+ArrowDown"]) await page.keyboard.press(key);
    await waitForCorners(page, "[[0.38,0.391],[0.6,0.4],[0.6,0.6],[0.4,0.6]]");
    expect(await page.locator("#said").textContent()).toBe("Corner 1: 38 % from the left, 39.1 % from the top");
    await page.keyboard.press("Enter");
    await waitForCorners(page, "[[0.38,0.391],[0.49,0.396],[0.6,0.4],[0.6,0.6],[0.4,0.6]]");
    expect(await page.locator(":focus").getAttribute("aria-label")).toContain("Corner 2");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Delete");
    await waitForCorners(page, "[[0.38,0.391],[0.49,0.396],[0.6,0.6],[0.4,0.6]]");
    await page.getByRole("button", { name: "Keep this mask" }).focus();
    await page.keyboard.press("Enter");
    await openAnew(page, house);
    await page.getByText("The mask is kept.").waitFor();
    const hedge = [
      [0.38, 0.391],
      [0.49, 0.396],
      [0.6, 0.6],
      [0.4, 0.6],
    ];
    expect((await kept(web))?.at(-1)).toEqual({ name: "hedge", polygon: hedge });
    await page.getByText("Corners, in order around it").first().click();
    for (const x of [1, 2]) await page.locator(`#x${x}`).fill(x === 1 ? "0.6" : "0.1");
    await page.getByText("The edges of the mask cross").waitFor();
    expect(complaints).toEqual([]);
  });

  test("a mask is drawn by mouse, and by finger", async () => {
    await using open = await openMasks({ hasTouch: true });
    const { page, web, complaints } = open;
    await page.goto(web.url + MASKS);
    const box = await page.locator("#overlay").boundingBox();
    if (box === null) throw new Error("unreachable");
    const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
    await page.mouse.move(...at(0.6, 0.6));
    await page.mouse.down();
    await page.mouse.move(...at(0.75, 0.8), { steps: 5 });
    await page.mouse.up();
    await waitForCorners(page, /\[0\.7[45]\d*,0\.(79|80?)\d*\]/);
    await page.touchscreen.tap(...at(0.5, 0.2));
    await waitForCorners(page, /\[0\.4,0\.4\],\[0\.(49|50?)\d*,0\.(19|20?)\d*\]/);
    expect(await page.locator(".corner").count()).toBe(5);
    expect(complaints).toEqual([]);
  });

  test("without script the same is done with numbers", async () => {
    await using open = await openMasks({ javaScriptEnabled: false });
    const { page } = open;
    await page.getByRole("button", { name: "Take a test picture" }).click();
    await page.getByRole("link", { name: "Draw a mask on it" }).click();
    await page.getByRole("img", { name: "Newest test, redacted picture" }).waitFor();
    await page.getByRole("button", { name: "Add a corner" }).click();
    await page.getByText("Corners, in order around it").first().click();
    await page.locator("#x4").fill("0.3");
    await page.locator("#y4").fill("0.5");
    await page.locator("#y4").press("Enter");
    await page.locator("#keep [name=x][value='0.3']").waitFor({ state: "attached" });
    await page.getByText("Corners, in order around it").first().click();
    await page.getByRole("button", { name: "Remove corner 1" }).click();
    await expect.poll(() => page.locator("#keep [name=x]").count()).toBe(4);
    await page.getByRole("button", { name: "Keep this mask" }).click();
    await page.getByText("The mask is kept.").waitFor();
    const drawn = [
      [0.6, 0.4],
      [0.6, 0.6],
      [0.4, 0.6],
      [0.3, 0.5],
    ];
    expect((await kept(open.web))?.at(-1)?.polygon).toEqual(drawn);
  });
});

describe.runIf(hasBrowser())("a new camera", () => {
  test.each(STEP_LOOKS)(
    "is found, tried, described and saved on a $name, by keyboard in its last step",
    async (look) => {
      const { viewport, colorScheme } = look;
      await using open = await openBrowser({ viewport, colorScheme });
      await setUp(open);
      const { page, web, house, complaints } = open;
      const shoot = (what: string) => shootPage(page, { what, look });
      if (house.picture !== null && house.trials.test.outcome !== "withheld")
        house.trials.test = { ...house.trials.test, jpeg: house.picture };
      await page.goto(`${web.url}/cameras`);
      await page.getByRole("link", { name: "Add a camera" }).click();
      await page.getByRole("button", { name: "Look for cameras" }).click();
      await page.getByText("1 camera answered.").waitFor();
      await shoot("camera-new");
      await page.getByRole("link", { name: "Use it: 192.168.1.20" }).click();
      await page.getByLabel("User name of the camera").fill("watch");
      await page.getByLabel("Password of the camera").fill("se:cret");
      await page.getByRole("button", { name: "Go on" }).click();
      await page.getByRole("button", { name: "Try it" }).click();
      await page.getByText("painted over in 1 place", { exact: true }).waitFor();
      await shoot("camera-new-tried");
      await page.getByRole("link", { name: "Go on" }).click();
      await page.getByRole("button", { name: "Keep this mask" }).click();
      await page.getByRole("button", { name: "Take it away: new mask" }).waitFor();
      await page.getByRole("link", { name: "Go on" }).click();
      await page.getByLabel("Name").fill("Yard");
      await page.getByLabel("Zone").fill("yard");
      await page.getByLabel("What it is for, in English").fill("See whether the yard is dark");
      await shoot("camera-new-rules");
      await page.getByRole("button", { name: "Go on" }).click();
      await page.getByText("announced for 24 hours before it holds").waitFor();
      await shoot("camera-new-save");
      expect(complaints).toEqual([]);
      await page.getByRole("button", { name: "Save it" }).focus();
      await page.keyboard.press("Enter");
      await openAnew(page, house);
      await page.waitForURL(/cameras\/yard\?done=announced/);
      expect((await web.site.site()).policy.cameras["yard"]?.masks).toHaveLength(1);
    },
  );
});

/** What stands below the buttons when the first of them is switched off. */
const TELL_PROGRESS = `new MutationObserver(() =>
  console.info(document.querySelector("#progress").textContent, document.querySelector("form[data-slow] button").disabled ? "disabled" : "")
).observe(document.body, { subtree: true, attributes: true, childList: true })`;

describe.runIf(hasBrowser())("the looks of a camera", () => {
  test.each(LOOKS)("it can be read on a $name, at twice the size too", async (look) => {
    const { viewport, colorScheme } = look;
    const caution =
      "The camera's folder is on a disk, where raw pictures can be found again after they were erased. Put it into memory, by this line in /etc/fstab: tmpfs /srv/gate-cam tmpfs size=64m,mode=0770,uid=hedgerow 0 0";
    const { cameras } = fakeHouse().commands.status();
    const house = fakeHouse({ cameras: cameras.map((camera) => ({ ...camera, caution, source: "folder" })) });
    await using open = await openBrowser({ viewport, colorScheme }, house);
    house.picture = await streetPicture();
    const shoot = (what: string) => shootPage(open.page, { what, look });
    await setUp(open);
    const { page, web } = open;
    await page.goto(`${web.url}/cameras/gate-cam`);
    await shoot("camera");
    await page.getByRole("button", { name: "Take a test picture" }).click();
    await page.getByText("painted over in 2 places", { exact: true }).waitFor();
    await shoot("camera-test");
    house.cameraTest = {
      outcome: "withheld",
      reason: "camera-unreachable",
      detail: "no frame from gate-cam in 8000 ms",
      hint: "Is the camera plugged in, and is its address in kit.yaml right?",
      ms: { grab: 8002 },
      frameBytes: null,
    };
    await page.goto(web.url + MASKS);
    await page.getByRole("button", { name: /^Corner 2:/ }).focus();
    await page.keyboard.press("ArrowRight");
    await waitForCorners(page, /\[0\.61,0\.4\]/);
    await shoot("masks");
    await page.goto(`${web.url}/cameras/gate-cam?look=refused&why=daily-budget`);
    await page.getByRole("button", { name: "Take a test picture" }).click();
    await page.getByText("No picture to show").waitFor();
    await shoot("camera-withheld");
    expect(open.complaints).toEqual([]);
  });
});
