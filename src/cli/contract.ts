// `hedgerow contract test URL`: a platform's author points it at their own endpoint and sees what a gateway would meet there.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { systemClock } from "../core/clock.ts";
import { writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { openHttpClient } from "../core/http-client.ts";
import { LIMITS } from "../core/limits.ts";
import { callerPath } from "./config-file.ts";
import { CHECKS } from "./contract/checks.ts";
import { loadExamples } from "./contract/example-events.ts";
import { openPlatformDoor, type PlatformDoor } from "./contract/platform-door.ts";
import type { Verdict } from "./contract/verdict.ts";
import type { Print } from "./print.ts";
import { stopSignal } from "./run.ts";

type Options = { readonly gateway: string; readonly key: string; readonly ca?: string; readonly json?: true };

const MARKS = { ok: "ok   ", note: "note ", wrong: "WRONG" } as const;

/** Adds the command to the program. `print` takes the answer. */
export function addContract(program: Command, print: Print = console.log): void {
  program
    .command("contract")
    .description("the contract between gateways and platforms (config/contract)")
    .command("test")
    .description(
      "try a platform's endpoint as a gateway would: good, repeated, reordered, forged, old, too large, poisoned",
    )
    .argument("<url>", "as it will stand in gateway.yaml, such as https://platform.example/hedgerow")
    .option("--gateway <id>", "sign as this gateway; the platform must know its key", "contract-test")
    .option("--key <file>", "an ed25519 key (PKCS #8, PEM); made if the file is not there", "contract-test.pem")
    .option("--ca <file>", "PEM of a private certificate authority")
    .option("--json", "one JSON object per check")
    .addHelpText(
      "after",
      "\nThe platform keeps some hundred test events of that gateway: use an id and a key of their own, never a real gateway's.\nExit code: 0 nothing wrong, 1 something wrong, 2 wrong usage.",
    )
    .action(async (url: string, { gateway, key: keyFile, ca, json }: Options) => {
      if (!/^https?:\/\/\S+$/.test(url)) throw new GatewayError("USAGE", `${JSON.stringify(url)} is no http address`);
      const privateKey = await keyIn(callerPath(keyFile));
      const jwk = createPublicKey(privateKey).export({ format: "jwk" });
      const publicKey = Buffer.from(jwk.x ?? "", "base64url").toString("base64");
      if (json !== true) print(`as gateway ${gateway}, public key ${publicKey}\n`);
      await using http = openHttpClient({
        ca: ca === undefined ? undefined : await textOf(callerPath(ca)),
        connectTimeoutMs: LIMITS.platformConnectMs,
      });
      const clock = systemClock;
      const door = openPlatformDoor({ url, gateway, privateKey, http, clock, stop: stopSignal() });
      const count = await runAll({ door, gateway, publicKey, print, isJson: json === true });
      if (count.wrong > 0) process.exitCode = 1;
      if (json !== true) {
        print(`\n${count.ok} right, ${count.wrong} wrong, ${count.note} to know of`);
        print(
          `Whether what came twice is kept once is not seen from outside: count the ids of ${gateway} in your store.`,
        );
      }
    });
}

async function runAll({
  door,
  gateway,
  publicKey,
  print,
  isJson,
}: {
  door: PlatformDoor;
  gateway: string;
  publicKey: string;
  print: Print;
  isJson: boolean;
}): Promise<Record<Verdict["kind"], number>> {
  // Higher in each run, since a platform remembers: microseconds since 1970 have 16 digits.
  const examples = await loadExamples({ gateway, firstSequence: systemClock.nowMs() * 1000 });
  const first = await door.post(examples.many(1));
  if (first.status === 401 || first.status === 403)
    throw new GatewayError("PLATFORM_REFUSED", `the platform answered ${first.status} to a good request`, {
      hint: `Register the public key ${publicKey} for the gateway ${gateway} at the platform, then try again.`,
    });
  if (first.status === 0) throw new GatewayError("PLATFORM_REFUSED", first.why, { hint: "Is the address right?" });
  const count = { ok: 0, note: 0, wrong: 0 };
  for (const check of CHECKS) {
    const { name, asks } = check;
    const verdict = await check.run(door, examples);
    count[verdict.kind]++;
    const why = verdict.kind === "ok" ? null : verdict.why;
    if (isJson) print(JSON.stringify({ check: name, verdict: verdict.kind, asks, why }));
    else print(`${MARKS[verdict.kind]}  ${name}${why === null ? "" : `: ${why}\n         asked for: ${asks}`}`);
  }
  return count;
}

async function keyIn(file: string): Promise<KeyObject> {
  try {
    const key = createPrivateKey(await readFile(file, "utf8"));
    if (key.asymmetricKeyType === "ed25519") return key;
    throw new Error(`it is a key of type ${key.asymmetricKeyType}`);
  } catch (cause) {
    if (systemCodeOf(cause) !== "ENOENT")
      throw new GatewayError("KEY_UNREADABLE", `${file} holds no ed25519 key: ${messageOf(cause)}`, { cause });
  }
  const { privateKey } = generateKeyPairSync("ed25519");
  await writeDurably(file, privateKey.export({ type: "pkcs8", format: "pem" }), 0o600);
  return privateKey;
}

async function textOf(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: unknown) => {
    throw new GatewayError("CONFIG_UNREADABLE", `cannot read ${file}: ${messageOf(cause)}`, { cause });
  });
}
