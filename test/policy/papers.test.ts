// The record of processing, the start of an impact assessment and the register's entry, by the policy's rules; and that one
// changed purpose shows in everything that is made from the policy.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { languageOf, languageTags } from "../../src/languages/say.ts";
import { dpiaOf } from "../../src/policy/dpia.ts";
import type { Paper, PaperOf } from "../../src/policy/paper.ts";
import { recordOf } from "../../src/policy/record.ts";
import { registerOf, registerSchemaText } from "../../src/policy/register.ts";
import { signOf } from "../../src/policy/sign.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { policies } from "../helpers/policies.ts";
import { settingsFolder } from "../helpers/settings-folder.ts";
import { cameraRule, hostilePolicy, LINK, paperOf, signPolicy } from "../helpers/sign-policies.ts";

const english = languageOf("en");
const SCHEMA_FILE = join(import.meta.dirname, "../../config/register.schema.json");
const register = (of: PaperOf) => registerOf({ ...of, gateway: "elm-street", link: LINK.url });
const linesOf = ({ sections }: Paper, id: string) => sections.find((section) => section.id === id)?.lines ?? [];
const textsIn = (paper: Paper, id: string): readonly string[] =>
  linesOf(paper, id).flatMap((line) => (line.kind === "risk" ? [line.text, ...line.measures] : [line.text]));

test("the record has what Article 30 asks for, and leaves to people what only they know", () => {
  const paper = recordOf(paperOf(signPolicy()), english);
  const facts: Readonly<Record<string, string>> = {
    controller: "Contact: privacy@elm.example",
    purposes: "See whether the gate was left open after dark",
    dataSubjects: "People who pass the sensors and cameras",
    data: "Of movement, only the number in 15 minutes is told, from 3 on.",
    recipients: "platform.example receives events and painted-over pictures.",
    retention: "Its pictures are deleted after 3 days, sent or not.",
    security: "What is sent to platform.example is encrypted on the way and signed.",
    rights: "You may object at any time.",
  };
  for (const [id, words] of Object.entries(facts)) expect(textsIn(paper, id), id).toContain(words);
  for (const id of ["controller", "purposes", "legalBasis", "transfers", "retention", "security"])
    expect(
      linesOf(paper, id).some(({ kind }) => kind === "fill"),
      id,
    ).toBe(true);
  expect(paper.foot).toBe("Made on 22 November 2026 from the policy abababababab.");
});

test("the record says plainly what is not so: no camera, no receiver, no encryption on the way, nothing known of receivers", () => {
  const none = recordOf(paperOf(signPolicy({ cameras: {} }), { receivers: [] }), english);
  expect(JSON.stringify(none.sections)).not.toMatch(/[Pp]ictures (as they|in which)|picture of each camera/);
  expect(textsIn(none, "recipients")).toContain("Nobody: nothing is sent anywhere.");
  expect(textsIn(none, "transfers")).toEqual(["Nothing is sent to other countries."]);
  const plain = recordOf(paperOf(signPolicy(), { receivers: [{ host: "nas.lan", isEncrypted: false }] }), english);
  expect(textsIn(plain, "security").join()).toContain("nas.lan is signed, but not encrypted");
  const unknown = recordOf(paperOf(signPolicy(), { receivers: null }), english);
  expect(linesOf(unknown, "recipients")[0]).toEqual({ kind: "fill", text: "Who receives the events and pictures" });
});

test("risks follow from the rules: single movements, light of motion sensors, unmasked cameras, an own model", () => {
  const risksOf = (more: object) => textsIn(dpiaOf(paperOf(signPolicy(more)), english), "risks").join("\n");
  const each = risksOf({ events: { motion: { mode: "each" }, timeBucketS: 60 } });
  expect(each).toContain("Each movement is told, to 1 minute");
  expect(each).toContain("Light levels of motion sensors show when somebody passes.");
  const counts = risksOf({});
  expect(counts).toContain("Counts are told for 15 minutes at once, and only from 3 on.");
  expect(counts).not.toMatch(/Each movement|Light levels of motion/);
  expect(risksOf({ events: { lightOfMotionSensors: true } })).toContain("Light levels of motion sensors");
  const one = risksOf({ events: { motion: { mode: "counts", windowS: 60, atLeast: 1 } } });
  expect(one).toMatch(/Each movement is told, to 1 minute[^\n]*\nNothing in the policy lessens this\./);
  const byTheWay = /A lamp that switches itself on|picture is told with its time/g;
  expect(counts.match(byTheWay)).toHaveLength(2);
  expect(each).not.toMatch(byTheWay);
  expect(risksOf({ events: { light: false }, cameras: {} })).not.toMatch(byTheWay);
  expect(risksOf({ events: { lightOfMotionSensors: true, light: false } })).not.toContain("Light levels of motion");
  expect(counts).toContain("No area is hidden in pictures of gate-cam.");
  expect(risksOf({ cameras: {} })).not.toMatch(/face|clothes|windows/);
  const own = { redact: { model: { file: "faces.onnx", sha256: "0".repeat(64) } } };
  const measured = textsIn(
    dpiaOf(paperOf(signPolicy({ cameras: { "gate-cam": cameraRule("x", own) } })), english),
    "measured",
  );
  expect(measured[0]).toContain("these figures do not hold for it");
  expect(measured.join()).not.toContain("95%");
});

test("the figures in the assessment are those of the README", async () => {
  const readme = await readFile(join(import.meta.dirname, "../../README.md"), "utf8");
  const measured = textsIn(dpiaOf(paperOf(signPolicy()), english), "measured").join("\n");
  for (const [row, words] of [
    ["| 32 pixels and more | at least 95 % |", "Faces of 32 pixels and more: at least 95% are covered."],
    [
      "| 16 to 32 pixels | about 90 % in crowds, 98 % in ordinary pictures |",
      "about 90% in crowds, 98% in ordinary pictures",
    ],
    ["| 8 to 16 pixels | 80 to 85 % |", "Faces of 8 to 16 pixels: 80% to 85%."],
    ["| smaller | nothing is promised |", "Smaller faces: nothing is promised."],
    ["| in the dark, 16 pixels and more | about 90 % |", "In the dark, from 16 pixels on: about 90%."],
  ] as const) {
    expect(readme).toContain(row);
    expect(measured).toContain(words);
  }
});

test("config/register.schema.json is what the code says (UPDATE=1 writes it)", async () => {
  if (process.env["UPDATE"] === "1") await writeFile(SCHEMA_FILE, registerSchemaText());
  expect(await readFile(SCHEMA_FILE, "utf8")).toBe(registerSchemaText());
});

test("the entry of any policy is one by the published schema, and no finer than the policy tells", async () => {
  const Entry = z.fromJSONSchema(JSON.parse(await readFile(SCHEMA_FILE, "utf8")));
  expect(Entry.safeParse({ ...register(paperOf(signPolicy())), version: 2 }).success).toBe(false);
  fc.assert(
    fc.property(policies, (policy) => {
      const entry = register(paperOf(policy));
      expect(Entry.safeParse(JSON.parse(JSON.stringify(entry))).error).toBeUndefined();
      expect(entry.place.geohash ?? "").toBe("u09tun".slice(0, policy.events.cellLetters));
      expect(entry.containsPersonalData || entry.retention.picturesHours === null).toBe(true);
      expect(JSON.stringify(entry)).not.toContain("private-door");
    }),
    { numRuns: 60 },
  );
});

test("what the association has to fill in is null and named", () => {
  const entry = register(paperOf(signPolicy(), { receivers: null }));
  expect(entry.toFill).toEqual([
    "/observationGoals/0/goal",
    "/observationGoals/0/legalGround",
    "/observationGoals/1/legalGround",
    "/receivers",
  ]);
  for (const pointer of entry.toFill) expect(at(entry, pointer), pointer).toBeNull();
});

test("personal data: pictures, single movements and the light of motion sensors are, counts are not", () => {
  const of = (more: object) => register(paperOf(signPolicy({ cameras: {}, ...more }))).containsPersonalData;
  expect(register(paperOf(signPolicy())).containsPersonalData).toBe(true);
  expect(of({})).toBe(false);
  expect(of({ events: { motion: { mode: "each" } } })).toBe(true);
  expect(of({ events: { motion: { mode: "counts", atLeast: 1 } } })).toBe(true);
  expect(of({ events: { lightOfMotionSensors: true } })).toBe(true);
});

test("no zone's name stands where the policy tells none", () => {
  const policy = signPolicy({ events: { zones: false, cellLetters: 0 }, quiet: { zones: ["private-door"] } });
  for (const made of [recordOf(paperOf(policy), english), dpiaOf(paperOf(policy), english), register(paperOf(policy))])
    expect(JSON.stringify(made)).not.toMatch(/private-door|u09/);
});

test("nobody's words break a line or turn the direction, in any language", () => {
  for (const tag of languageTags()) {
    for (const made of [recordOf, dpiaOf]) {
      const paper = made(paperOf(hostilePolicy()), languageOf(tag));
      for (const { id } of paper.sections)
        for (const text of textsIn(paper, id)) expect(text).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
    }
  }
});

test("one changed purpose changes the sign, each paper and the digest that receipts name", async () => {
  const made = async (purpose: string) => {
    const policy = `version: 1\ncontroller: { name: Elm Street, contact: privacy@elm.example }\ncameras:\n  gate-cam: { purpose: { en: ${purpose} }, until: 2099-01-01 }\n`;
    const kit = "cameras: [{ id: gate-cam, zone: gate, source: { kind: file, path: x.jpg } }]\n";
    await using folder = await settingsFolder({ policy, kit });
    // What the gateway writes on each receipt.
    const { policy: parsed, policySha256: sha256 } = await loadSettings(folder.file);
    const of = paperOf(parsed, { sha256 });
    const texts = [
      signOf({ ...of, platforms: [], link: null }, english),
      recordOf(of, english),
      dpiaOf(of, english),
      register(of),
    ].map((each) => JSON.stringify(each));
    return { sha256, texts };
  };
  const before = await made("See the gate");
  const now = await made("See the parcels");
  expect(now.sha256).not.toBe(before.sha256);
  for (const [index, text] of now.texts.entries()) {
    expect(text).toContain("See the parcels");
    expect(text).toContain(now.sha256.slice(0, 12));
    expect(text).not.toContain("See the gate");
    expect(before.texts[index]).toContain("See the gate");
  }
});

/** What a JSON pointer of names and numbers leads to. */
function at(value: unknown, pointer: string): unknown {
  const steps = pointer.slice(1).split("/");
  return steps.reduce<unknown>(
    (found, step) =>
      typeof found === "object" && found !== null ? new Map(Object.entries(found)).get(step) : undefined,
    value,
  );
}
