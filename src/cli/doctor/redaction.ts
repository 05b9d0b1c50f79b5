// The face finder: its models are those that the policy names, and a known face in a photograph is found and destroyed.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, readlink, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { RawFrame } from "../../camera/raw-frame.ts";
import { Board } from "../../core/board.ts";
import { messageOf } from "../../core/errors.ts";
import { silentLog } from "../../core/log.ts";
import { openRedactor } from "../../privacy/redact.ts";
import type { RedactAsk, Verdict } from "../../privacy/redactor.ts";
import { type Diagnosis, type Machine, note, ok, type Site, trouble } from "./diagnosis.ts";
import { DOCTOR_LIMITS } from "./doctor-limits.ts";

const REINSTALL = "Install Hedgerow's packages again: npm ci --omit=dev in its folder.";
/** One of the photographs that come with the face library; three people sit in it. */
const PHOTOGRAPH = "demo/sample1.jpg";

type RedactSettings = RedactAsk["redact"];

/** Not beside a running gateway, which has a redactor of its own: two may be more than the machine's memory holds. */
export async function lookAtRedaction(machine: Machine, site: Site | null, stop: AbortSignal): Promise<Diagnosis[]> {
  const asked = Object.values(site?.settings.policy.cameras ?? {}).map(({ redact }) => redact);
  const models = await Promise.all(modelsOf(asked).map(lookAtModel));
  if (site !== null && site.running !== null) return [...models, ...ofRunning(site.running.cameras)];
  return [
    ...models,
    ...(await tryEach(machine, { asked, lowMemory: site?.settings.gateway.redactor.lowMemory ?? "auto" }, stop)),
  ];
}

function modelsOf(asked: readonly RedactSettings[]): { file: string; sha256: string }[] {
  const named = asked.flatMap(({ model, personModel }) => [model, personModel]).filter((model) => model !== undefined);
  return [...new Map(named.map((model) => [`${model.sha256} ${model.file}`, model] as const)).values()];
}

async function lookAtModel({ file, sha256 }: { file: string; sha256: string }): Promise<Diagnosis> {
  try {
    const found = await stat(file);
    // A pipe that nobody writes to would be read for ever.
    if (!found.isFile() || found.size > DOCTOR_LIMITS.modelBytes)
      return trouble(`the model ${file} is no file of a model's size`, "Name the right file in policy.yaml.");
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(file)) hash.update(chunk);
    if (hash.digest("hex") === sha256) return ok(`the model ${file} is the one that the policy names`);
    return trouble(
      `the model ${file} is not the one that the policy names, so its cameras are stopped`,
      "Put the agreed file back, or agree on this one and write its sha256 into policy.yaml.",
    );
  } catch (cause) {
    return trouble(
      `the model ${file} cannot be read: ${messageOf(cause)}`,
      "Put it there, readable for the gateway's user.",
    );
  }
}

function ofRunning(cameras: readonly { readonly state: string; readonly why: string | null }[]): Diagnosis[] {
  const blind = cameras.find(({ state }) => state === "cannot-see");
  if (blind !== undefined) return [note("the running gateway says of a camera that it cannot see; it is named above")];
  return [ok("the running gateway has a face finder that works")];
}

/** Each way of looking that the policy asks for, once; the built-in one where there is no policy. */
async function tryEach(
  { clock }: Machine,
  { asked, lowMemory }: { asked: readonly RedactSettings[]; lowMemory: "auto" | "yes" | "no" },
  stop: AbortSignal,
): Promise<Diagnosis[]> {
  const ways = new Map(
    asked.map((redact) => [JSON.stringify({ ...redact, level: 0, whenUnsure: 0 }), redact] as const),
  );
  const plain: RedactSettings = { level: "normal", whenUnsure: "withhold" };
  const deadline = AbortSignal.any([stop, AbortSignal.timeout(DOCTOR_LIMITS.redactorMs)]);
  try {
    const bytes = await readFile(join(libraryFolder(), PHOTOGRAPH));
    await using redactor = await openRedactor({ clock, board: new Board(), log: silentLog, lowMemory }, deadline);
    const found: Diagnosis[] = [];
    for (const redact of ways.size === 0 ? [plain] : ways.values()) {
      using frame = new RawFrame({ bytes: Buffer.from(bytes), cameraId: "doctor", takenAtMs: clock.nowMs() });
      found.push(judge(await redactor.redact(frame, { masks: [], redact }, deadline), redact));
    }
    return [...found, await lookAtNetwork(redactor.childPid)];
  } catch (cause) {
    if (deadline.aborted)
      return [
        trouble(
          `the face finder gave no answer within ${DOCTOR_LIMITS.redactorMs / 1000} s`,
          "The machine may be too slow or too short of memory; see what else runs: top",
        ),
      ];
    return [trouble(`the face finder cannot be tried: ${messageOf(cause)}`, REINSTALL)];
  }
}

/** By the kernel's names of the two network namespaces. Nothing in the child opens a connection in any case. */
async function lookAtNetwork(pid: number | undefined): Promise<Diagnosis> {
  const [ours, theirs] = await Promise.all(
    ["self", String(pid)].map((name) => readlink(`/proc/${name}/ns/net`).catch(() => null)), // not known is not enforced
  );
  if (theirs !== null && ours !== theirs) return ok("the face finder is kept from every network by the system");
  return note(
    "the face finder uses no network, but this system does not enforce it",
    "Let users have namespaces of their own: sudo sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=1000",
  );
}

function judge(verdict: Verdict, { model }: RedactSettings): Diagnosis {
  const which = model === undefined ? "the face finder" : `the own model ${model.file}`;
  if (verdict.kind === "withheld") return trouble(`${which} does not work: ${verdict.detail}`, REINSTALL);
  const { boxes, outcome } = verdict.image.content;
  if (outcome !== "redacted" || boxes.length === 0)
    return trouble(
      `${which} finds no face in a photograph with faces`,
      model === undefined ? REINSTALL : "Check the JSON beside the model, or use the built-in one.",
    );
  const ms = Math.round(verdict.ms["total"] ?? 0);
  return ok(`${which} works: in a photograph with faces it painted over ${boxes.length} places, in ${ms} ms`);
}

function libraryFolder(): string {
  return dirname(dirname(fileURLToPath(import.meta.resolve("@vladmandic/face-api"))));
}
