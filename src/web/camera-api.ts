// One camera for programs, and receipts for anybody: the same as the pages, as JSON.
import type { Hono } from "hono";
import { type AppDeps, sayNo, type WebContext, type WebEnv, whileAsking } from "./answers.ts";
import { cameraOf as entryOf } from "../policy/compare-cameras.ts";
import { cameraOf, NO_CAMERA } from "./camera-asked.ts";
import { ASKS } from "./forms.ts";
import { refusalOf } from "./refusals.ts";

const SHA256 = /^[0-9a-f]{64}$/;

export function addCameraApi(app: Hono<WebEnv>, deps: AppDeps, stop: AbortSignal): void {
  const { commands, transparency } = deps;
  app.get("/api/v1/cameras/:id", (c) => {
    const camera = cameraOf(deps, c);
    if (camera === undefined) return sayNo(c, deps, NO_CAMERA);
    return c.json({ camera, policy: entryOf(deps.policy.cameras, camera.id) ?? null });
  });
  app.post("/api/v1/cameras/:id/test", (c) =>
    asked(c, deps, async (id) => {
      const test = await commands.testCamera({ id }, whileAsking(c, stop));
      return test.outcome === "withheld" ? test : { ...test, jpeg: test.jpeg.toString("base64") };
    }),
  );
  app.post("/api/v1/cameras/:id/look", (c) =>
    asked(c, deps, (id) => commands.lookNow({ id, by: c.get("session")?.user ?? "" })),
  );
  app.get("/api/v1/receipts", (c) => {
    const { asOf, publicKey, publicKeys, receipts } = transparency.view();
    const image = c.req.query("sha256");
    if (image === undefined) return c.json({ asOf, publicKey, publicKeys, receipts });
    if (!SHA256.test(image)) return c.json({ error: "Write ?sha256= and 64 hexadecimal digits in lower case." }, 400);
    return c.json({ asOf, publicKey, publicKeys, receipts: transparency.receiptsOf(image) });
  });
}

/** A change of a camera that takes no more than its id; a body is empty or `{}`. */
async function asked(c: WebContext, deps: AppDeps, act: (id: string) => Promise<object>): Promise<Response> {
  const camera = cameraOf(deps, c);
  if (camera === undefined) return await sayNo(c, deps, NO_CAMERA);
  if (!(await isNothing(c))) return c.json({ error: "Send no body, or {} as application/json." }, 400);
  try {
    return c.json(await act(camera.id));
  } catch (thrown) {
    c.req.raw.signal.throwIfAborted();
    const { status, sentence } = refusalOf(thrown);
    return c.json({ error: sentence }, status);
  }
}

async function isNothing(c: WebContext): Promise<boolean> {
  const text = await c.req.text();
  if (text === "") return true;
  try {
    return ASKS.nothing.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
