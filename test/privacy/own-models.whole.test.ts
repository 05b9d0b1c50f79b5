// Shown: the redactor child holds a bounded number of operators' models, and keeps those that are used.
import { expect, test } from "vitest";
import { OwnModels } from "../../src/privacy/own-models.ts";
import { PRIVACY_LIMITS } from "../../src/privacy/privacy-limits.ts";
import { CONSTANT_CARD, constantYunet, writeModel, type WrittenModel } from "../helpers/own-models.ts";
import { tempDir } from "../helpers/temp-dir.ts";

test("only so many models are held: the one that was not used for longest goes, and is loaded again when it is needed", async () => {
  await using folder = await tempDir();
  await using models = new OwnModels(1);
  const first = await writeModel(folder.path, constantYunet(), CONSTANT_CARD);
  const others: WrittenModel[] = [];
  for (let i = 0; i < PRIVACY_LIMITS.ownModelsHeld; i += 1)
    others.push(await writeModel(folder.path, constantYunet({ obj: i }), CONSTANT_CARD));
  const before = await models.detectorOf("faces", first);
  for (const each of others.slice(1)) await models.detectorOf("faces", each);
  expect(await models.detectorOf("faces", first), "it is held").toBe(before);
  for (const each of others) await models.detectorOf("faces", each);
  expect(await models.detectorOf("faces", first), "it had to go").not.toBe(before);
});
