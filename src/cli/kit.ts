// `hedgerow kit export` and `kit import`: the registry as kit.yaml, and kit.yaml into the registry.
import type { Command } from "commander";
import { GatewayError } from "../core/errors.ts";
import { writeYaml } from "../core/yaml.ts";
import { peekRegistry } from "../registry/durable-adapter.ts";
import { kitDiffers } from "../registry/kit-difference.ts";
import { exportKit, importKit } from "../registry/kit-exchange.ts";
import { loadKit, loadSettings } from "../settings/load.ts";
import type { Kit } from "../settings/schema.ts";
import { checkTopics } from "../settings/topic-checks.ts";
import { callGateway } from "../web/local-socket.ts";
import { callerPath, CONFIG_OPTION, configFile } from "./config-file.ts";
import { becomeOwnerOf, withRegistry } from "./kit-access.ts";
import type { Print } from "./print.ts";

type Options = { readonly config?: string };
type ImportOptions = Options & { readonly prune?: true };

/** Adds the command to the program. `print` takes the answer. */
export function addKit(program: Command, print: Print = console.log): void {
  const kit = program.command("kit").description("the kit as YAML: out of the registry and into it");
  kit
    .command("export")
    .description("print the kit that the registry holds as kit.yaml; no passwords, no accounts")
    .option(...CONFIG_OPTION)
    .action(async ({ config }: Options) => {
      const settings = await loadSettings(await configFile(config));
      await becomeOwnerOf(settings.gateway.gateway.dataDir);
      const data = await peekRegistry(settings.gateway.gateway.dataDir);
      print(writeYaml(data === null ? settings.kit : exportKit(data)).trimEnd());
    });
  kit
    .command("import <file>")
    .description("take bridges, devices and cameras of a kit.yaml into the registry; they keep their credentials")
    .option("--prune", "also remove what the file does not name")
    .option(...CONFIG_OPTION)
    .action((file: string, options: ImportOptions) => importFile(file, options, print));
}

/** Only while no gateway runs: cameras are opened at start. */
async function importFile(file: string, { config, prune }: ImportOptions, print: Print): Promise<void> {
  const settings = await loadSettings(await configFile(config));
  const kit = await loadKit(callerPath(file), settings.gateway.profiles);
  const { dataDir } = settings.gateway.gateway;
  await becomeOwnerOf(dataDir);
  if ((await callGateway(dataDir, "listBridges", {})) !== null) {
    throw new GatewayError("DATA_DIR_LOCKED", "the gateway runs, and takes up a kit at its start only", {
      hint: "Stop it (`sudo systemctl stop hedgerow`), import, and start it again.",
    });
  }
  await withRegistry(settings, async ({ registry }) => {
    for (const difference of kitDiffers(kit, registry.data())) print(difference);
    await registry.update((data) => {
      importKit(data, { kit, prune: prune === true });
      checkTogether({ ...data, discovered: [] });
    });
    const { bridges, devices, cameras } = registry.data();
    print(`The registry holds ${bridges.length} bridges, ${devices.length} devices and ${cameras.length} cameras now.`);
  });
}

/** The file is right by itself; beside what stays in the registry two could still speak for one topic. Throws USAGE. */
function checkTogether({ bridges, devices, cameras }: Kit): void {
  const [mistake] = checkTopics({ bridges, devices, cameras }).filter(({ severity }) => severity === undefined);
  if (mistake === undefined) return;
  throw new GatewayError("USAGE", mistake.text, {
    hint: "Remove what the file does not name with --prune, or one of the two with `hedgerow device remove`.",
  });
}
