// The looks that each page has, and what is measured inside a browser page, as scripts: contrast of every text, and what lies
// beside the screen.
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { axeViolations } from "./axe.ts";
import { DESK } from "./browser-page.ts";

const OUT = join(import.meta.dirname, "../../out");

const PHONE = { width: 390, height: 844 };
const ALL_LOOKS = [
  { name: "desktop", viewport: DESK, colorScheme: "light" },
  { name: "phone-dark", viewport: PHONE, colorScheme: "dark" },
  { name: "desktop-dark", viewport: DESK, colorScheme: "dark" },
  { name: "phone", viewport: PHONE, colorScheme: "light" },
] as const;
/** A phone and a desk, one by night and one by day; in the soak each of them both ways. */
export const LOOKS = ALL_LOOKS.slice(0, process.env["SOAK"] === undefined ? 2 : 4);
/** For what is done step by step over many pages: once in test/run. */
export const STEP_LOOKS = LOOKS.slice(0, process.env["SOAK"] === undefined ? 1 : 4);

/** Texts whose contrast to their ground is under 4.5:1, or 3:1 when large (WCAG 2.2, 1.4.3), as "ratio text". */
export const CONTRAST = `(() => {
  const parse = (colour) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b]
    .map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (text === "" || !element.checkVisibility() || element.closest(".unseen, .skip, script") !== null) continue;
    const style = getComputedStyle(element);
    const [dark, light] = [luminance(parse(style.color)), luminance(ground(element))].sort((a, b) => a - b);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) found.push(ratio.toFixed(2) + " " + text.slice(0, 40));
  }
  return found;
})()`;

/** Elements that reach beyond the screen's right edge and cannot be scrolled to inside their own frame (WCAG 2.2, 1.4.10). */
export const WIDER_THAN_THE_SCREEN = `(() => {
  const width = document.documentElement.clientWidth;
  const found = [...document.querySelectorAll("body *")].filter((element) =>
    element.getBoundingClientRect().right > width + 1 && element.closest(".scroll, .unseen") === null && element.checkVisibility());
  if (document.documentElement.scrollWidth > width) found.push(document.documentElement);
  return found.map((element) => element.tagName + " " + element.className + " " + element.textContent.trim().slice(0, 40));
})()`;

/** What a screen reader would have no name for: fields, buttons, links, pictures (WCAG 2.2, 1.1.1 and 4.1.2), and ids that are there twice. */
const UNLABELLED = `(() => {
  const named = (element) => (element.getAttribute("aria-label") ?? element.getAttribute("alt") ?? element.textContent).trim() !== ""
    || [...(element.labels ?? [])].some((label) => label.textContent.trim() !== "");
  const found = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, [role=button], img:not([alt=''])")]
    .filter((element) => element.checkVisibility() && !named(element)).map((element) => element.outerHTML.slice(0, 80));
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  return [...found, ...ids.filter((id, index) => ids.indexOf(id) !== index)];
})()`;

/** A screenshot in out/ (docs and eyes), and all measures, also at 200 % where that leaves more than a phone's width. */
export async function shootPage(
  page: Page,
  { what, look }: { what: string; look: (typeof LOOKS)[number] },
): Promise<void> {
  const { name, viewport } = look;
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(OUT, `${what}-${name}.png`), fullPage: true });
  const measure = async (size: string): Promise<void> => {
    for (const script of [CONTRAST, WIDER_THAN_THE_SCREEN, UNLABELLED])
      expect(await page.evaluate(script), `${what} ${size}`).toEqual([]);
  };
  await measure("as it is");
  expect(await axeViolations(page), what).toEqual([]);
  if (viewport.width <= 640) return;
  await page.setViewportSize({ width: viewport.width / 2, height: viewport.height / 2 });
  await measure("at 200 %");
  await page.setViewportSize(viewport);
}
