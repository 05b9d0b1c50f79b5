// axe-core in a real browser: what it finds wrong with a page for who sees, hears or moves otherwise.
import axe from "axe-core";
import type { Page } from "playwright-core";

/** Each violation as "rule: what is wrong: where", in the page's present state; the page's own policy stays as it is. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  // By the debugger's way in, which no Content-Security-Policy refuses.
  await page.evaluate(axe.source);
  const found = await page.evaluate<{ id: string; help: string; nodes: { target: string[] }[] }[]>(
    "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)",
  );
  return found.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
  );
}
