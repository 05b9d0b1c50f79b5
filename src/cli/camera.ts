// `hedgerow camera …`: the cameras of the kit, a look through one, its masks, and the login of one that sends by MQTT.
import type { Command } from "commander";
import { type CameraRow, listCameras, openCameraAccess } from "./camera-access.ts";
import { addCameraMask } from "./camera-mask.ts";
import { addCameraTest } from "./camera-test.ts";
import { CONFIG_OPTION, configFile } from "./config-file.ts";
import { loadSettings } from "../settings/load.ts";
import { kitAccess } from "./kit-access.ts";
import { type Print, printCredentials, printTable } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };

/** Adds the command to the program. `print` takes the answer; `isTerminal`: a person reads it there. */
export function addCamera(program: Command, print: Print = console.log, isTerminal = process.stdout.isTTY): void {
  const camera = program
    .command("camera")
    .description("list cameras, look through one, pause it, edit its masks, give it a login");
  camera
    .command("list")
    .description("the cameras of the kit, and how each is")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async ({ config, json }: Options) => {
      const access = await openCameraAccess(await loadSettings(await configFile(config)));
      const rows = await listCameras(access);
      if (json === true) return print(JSON.stringify(rows));
      printCameras(rows, print);
      const differences = access.differences();
      for (const difference of differences) print(`note: ${difference}`);
      if (differences.length > 0) print(access.takeIn);
    });
  addCameraTest(camera, print);
  addCameraMask(camera, print);
  for (const isPaused of [true, false]) {
    camera
      .command(isPaused ? "pause <id>" : "resume <id>")
      .description(isPaused ? "takes no picture, whatever asks for one, until it is resumed" : "looks again")
      .option(...CONFIG_OPTION)
      .action(async (id: string, { config }: Options) => {
        const kit = await kitAccess(await loadSettings(await configFile(config)));
        await kit.pauseCamera({ id, isPaused, by: "" });
        print(isPaused ? `${id} is paused. To go on: hedgerow camera resume ${id}` : `${id} looks again`);
      });
  }
  camera
    .command("credentials <id>")
    .description("a new login for a camera that sends its pictures by MQTT; its old one ends at once")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (id: string, { config, json }: Options) => {
      const kit = await kitAccess(await loadSettings(await configFile(config)));
      const made = await kit.renewCredentials({ kind: "camera", id });
      if (json === true) print(JSON.stringify({ ...made, link: made.link ?? null }));
      else printCredentials(made, { print, isTerminal, broker: kit.broker });
    });
}

function printCameras(rows: readonly CameraRow[], print: Print): void {
  if (rows.length === 0)
    return print("There is no camera yet. Write one into kit.yaml, then: hedgerow kit import FILE");
  printTable(
    [
      ["camera", "name", "zone", "source", "state", "today", "last picture", ""],
      ...rows.map(({ id, name, zone, source, state, takenToday, perDay, lastSnapshotAt, why, caution }) => [
        id,
        name,
        zone,
        source,
        state,
        takenToday === null ? `? of ${perDay}` : `${takenToday} of ${perDay}`,
        lastSnapshotAt ?? "",
        [why, caution].filter((each) => each !== null).join("; "),
      ]),
    ],
    print,
  );
}
