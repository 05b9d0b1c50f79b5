// `hedgerow camera mask ID`: what of a camera's picture is painted over in any case. Masks stand in policy.yaml, since the
// community agreed on them; they are edited there, and everything else in the file stays as people wrote it.
import { type Command, Option } from "commander";
import { GatewayError } from "../core/errors.ts";
import { addToList, removeFromList } from "../core/yaml-list.ts";
import { loadSettings, type Settings } from "../settings/load.ts";
import type { CameraPolicyEntry } from "../settings/schema.ts";
import { lookThrough, openCameraAccess } from "./camera-access.ts";
import { maskEditor } from "./camera-grid.ts";
import { openOut } from "./camera-out.ts";
import { changeMasks } from "./camera-policy.ts";
import { openProgress, refuseUnlessAllowed } from "./camera-test.ts";
import { CONFIG_OPTION, configFile } from "./config-file.ts";
import { type Print, printTable } from "./print.ts";

type Masks = CameraPolicyEntry["masks"];
type Options = {
  readonly config?: string;
  readonly json?: true;
  readonly picture?: string;
  readonly add?: string;
  readonly polygon?: string;
  readonly remove?: string;
};

/** Adds the command below `camera`. */
export function addCameraMask(camera: Command, print: Print): void {
  camera
    .command("mask <id>")
    .description("what is painted over in each of its pictures: list, see, add, remove")
    .option(
      "--picture <file.svg>",
      "write a redacted test picture with a grid in tenths and the masks, to find corners",
    )
    .option("--add <name>", "add a mask with this name to policy.yaml; with --polygon")
    .option(
      "--polygon <corners>",
      "its corners x,y in order, as fractions from the upper left: 0.62,0.10 0.80,0.10 0.80,0.35",
    )
    .addOption(
      new Option("--remove <name>", "take the mask with this name out of policy.yaml").conflicts(["add", "picture"]),
    )
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (id: string, options: Options) => {
      const { add, polygon, remove, picture } = options;
      if ((add === undefined) !== (polygon === undefined))
        throw new GatewayError("USAGE", "--add and --polygon go together");
      if (add !== undefined && picture !== undefined)
        throw new GatewayError("USAGE", "--add and --picture do not go together");
      if (picture !== undefined) await writePicture(id, picture, options, print);
      else if (add !== undefined && polygon !== undefined) await addMask(id, { name: add, polygon }, options, print);
      else if (remove !== undefined) await removeMask(id, remove, options, print);
      else await listMasks(id, options, print);
    });
}

async function listMasks(id: string, { config, json }: Options, print: Print): Promise<void> {
  const { masks } = entryOf(await loadSettings(await configFile(config)), id);
  if (json === true) return print(JSON.stringify(masks.map((mask) => ({ ...mask, share: shareOf(mask.polygon) }))));
  if (masks.length === 0) {
    print(`Camera ${id} has no mask. To find the corners of one: hedgerow camera mask ${id} --picture ${id}.svg`);
    return;
  }
  printTable(
    [
      ["mask", "of the picture", "corners"],
      ...masks.map(({ name, polygon }) => [
        name,
        percent(shareOf(polygon)),
        polygon.map((corner) => corner.join(",")).join(" "),
      ]),
    ],
    print,
  );
}

async function writePicture(id: string, named: string, { config, json }: Options, print: Print): Promise<void> {
  if (!/\.svg$/i.test(named))
    throw new GatewayError("USAGE", "the picture is an SVG; name it so", { hint: `Such as --picture ${id}.svg` });
  const settings = await loadSettings(await configFile(config));
  await using out = await openOut(named);
  const access = await openCameraAccess(settings);
  const camera = access.find(id);
  refuseUnlessAllowed(access, camera, json === true ? () => undefined : print);
  using progress = openProgress(`asking ${id} for a picture …`);
  const test = await lookThrough(access, camera, new AbortController().signal);
  progress.end();
  if (test.outcome === "withheld")
    throw new GatewayError("PICTURE_REFUSED", `there is no picture to show: ${test.detail}`, { hint: test.hint });
  await out.write(maskEditor({ ...test, masks: entryOf(settings, id).masks }));
  if (json === true) print(JSON.stringify({ camera: id, out: out.path }));
  else
    print(`${out.path}: open it in a browser; its lines are tenths of the picture, x from the left, y from the top.`);
}

async function addMask(
  id: string,
  { name, polygon }: { name: string; polygon: string },
  options: Options,
  print: Print,
): Promise<void> {
  const corners = cornersOf(polygon);
  const settings = await loadSettings(await configFile(options.config));
  if (entryOf(settings, id).masks.some((mask) => mask.name === name))
    throw new GatewayError("ALREADY_EXISTS", `camera ${id} has a mask ${JSON.stringify(name)} already`);
  const item = `{ name: ${JSON.stringify(name)}, polygon: [${corners.map(([x, y]) => `[${x}, ${y}]`).join(", ")}] }`;
  await changeMasks(settings, id, {
    change: (text, path) => addToList(text, path, item),
    byHand: `write below masks of camera ${id}:  - ${item}`,
  });
  tell({ id, name, done: "add", settings, json: options.json }, print);
}

async function removeMask(id: string, name: string, options: Options, print: Print): Promise<void> {
  const settings = await loadSettings(await configFile(options.config));
  const { masks } = entryOf(settings, id);
  const index = masks.findIndex((mask) => mask.name === name);
  if (index < 0)
    throw new GatewayError("NOT_FOUND", `camera ${id} has no mask ${JSON.stringify(name)}`, {
      hint: masks.length === 0 ? "It has none at all." : `It has: ${masks.map((mask) => mask.name).join(", ")}.`,
    });
  await changeMasks(settings, id, {
    change: (text, path) => removeFromList(text, path, index),
    byHand: `take the mask ${JSON.stringify(name)} of camera ${id} out`,
  });
  tell({ id, name, done: "remove", settings, json: options.json }, print);
}

type Done = {
  readonly id: string;
  readonly name: string;
  readonly done: "add" | "remove";
  readonly settings: Settings;
  readonly json: true | undefined;
};

/** policy-change.ts does what is said here: at the next start, to all of the camera's pictures that wait. */
function tell({ id, name, done, settings, json }: Done, print: Print): void {
  const file = settings.gateway.policy;
  if (json === true) return print(JSON.stringify({ camera: id, mask: name, done, file }));
  print(`${file}: the mask ${JSON.stringify(name)} of camera ${id} is ${done === "add" ? "added" : "removed"}.`);
  print("It holds from the gateway's next start: sudo systemctl restart hedgerow");
  print(
    `Pictures of ${id} that were taken before and still wait to be sent are erased then, and the platform is told.`,
  );
}

function entryOf({ policy }: Settings, id: string): CameraPolicyEntry {
  const entry = Object.hasOwn(policy.cameras, id) ? policy.cameras[id] : undefined;
  if (entry !== undefined) return entry;
  throw new GatewayError("NOT_FOUND", `the policy names no camera ${id}`, {
    hint: `The policy names: ${Object.keys(policy.cameras).join(", ") || "none"}. \`hedgerow camera test ${id}\` prints the lines for a new one.`,
  });
}

/** "0.62,0.10 0.80,0.10 0.80,0.35". Throws USAGE; how many corners, and whether they enclose anything, the policy's own checks say. */
function cornersOf(text: string): (readonly [number, number])[] {
  return text
    .trim()
    .split(/\s+/)
    .map((corner) => {
      const [x, y, more] = corner.split(",").map((each) => (/^\d*\.?\d+$/.test(each) ? Number(each) : Number.NaN));
      if (x === undefined || y === undefined || more !== undefined || !(x <= 1) || !(y <= 1))
        throw new GatewayError("USAGE", `${JSON.stringify(corner)} is no corner`, {
          hint: "Write x,y from 0 to 1, such as 0.62,0.10, and a space between two corners.",
        });
      return [x, y] as const;
    });
}

/** Of the whole picture, 0 to 1; corners in order (the shoelace formula). */
function shareOf(polygon: Masks[number]["polygon"]): number {
  const twice = polygon.reduce((sum, [x, y], at) => {
    const [nextX, nextY] = polygon[(at + 1) % polygon.length] ?? [x, y];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.round(Math.abs(twice) * 5000) / 10_000;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
