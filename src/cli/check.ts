// `hedgerow check`: every mistake and every oddity of the settings, before the gateway meets them.
import { dirname } from "node:path";
import { type Command, Option } from "commander";
import { dayIn } from "../core/day-times.ts";
import { systemClock } from "../core/clock.ts";
import { languageTags } from "../languages/say.ts";
import { peekRegistry } from "../registry/durable-adapter.ts";
import { kitDiffers } from "../registry/kit-difference.ts";
import { type Finding, findingLine } from "../settings/findings.ts";
import { jsonSchemaTexts } from "../settings/json-schemas.ts";
import { type Inspection, inspectSettings, type Settings } from "../settings/load.ts";
import { SCHEMAS } from "../settings/schema.ts";
import { CONFIG_OPTION, configFile } from "./config-file.ts";
import { whyNoLines } from "../ingest/gpio-driver.ts";
import type { Diagnosis } from "./doctor/diagnosis.ts";
import { lookAtPictureKey } from "./doctor/picture-key.ts";
import { becomeOwnerOf } from "./kit-access.ts";
import { cardsIll } from "./model-cards.ts";
import type { Print } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true; readonly schema?: keyof typeof SCHEMAS };

/** Adds the command to the program. `print` takes the answer; the exit code is 1 when there is a mistake. */
export function addCheck(program: Command, print: Print = console.log): void {
  program
    .command("check")
    .description("validate gateway.yaml, policy and kit: every mistake with file, line and remedy")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .addOption(
      new Option("--schema <name>", "print the JSON Schema of that file instead, for editors").choices(
        Object.keys(SCHEMAS),
      ),
    )
    .action(async ({ config, json, schema }: Options) => {
      if (schema !== undefined) return print(jsonSchemaTexts()[schema].trimEnd());
      const file = await configFile(config);
      const inspection = await inspectSettings(file, { spoken: languageTags() });
      const differences = inspection.settings === null ? [] : await differencesOf(inspection.settings);
      const unwired = inspection.settings === null ? [] : await unwiredOf(inspection.settings);
      const cards = inspection.settings === null ? [] : await cardsIll(inspection.settings.policy);
      const pictureKey = inspection.settings === null ? [] : await pictureKeyOf(inspection.settings);
      if (json === true) print(JSON.stringify(asJson(file, inspection, { differences, unwired, cards, pictureKey })));
      else printFindings({ file, inspection, differences, unwired, cards, pictureKey, print });
      if (inspection.settings === null || hasTrouble(pictureKey)) process.exitCode = 1;
    });
}

/** Sentences about kit.yaml against the registry, which is the truth after first start. Throws REGISTRY_DAMAGED. */
async function differencesOf({ gateway, kit }: Settings): Promise<string[]> {
  await becomeOwnerOf(gateway.gateway.dataDir);
  const data = await peekRegistry(gateway.gateway.dataDir);
  return data === null ? [] : kitDiffers(kit, data);
}

/** Sentences about wired sensors whose pins this machine does not have: the kit may be right, and this not the Pi. */
async function unwiredOf({ kit }: Settings): Promise<string[]> {
  const wired = kit.devices.flatMap(({ id, chip, pin }) => (pin === undefined ? [] : [{ id, chip, pin }]));
  const reasons = await whyNoLines(wired);
  return wired.flatMap(({ id }, index) => {
    const why = reasons[index] ?? null;
    return why === null ? [] : [`wired sensor ${id} will not be heard here: ${why}`];
  });
}

/** Where the pictures' key lies, and what that closes them to; trouble where the gateway would not start, or others read it. */
function pictureKeyOf(settings: Settings): Promise<Diagnosis[]> {
  return lookAtPictureKey({ root: "/" }, { settings, kit: settings.kit });
}

function hasTrouble(found: readonly Diagnosis[]): boolean {
  return found.some(({ state }) => state === "trouble");
}

/** `unwired`: see unwiredOf. `cards`: see cardsIll. */
type Sentences = { readonly [of in "differences" | "unwired" | "cards"]: readonly string[] };
type Found = Sentences & { readonly pictureKey: readonly Diagnosis[] };
type Report = Found & { file: string; inspection: Inspection; print: Print };

function printFindings({ file, inspection, differences, unwired, cards, pictureKey, print }: Report): void {
  const { settings, mistakes, warnings } = inspection;
  const folder = dirname(file);
  for (const mistake of mistakes) print(`mistake: ${findingLine(mistake, folder)}`);
  for (const warning of warnings) print(`warning: ${findingLine(warning, folder)}`);
  for (const sentence of [...unwired, ...cards, ...differences]) print(`warning: ${sentence}`);
  if (differences.length > 0)
    print("The registry is what holds; `hedgerow kit import FILE` takes a kit.yaml into it, `kit export` prints it.");
  const troubles = pictureKey.filter(({ state }) => state === "trouble");
  for (const { text, remedy } of troubles) print(`mistake: ${text}\n  ${remedy}`);
  const wrong = mistakes.length + troubles.length;
  if (settings === null || wrong > 0)
    return print(`${wrong} ${wrong === 1 ? "mistake" : "mistakes"} in the settings in ${folder}`);
  for (const line of [...summary(settings), ...pictureKey.map(({ text }) => text)]) print(line);
  const oddities = warnings.length + differences.length + unwired.length + cards.length;
  print(oddities === 0 ? "all good" : `all good, with ${oddities} ${oddities === 1 ? "warning" : "warnings"}`);
}

function summary({ gateway, policy, kit }: Settings): string[] {
  const today = dayIn(gateway.gateway.timezone, systemClock.nowMs());
  const watched = kit.cameras.filter(({ id }) => {
    const entry = Object.hasOwn(policy.cameras, id) ? policy.cameras[id] : undefined;
    return entry !== undefined && entry.until >= today;
  });
  return [
    `gateway ${gateway.gateway.id}: MQTT ${doorOf(gateway.broker)}, page on ${gateway.status.host}:${gateway.status.port}, data in ${gateway.gateway.dataDir}`,
    `platform: ${gateway.platform.map(({ id, url }) => `${id} at ${url}`).join(", ") || "none"}`,
    `policy of ${policy.controller.name}: motion ${policy.events.motion.mode}, ${watched.length} of ${kit.cameras.length} cameras allowed`,
    `kit: ${kit.bridges.length} bridges, ${kit.devices.length} devices, ${kit.cameras.length} cameras`,
  ];
}

function doorOf({ listen, external }: Settings["gateway"]["broker"]): string {
  return external === undefined ? `on ${listen.host}:${listen.port}` : `from the site's broker at ${external.url}`;
}

function asJson(
  file: string,
  { settings, mistakes, warnings }: Inspection,
  { pictureKey, ...sentences }: Found,
): unknown {
  return {
    ok: settings !== null && !hasTrouble(pictureKey),
    file,
    mistakes: mistakes.map(flat),
    warnings: warnings.map(flat),
    ...sentences,
    pictureKey: pictureKey.map(({ text }) => text),
    found:
      settings === null
        ? null
        : {
            bridges: settings.kit.bridges.length,
            devices: settings.kit.devices.length,
            cameras: settings.kit.cameras.length,
            sinks: settings.gateway.platform.length,
          },
  };
}

function flat({ code, file, place, text }: Finding): unknown {
  return { code, file, line: place?.line ?? null, column: place?.column ?? null, text };
}
