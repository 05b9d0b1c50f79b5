// Shown: `hedgerow check` reads the card beside an operator's model and says what in it is not understood.
import { createHash } from "node:crypto";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addCheck } from "../../src/cli/check.ts";
import { KIT, POLICY, settingsFolder } from "../helpers/settings-folder.ts";

const MODEL = "made up bytes";
const CARD = { kind: "yunet", longSides: [640], channelOrder: "bgr", threshold: 0.2, certain: 0.6 };

async function cardsOf(card: object): Promise<string[]> {
  const sha256 = createHash("sha256").update(MODEL).digest("hex");
  const redact = `redact: { model: { file: faces.onnx, sha256: ${sha256} } }`;
  await using folder = await settingsFolder({
    policy: `${POLICY}cameras: { gate: { purpose: { en: Look }, until: 2999-01-01, ${redact} } }\n`,
    kit: `${KIT}cameras: [{ id: gate, zone: path, source: { kind: file, path: still.jpg } }]\n`,
    others: { "faces.onnx": MODEL, "faces.onnx.json": JSON.stringify(card) },
  });
  const printed: string[] = [];
  const program = new Command();
  addCheck(program, (line) => void printed.push(line));
  await program.parseAsync(["check", "--config", folder.file, "--json"], { from: "user" });
  const answer: unknown = JSON.parse(printed[0] ?? "");
  expect(answer).toMatchObject({ ok: true });
  return typeof answer === "object" && answer !== null && "cards" in answer && Array.isArray(answer.cards)
    ? answer.cards.map(String)
    : [];
}

test("a card that is understood needs no word", async () => {
  expect(await cardsOf(CARD)).toEqual([]);
});

test("a card that is not is a sentence with its camera and the key", async () => {
  const [sentence, ...more] = await cardsOf({ ...CARD, threshold: 2 });
  expect(sentence).toMatch(/^camera gate will give no picture: faces\.onnx\.json is not understood: threshold: /);
  expect(more).toEqual([]);
});
