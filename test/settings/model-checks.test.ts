// Shown: `check` and the start say of an operator's model that is missing or another one what is there and what to do, and the
// house starts nevertheless: it is one camera's matter, and the redactor withholds its pictures.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { KIT, POLICY, said } from "../helpers/settings-folder.ts";

const MODEL = "made up bytes";
const SHA256 = createHash("sha256").update(MODEL).digest("hex");
const policyWith = (redact: string): string =>
  `${POLICY}cameras: { gate: { purpose: { en: Look }, until: 2999-01-01, redact: { ${redact} } } }\n`;
const kit = `${KIT}cameras: [{ id: gate, zone: path, source: { kind: file, path: still.jpg } }]\n`;
const named = (key: string, sha256: string): string => `${key}: { file: faces.onnx, sha256: ${sha256} }`;

test("a model that is there, with its card, is well", async () => {
  const others = { "faces.onnx": MODEL, "faces.onnx.json": "{}" };
  const { mistakes, warnings } = await said({ kit, policy: policyWith(named("model", SHA256)), others });
  expect(mistakes).toEqual([]);
  expect(warnings.filter((line) => line.includes("faces.onnx"))).toEqual([]);
});

test.each([
  ["is missing", {}, SHA256, "there is no model ./faces.onnx"],
  ["is another one", { "faces.onnx": MODEL }, "ab".repeat(32), `./faces.onnx has the SHA-256 ${SHA256}`],
  ["has no card", { "faces.onnx": MODEL }, SHA256, "there is no ./faces.onnx.json"],
])("a model that %s is a warning with the remedy, at its line", async (_what, others, sha256, text) => {
  for (const [key, more] of [
    ["model", ""],
    ["personModel", ", persons: true"],
  ] as const) {
    const { mistakes, warnings } = await said({ kit, policy: policyWith(`${named(key, sha256)}${more}`), others });
    expect(mistakes).toEqual([]);
    const about = warnings.filter((line) => line.includes("camera gives no picture"));
    expect(about).toHaveLength(1);
    expect(about[0]).toContain(text);
    expect(about[0]).toMatch(/^policy\.yaml:3:\d+ .*; .*; until then/);
  }
});

test("a SHA-256 that is cut, and a camera's address of another kind, are told what to write", async () => {
  const source = "source: { kind: rtsp, url: 'http://192.0.2.1/s' }";
  const wrong = kit.replace("source: { kind: file, path: still.jpg }", source);
  const { mistakes } = await said({ kit: wrong, policy: policyWith(named("model", "8f2383e4")) });
  expect(mistakes).toEqual([
    expect.stringMatching(/^policy\.yaml:.* a SHA-256 is 64 digits and letters from a to f$/),
    expect.stringMatching(/^kit\.yaml:.* write an address such as rtsp:\/\//),
  ]);
});
