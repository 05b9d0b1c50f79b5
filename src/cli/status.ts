// `hedgerow status`: what the status page says, in the terminal.
import type { Command } from "commander";
import type { GatewayStatus } from "../core/commands.ts";
import { GatewayError } from "../core/errors.ts";
import { loadSettings } from "../settings/load.ts";
import { callGateway } from "../web/local-socket.ts";
import { CONFIG_OPTION, configFile } from "./config-file.ts";
import { diskWaitOf } from "./disk-status.ts";
import { becomeOwnerOf } from "./kit-access.ts";
import { type Print, printTable } from "./print.ts";

type Options = { readonly config?: string; readonly json?: true };

/** Adds the command to the program. `print` takes the answer. */
export function addStatus(program: Command, print: Print = console.log): void {
  program
    .command("status")
    .description("how the running gateway is: devices, cameras, buffer, platform")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async ({ config, json }: Options) => {
      const { gateway } = await loadSettings(await configFile(config));
      const { dataDir } = gateway.gateway;
      const status = await askAsOwner(dataDir).catch(async (thrown: unknown) => {
        throw (await diskWaitOf(gateway)) ?? thrown;
      });
      if (status === null) {
        const waiting = await diskWaitOf(gateway);
        if (waiting !== null) throw waiting;
        throw new GatewayError("NOT_FOUND", `no gateway runs on ${dataDir}`, {
          hint: "Start it with `sudo systemctl start hedgerow`, or `hedgerow run`.",
        });
      }
      if (json === true) print(JSON.stringify(status));
      else printStatus(status, print);
    });
}

async function askAsOwner(dataDir: string): Promise<GatewayStatus | null> {
  await becomeOwnerOf(dataDir);
  return callGateway(dataDir, "status", {});
}

function printStatus(
  { gateway, devices, cameras, buffer, sinks, policy, siteBroker = null }: GatewayStatus,
  print: Print,
): void {
  print(
    `${gateway.name} (${gateway.id}), Hedgerow ${gateway.version}, since ${gateway.startedAt}, clock ${gateway.clock}\n`,
  );
  if (policy.announced !== null) {
    const { hoursLeft, approvals } = policy.announced;
    print(
      `a looser policy is announced: it holds in ${Math.ceil(hoursLeft)} h, or once two stewards approve it (${approvals} so far)\n`,
    );
  }
  if (siteBroker !== null) {
    const { isUp, why, refused } = siteBroker;
    print(`site's broker: ${isUp ? "connected" : `not reached (${why})`}, ${refused.length} topics refused\n`);
  }
  if (devices.length > 0) {
    const rows = devices.map(({ id, state, flags, heardAt, isPaired }) => [
      id,
      state,
      flags.join(" "),
      heardAt ?? (isPaired ? "never" : "not paired"),
    ]);
    printTable([["device", "state", "flags", "last heard"], ...rows], print);
    print("");
  }
  if (cameras.length > 0) {
    const rows = cameras.map(({ id, state, takenToday, perDay, lastSnapshotAt, why }) => [
      id,
      state,
      `${takenToday} of ${perDay}`,
      lastSnapshotAt ?? "never",
      why ?? "",
    ]);
    printTable([["camera", "state", "today", "last picture", ""], ...rows], print);
    print("");
  }
  const rows = sinks.map(({ id, state, lastAcceptedAt, why }) => [
    id,
    state,
    lastAcceptedAt ?? "not since the start",
    why ?? "",
  ]);
  if (rows.length > 0) printTable([["platform", "state", "last accepted", ""], ...rows], print);
  const room = buffer.hoursLeft === null ? "" : `, room for about ${Math.floor(buffer.hoursLeft)} h`;
  print(
    `buffer: ${buffer.entries} ${buffer.entries === 1 ? "entry" : "entries"}, ${buffer.bytes} bytes${room}; ${buffer.deadLetters} refused by the platform`,
  );
}
