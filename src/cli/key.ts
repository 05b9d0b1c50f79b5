// `hedgerow key show`, `rotate`: the public key that the platform registers for this gateway, and how another takes its place.
import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { systemClock } from "../core/clock.ts";
import { lockDataDir } from "../core/data-dir-lock.ts";
import { type GatewayKey, type KeyView, keyView, openGatewayKey, rotateKey } from "../core/gateway-key.ts";
import { loadSettings } from "../settings/load.ts";
import { callGateway } from "../web/local-socket.ts";
import { readAuthority } from "../web/tls-files.ts";
import { CONFIG_OPTION, configFile } from "./config-file.ts";
import { becomeOwnerOf, makeDataDir } from "./kit-access.ts";
import type { Print } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };

/** Adds the command to the program. `print` takes the answer. */
export function addKey(program: Command, print: Print = console.log): void {
  const key = program.command("key").description("the gateway's ed25519 key");
  key
    .command("show")
    .description(
      "the public key for the platform, made now if the gateway has never run; and the fingerprint of the page's own authority",
    )
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async ({ config, json }: Options) => {
      const dataDir = await dataDirOf(config);
      const view = keyView(await keyIn(dataDir));
      const authority = await readAuthority(dataDir);
      const shown = authority === null ? {} : { pageAuthority: authority.fingerprint };
      if (json === true) return print(JSON.stringify({ ...view, ...shown }));
      printKeys(view, print);
      if (authority !== null)
        print(`page's https  ${authority.fingerprint}   (fingerprint of its own authority, as on the page /tls)`);
    });
  key
    .command("rotate")
    .description("change the key in two steps: make the next one, register it at the platform, then --finish")
    .option("--finish", "the next key becomes the only one")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .addHelpText(
      "after",
      "\nBetween the steps each request carries the signatures of both keys. It takes effect at once, also in a running gateway.",
    )
    .action(async ({ config, json, finish }: Options & { readonly finish?: true }) => {
      const isFinal = finish === true;
      const dataDir = await dataDirOf(config);
      await becomeOwnerOf(dataDir);
      const view = (await callGateway(dataDir, "rotateKey", { isFinal })) ?? (await rotateAlone(dataDir, isFinal));
      if (json === true) return print(JSON.stringify(view));
      printKeys(view, print);
      print(isFinal ? FINISHED : BEGUN);
    });
}

const BEGUN =
  "Each request is signed with both from now on. Register the next one at the platform, then: hedgerow key rotate --finish";
const FINISHED =
  "The former key signs nothing any more. Its public half stays in keys/retired.json, so that older receipts can be verified.";

function printKeys({ publicKey, keyId, nextPublicKey, nextKeyId }: KeyView, print: Print): void {
  print(`public key  ${publicKey}   (ed25519, base64)`);
  print(`key id      ${keyId}`);
  if (nextPublicKey === undefined) return;
  print(`next key    ${nextPublicKey}   (the platform registers it beside the other)`);
  print(`its id      ${nextKeyId}`);
}

async function dataDirOf(config: string | undefined): Promise<string> {
  return (await loadSettings(await configFile(config))).gateway.gateway.dataDir;
}

/** No gateway runs; under the lock, so that none starts with the older keys. */
async function rotateAlone(dataDir: string, isFinal: boolean): Promise<KeyView> {
  await makeDataDir(dataDir);
  await using _lock = await lockDataDir(dataDir);
  return await rotateKey(await openGatewayKey(dataDir), { isFinal, nowMs: systemClock.nowMs() });
}

/** The gateway's key, made now if it has never run. Throws what openGatewayKey throws, and DATA_DIR_LOCKED. */
export async function keyIn(dataDir: string): Promise<GatewayKey> {
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
