// What the spool's commands take from gateway.yaml.
import { loadSettings, type Settings } from "../settings/load.ts";
import { configFile } from "./config-file.ts";
import { becomeOwnerOf } from "./kit-access.ts";

export type Options = { readonly config?: string; readonly json?: true };

export type SpoolSettings = {
  readonly dataDir: string;
  readonly sinkIds: readonly string[];
  readonly spool: Settings["gateway"]["spool"];
};

/** Goes on as the user who owns the data, so that no file is left behind that the gateway may not read. */
export async function settingsOf({ config }: Options): Promise<SpoolSettings> {
  const { gateway } = await loadSettings(await configFile(config));
  const { dataDir } = gateway.gateway;
  await becomeOwnerOf(dataDir);
  return { dataDir, sinkIds: gateway.platform.map(({ id }) => id), spool: gateway.spool };
}
