// The house is kept open: closed and opened anew when its gateway says so, with the settings of then, until the stop. The gateways
// here are made by hand; that the whole real one does it is shown by test/journeys/set-up.test.ts and policy-loosened.test.ts.
import { writeFile } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { GatewayError } from "../src/core/errors.ts";
import { silentLog } from "../src/core/log.ts";
import type { Gateway } from "../src/gateway.ts";
import { keepOpen } from "../src/reopening.ts";
import type { Undo } from "../src/site.ts";
import { loadSettings } from "../src/settings/load.ts";
import { GATEWAY, settingsFolder } from "./helpers/settings-folder.ts";

/** `name`: of the settings it was opened with. */
function gatewayNamed(said: string[], name: string | undefined) {
  const due = Promise.withResolvers<Undo | null>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const gateway: Pick<Gateway, "due" | "failed"> = { due: due.promise, failed: failed.promise };
  said.push(`open ${name ?? "nameless"}`);
  return { gateway, due, failed };
}

async function houseOn(path: string, said: string[]) {
  const stop = new AbortController();
  const opened: ReturnType<typeof gatewayNamed>[] = [];
  let isOpen = Promise.withResolvers<void>();
  const settings = await loadSettings(path);
  const running = keepOpen(
    {
      settings,
      load: () => loadSettings(path),
      open: async ({ gateway }, trouble) => {
        if (trouble !== null) said.push(trouble);
        if (gateway.gateway.name === "Unopenable") throw new GatewayError("CERTIFICATE_UNUSABLE", "the key is gone");
        const made = gatewayNamed(said, gateway.gateway.name);
        opened.push(made);
        return made.gateway;
      },
      close: async () => void said.push("close"),
      opened: () => isOpen.resolve(),
      log: silentLog,
    },
    stop.signal,
  );
  const next = async () => {
    await isOpen.promise;
    isOpen = Promise.withResolvers();
    return opened.at(-1);
  };
  return { running, next, stop };
}

test("when settings changed it is closed, then opened with the new ones; broken ones leave it as it was", async () => {
  await using folder = await settingsFolder();
  const said: string[] = [];
  const { running, next, stop } = await houseOn(folder.file, said);
  const first = await next();
  await writeFile(folder.file, GATEWAY.replace("id: elm-street", "id: elm-street, name: Oak"));
  first?.due.resolve(null);
  const second = await next();
  await writeFile(folder.file, "gateway: {");
  second?.due.resolve(null);
  await next();
  stop.abort();
  await running;
  const trouble = expect.stringContaining("gateway.yaml:1:11");
  expect(said).toEqual(["open nameless", "close", "open Oak", "close", trouble, "open Oak", "close"]);
});

test("what passes the check and yet cannot be opened is taken back, and the house that opens knows why", async () => {
  await using folder = await settingsFolder();
  const said: string[] = [];
  const { running, next, stop } = await houseOn(folder.file, said);
  const first = await next();
  await writeFile(folder.file, GATEWAY.replace("id: elm-street", "id: elm-street, name: Unopenable"));
  first?.due.resolve(() => writeFile(folder.file, GATEWAY));
  await next();
  stop.abort();
  await running;
  expect(said).toEqual(["open nameless", "close", "the key is gone", "open nameless", "close"]);
  expect((await loadSettings(folder.file)).gateway.gateway.name).toBeUndefined();
});

test("a disk that refuses to put the files back does not end the house: it goes on as it was", async () => {
  await using folder = await settingsFolder();
  const said: string[] = [];
  const { running, next, stop } = await houseOn(folder.file, said);
  const first = await next();
  await writeFile(folder.file, GATEWAY.replace("id: elm-street", "id: elm-street, name: Unopenable"));
  first?.due.resolve(() => Promise.reject(new GatewayError("DATA_DIR_UNUSABLE", "no space left on device")));
  await next();
  stop.abort();
  await running;
  expect(said).toEqual(["open nameless", "close", "the key is gone", "open nameless", "close"]);
});

test("opened anew again and again, it keeps nothing of the houses before", async () => {
  await using folder = await settingsFolder();
  const settings = await loadSettings(folder.file);
  const stop = new AbortController();
  const changes: WeakRef<object>[] = [];
  const isEnough = Promise.withResolvers<void>();
  const running = keepOpen(
    {
      settings,
      load: async () => settings,
      open: async (): Promise<Pick<Gateway, "due" | "failed">> => {
        const failed = new Promise<never>(() => undefined);
        if (changes.length === 20) return { due: new Promise(() => undefined), failed };
        const undo: Undo = async () => void changes.length;
        changes.push(new WeakRef(undo));
        return { due: Promise.resolve(undo), failed };
      },
      close: async () => undefined,
      opened: () => void (changes.length === 20 && isEnough.resolve()),
      log: silentLog,
    },
    stop.signal,
  );
  await isEnough.promise;
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("there is no gc() to call");
  const left = (): number => {
    collect();
    return changes.filter((change) => change.deref() !== undefined).length;
  };
  // The loop itself may hold on to the last.
  await expect.poll(left, { timeout: 10_000 }).toBeLessThanOrEqual(2);
  stop.abort();
  await running;
});

test("a gateway that cannot go on is closed, and ends the program", async () => {
  await using folder = await settingsFolder();
  const said: string[] = [];
  const { running, next } = await houseOn(folder.file, said);
  const first = await next();
  first?.failed.reject(new GatewayError("SPOOL_FAILED", "the disk refused a write"));
  await expect(running).rejects.toMatchObject({ code: "SPOOL_FAILED" });
  expect(said).toEqual(["open nameless", "close"]);
});
