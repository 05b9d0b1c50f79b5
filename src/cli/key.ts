// `hedgerow key show`: the public key that the platform registers for this gateway.
import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { lockDataDir } from "../core/data-dir-lock.ts";
import { type GatewayKey, openGatewayKey } from "../core/gateway-key.ts";
import { loadSettings } from "../settings/load.ts";
import { CONFIG_OPTION, configFile } from "./config-file.ts";
import { becomeOwnerOf, makeDataDir } from "./kit-access.ts";
import type { Print } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };

/** Adds the command to the program. `print` takes the answer. */
export function addKey(program: Command, print: Print = console.log): void {
  program
    .command("key")
    .description("the gateway's ed25519 key")
    .command("show")
    .description("the public key for the platform; made now if the gateway has never run")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async ({ config, json }: Options) => {
      const { publicKey, keyId } = await keyIn((await loadSettings(await configFile(config))).gateway.gateway.dataDir);
      if (json === true) return print(JSON.stringify({ publicKey, keyId }));
      print(`public key  ${publicKey}   (ed25519, base64)`);
      print(`key id      ${keyId}`);
    });
}

async function keyIn(dataDir: string): Promise<GatewayKey> {
  await becomeOwnerOf(dataDir);
  await makeDataDir(dataDir);
  const isMade = await access(join(dataDir, "keys", "gateway.pem")).then(
    () => true,
    () => false,
  );
  if (isMade) return await openGatewayKey(dataDir);
  // Under the lock, so that a gateway that starts now does not make another one.
  await using _lock = await lockDataDir(dataDir);
  return await openGatewayKey(dataDir);
}
