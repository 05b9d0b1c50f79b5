// Devices, bridges, families and what waits for approval, for programs: looking with a login, changing as a steward.
import type { Context, Hono } from "hono";
import { z } from "zod";
import type { Credentials } from "../core/commands.ts";
import type { AppDeps, WebContext, WebEnv } from "./answers.ts";
import { ASKS, jsonOf } from "./forms.ts";
import { ANNOUNCED_ASK, CHANGE_ASK, REPLACE_ASK } from "./local-devices.ts";
import { refusalOf } from "./refusals.ts";

/** The bodies of changes to a device that exists. */
export const DEVICE_CHANGES = {
  change: z.strictObject(CHANGE_ASK),
  replace: z.union([z.strictObject(ANNOUNCED_ASK), z.strictObject(REPLACE_ASK)]),
};

export function addDeviceApi(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands, links } = deps;
  app.get("/api/v1/devices", (c) => {
    const topics = new Map(commands.listDevices().map(({ id, topic }) => [id, topic]));
    const devices = commands.status().devices.map((device) => ({ ...device, topic: topics.get(device.id) ?? null }));
    return c.json({ devices });
  });
  app.get("/api/v1/bridges", (c) => c.json({ bridges: commands.listBridges() }));
  app.get("/api/v1/families", (c) => c.json({ families: commands.listFamilies() }));
  app.get("/api/v1/proposals", (c) => c.json({ proposals: commands.listProposals() }));
  app.get("/api/v1/devices/:id/heard", (c) => answer(c, () => ({ messages: commands.deviceHeard(c.req.param("id")) })));

  /** The credentials with their one-time link. */
  const told = (c: WebContext, kind: "device" | "bridge", credentials: Credentials) => {
    const asking = { kind, credentials, owner: null, askedAs: c.req.header("host") ?? "" };
    return { ...credentials, link: links.make(asking).link };
  };
  app.post("/api/v1/devices", (c) =>
    change(c, ASKS.pair, async (ask) => told(c, "device", await commands.pairDevice(ask))),
  );
  app.post("/api/v1/bridges", (c) =>
    change(c, ASKS.bridge, async (ask) => told(c, "bridge", await commands.addBridge(ask))),
  );
  app.post("/api/v1/proposals/:id/approve", (c) =>
    change(c, ASKS.approve, (ask) => commands.approve({ proposal: c.req.param("id"), ...ask })),
  );
  app.post("/api/v1/proposals/:id/dismiss", (c) =>
    change(c, ASKS.nothing, () => commands.dismiss({ proposal: c.req.param("id") })),
  );
  for (const kind of ["device", "bridge"] as const) {
    const path = `/api/v1/${kind}s/:id` as const;
    app.post(`${path}/credentials`, (c) =>
      change(c, ASKS.nothing, async () =>
        told(c, kind, await commands.renewCredentials({ kind, id: c.req.param("id") })),
      ),
    );
    for (const what of ["revoke", "remove"] as const)
      app.post(`${path}/${what}`, (c) =>
        change(c, ASKS.nothing, async () => {
          const login = { kind, id: c.req.param("id") };
          await commands[what](login);
          links.forget(login);
        }),
      );
  }
  for (const isPaused of [true, false])
    app.post(`/api/v1/devices/:id/${isPaused ? "pause" : "resume"}`, (c) =>
      change(c, ASKS.nothing, () => commands.pause({ id: c.req.param("id") ?? "", isPaused })),
    );
  app.post("/api/v1/devices/:id/change", (c) =>
    change(c, DEVICE_CHANGES.change, (ask) => commands.changeDevice({ id: c.req.param("id"), ...ask })),
  );
  app.post("/api/v1/devices/:id/replace", (c) =>
    change(c, DEVICE_CHANGES.replace, async (ask) => {
      const id = c.req.param("id");
      const made = await commands.replaceDevice({ id, ...ask });
      links.forget({ kind: "device", id });
      // What announced itself is set up already.
      return "proposal" in ask ? { ...made, link: null } : told(c, "device", made);
    }),
  );
  app.post("/api/v1/devices/:id/switch", (c) =>
    change(c, ASKS.switch, (ask) =>
      commands.switchLamp({ id: c.req.param("id"), ...ask, by: c.get("session")?.user ?? "" }),
    ),
  );
}

/** The body as `schema` has it, then the change and what it answers, `{}` for nothing. An empty body is `{}`. */
export async function change<S extends z.ZodType>(
  c: Context<WebEnv>,
  schema: S,
  act: (ask: z.infer<S>) => Promise<object | void>,
): Promise<Response> {
  const isEmpty = (await c.req.raw.clone().text()) === "";
  const ask = schema.safeParse(isEmpty ? {} : await jsonOf(c));
  if (ask.success) return await answer(c, () => act(ask.data));
  const fields = ask.error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`);
  return c.json({ error: `Send JSON as application/json. ${fields.slice(0, 5).join("; ")}` }, 400);
}

async function answer(c: Context<WebEnv>, act: () => object | void | Promise<object | void>): Promise<Response> {
  try {
    return c.json((await act()) ?? {});
  } catch (thrown) {
    const { status, sentence } = refusalOf(thrown);
    return c.json({ error: sentence }, status);
  }
}
