// Shown: the contract's checks find nothing wrong with the reference receiver, and each finds the platform that breaks what it asks for.
import { createHash, generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { z } from "zod";
import { CHECKS } from "../../../src/cli/contract/checks.ts";
import { loadExamples } from "../../../src/cli/contract/example-events.ts";
import { openPlatformDoor } from "../../../src/cli/contract/platform-door.ts";
import type { Verdict } from "../../../src/cli/contract/verdict.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { openHttpClient } from "../../../src/core/http-client.ts";
import { openPlatform } from "../../../src/demo/platform.ts";
import { verifySignature } from "../../../src/demo/platform-signature.ts";
import { loadEventSchemas, violationsOf } from "../../forward/contract-schemas.ts";
import { type Received, startScriptedPlatform } from "../../forward/scripted-platform.ts";

const GATEWAY = "contract-test";
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const publicKeys = new Map([
  [GATEWAY, Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64")],
]);
const never = new AbortController().signal;

/** What each check says of a platform. */
async function verdictsOn(url: string): Promise<Map<string, Verdict>> {
  await using http = openHttpClient({ connectTimeoutMs: 5000 });
  const door = openPlatformDoor({ url, gateway: GATEWAY, privateKey, http, clock: systemClock, stop: never });
  const examples = await loadExamples({ gateway: GATEWAY, firstSequence: 1 });
  const verdicts = new Map<string, Verdict>();
  for (const check of CHECKS) verdicts.set(check.name, await check.run(door, examples));
  return verdicts;
}

const named = (verdicts: Map<string, Verdict>): string[] =>
  [...verdicts].filter(([, { kind }]) => kind === "wrong").map(([name]) => name);

test("the reference receiver does all that the contract asks for", async () => {
  await using platform = await openPlatform({ host: "127.0.0.1", port: 0, publicKeys });
  const verdicts = await verdictsOn(platform.url);
  expect([...verdicts].filter(([, { kind }]) => kind !== "ok")).toEqual([]);
  expect(verdicts.size).toBe(CHECKS.length);
});

const Batch = z.array(
  z.looseObject({
    id: z.string().optional(),
    type: z.string().optional(),
    source: z.string().optional(),
    sequence: z.string().optional(),
    dataref: z.string().optional(),
  }),
);

/** A platform that does all right but for what it is told to do wrong. */
type Wrongs = {
  readonly trusts?: "everybody" | "first-signature" | "old";
  readonly duplicates?: "refused";
  readonly answer?: "html" | "half";
  readonly ordered?: true;
  readonly foreign?: "taken";
  readonly poison?: "taken" | "all-refused";
  readonly keepsRefused?: true;
  readonly notJson?: "taken";
  readonly pictures?: "unchecked" | "once";
  readonly early?: "refused";
  readonly newTypes?: "stop";
  readonly erased?: "refused";
};

async function openWrongPlatform(wrongs: Wrongs) {
  const known = new Map<string, string>();
  const pictures = new Set<string>();
  let highest = "";
  let wished = "";
  const isTrusted = async ({ headers, body, path, method }: Received): Promise<boolean> => {
    if (wrongs.trusts === "everybody") return true;
    const content = method === "PUT" ? (path.split("/").at(-1) ?? "") : body;
    const header = (name: string) => {
      const value = headers[name];
      return name === "webhook-signature" && wrongs.trusts === "first-signature" ? value?.split(" ")[0] : value;
    };
    const nowMs = wrongs.trusts === "old" ? Number(headers["webhook-timestamp"]) * 1000 : Date.now();
    return "gateway" in (await verifySignature({ header, content }, { publicKeys, nowMs }));
  };
  const settle = (batch: z.infer<typeof Batch>): { status: number; body: string } => {
    const settlement: Record<"accepted" | "duplicate", string[]> & { rejected: object[] } = {
      accepted: [],
      duplicate: [],
      rejected: [],
    };
    const isPoison = (event: z.infer<typeof Batch>[number]) => event.source === undefined;
    if (batch.some(isPoison) && wrongs.poison === "all-refused") return { status: 403, body: "" };
    if (wrongs.newTypes === "stop" && JSON.stringify(batch).includes("something.new")) return { status: 400, body: "" };
    for (const event of batch) {
      const { id = "", source, dataref, sequence = "" } = event;
      const body = createHash("sha256").update(JSON.stringify(event)).digest("hex");
      const refuse = (permanent: boolean) => settlement.rejected.push({ id, reason: "no", permanent });
      if (known.get(id) === body && wrongs.duplicates !== "refused") settlement.duplicate.push(id);
      else if (known.has(id)) refuse(true);
      else if (isPoison(event) && wrongs.poison !== "taken") refuse(true);
      else if (!isPoison(event) && source !== `urn:hedgerow:${GATEWAY}` && wrongs.foreign !== "taken") refuse(true);
      else if (wrongs.erased === "refused" && sequence < wished) refuse(true);
      else if (wrongs.ordered === true && sequence < highest) refuse(true);
      else if (dataref !== undefined && !pictures.has(dataref.split("/").at(-1) ?? ""))
        refuse(wrongs.early === "refused");
      else {
        known.set(id, body);
        settlement.accepted.push(id);
        if (sequence > highest) highest = sequence;
        if (event.type === "hedgerow.erasure.requested.v1") wished = sequence;
      }
    }
    if (wrongs.answer === "half") settlement.accepted.pop();
    return { status: 200, body: wrongs.answer === "html" ? "<html>Welcome</html>" : JSON.stringify(settlement) };
  };
  const answer = async (request: Received): Promise<{ status: number; body: string }> => {
    const isGood = await isTrusted(request);
    if (!isGood && wrongs.keepsRefused !== true) return { status: 401, body: "" };
    if (request.method === "PUT") {
      const digest = request.path.split("/").at(-1) ?? "";
      if (wrongs.pictures !== "unchecked" && createHash("sha256").update(request.body).digest("hex") !== digest)
        return { status: 422, body: "" };
      if (wrongs.pictures === "once" && pictures.has(digest)) return { status: 409, body: "" };
      pictures.add(digest);
      return isGood ? { status: 201, body: "{}" } : { status: 401, body: "" };
    }
    const parsed = ((): unknown => {
      try {
        return JSON.parse(request.body.toString());
      } catch {
        return null;
      }
    })();
    if (!Array.isArray(parsed)) return { status: wrongs.notJson === "taken" ? 200 : 400, body: "" };
    const settled = settle(Batch.parse(parsed));
    return isGood ? settled : { status: 401, body: "" };
  };
  return startScriptedPlatform(({ request, response }) => {
    void answer(request).then(({ status, body }) => response.writeHead(status).end(body));
  });
}

test.each<readonly [Wrongs, readonly string[]]>([
  [{}, []],
  [
    { trusts: "everybody" },
    ["bad signature", "unsigned", "picture with a bad signature", "old time stamp", "time stamp of the future"],
  ],
  [{ trusts: "first-signature" }, ["two signatures"]],
  [{ trusts: "old" }, ["old time stamp", "time stamp of the future"]],
  [{ keepsRefused: true }, ["bad signature", "unsigned"]],
  [{ duplicates: "refused" }, ["duplicate", "half a duplicate"]],
  [{ ordered: true }, ["reordered", "a wish to erase"]],
  [{ foreign: "taken" }, ["another gateway's event"]],
  [{ poison: "all-refused" }, ["poison"]],
  [{ notJson: "taken" }, ["not JSON"]],
  [{ pictures: "unchecked" }, ["picture with another digest"]],
  [{ pictures: "once" }, ["picture again"]],
  [{ early: "refused" }, ["event before its picture"]],
  [{ erased: "refused" }, ["a wish to erase"]],
  [{ newTypes: "stop" }, ["a type of tomorrow"]],
])("a platform that does %j is told of it", async (wrongs, expected) => {
  await using platform = await openWrongPlatform(wrongs);
  expect(named(await verdictsOn(platform.url))).toEqual(expected);
});

test("a log-in page and an answer that leaves ids out are no settlement", async () => {
  await using portal = await openWrongPlatform({ answer: "html" });
  expect(named(await verdictsOn(portal.url))).toEqual(expect.arrayContaining(["good batch", "a full batch"]));
  await using half = await openWrongPlatform({ answer: "half" });
  expect((await verdictsOn(half.url)).get("good batch")).toMatchObject({
    kind: "wrong",
    why: expect.stringContaining("did not name"),
  });
});

test("the examples fit the schemas that publish them", async () => {
  const schemas = await loadEventSchemas();
  const examples = await loadExamples({ gateway: GATEWAY, firstSequence: 1 });
  const events = [...examples.all(), examples.picture().event];
  expect(events).toHaveLength(schemas.size);
  expect(events.flatMap((event) => violationsOf(event, schemas))).toEqual([]);
});
