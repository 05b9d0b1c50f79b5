// `hedgerow demo`: starts the demonstration, says where to look, and listens for the keys p and m.
import { type Command, InvalidArgumentError } from "commander";
import { messageOf } from "../core/errors.ts";
import type { Demo } from "../demo/demo.ts";
import { aborted } from "../reopening.ts";
import { closeInTime, stopSignal, unlessStopped } from "./run.ts";

const PORT_BASE = 18_830;

export function addDemo(program: Command): void {
  program
    .command("demo")
    .description("run the whole system on this machine: broker, simulated kit, camera, platform, status page")
    .option("--port-base <n>", "broker on n, status page on n+1, platform on n+2", toPort, PORT_BASE)
    .option("--fresh", "with nothing set up, to walk through the set-up; the sensors' bridge is on n+3")
    .option("--json", "print one line of JSON and take no keys")
    .action(async ({ portBase, json, fresh }: { portBase: number; json?: true; fresh?: true }) => {
      const stop = stopSignal();
      if (json !== true) process.stdout.write("Starting: platform, camera, gateway, kit (about 5 seconds)...\n");
      const { openDemo } = await import("../demo/demo.ts");
      const demo = await unlessStopped(openDemo({ portBase, isFresh: fresh === true }, stop), stop);
      if (demo === null) return;
      if (json === true) process.stdout.write(`${JSON.stringify(demo.facts)}\n`);
      else introduce(demo);
      const endKeys = json === true ? () => undefined : listenForKeys(demo, stop);
      try {
        await Promise.race([demo.failed, aborted(stop)]);
      } finally {
        endKeys();
        await closeInTime(demo);
      }
    });
}

function toPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_532)
    throw new InvalidArgumentError("use a whole number from 1 to 65532");
  return port;
}

function introduce({ facts }: Demo): void {
  const { status, platform, broker, setupCode, config, toType } = facts;
  const keys = process.stdin.isTTY
    ? "  Keys           m motion at the gate   p platform away / back   q or Ctrl-C end\n"
    : "";
  process.stdout.write(
    `\n  Status page    ${status}   one-time setup code: ${setupCode ?? "already used"}\n` +
      `  For everyone   ${status}/transparency\n` +
      `  Platform       ${platform}   what left the house\n` +
      `  MQTT broker    ${broker}\n` +
      `  Its files      ${config}\n${keys}\n`,
  );
  if (toType === undefined) return;
  const { bridge, camera } = toType;
  process.stdout.write(
    `  Nothing is set up yet. Open the status page, type the code, and follow the six steps. To type there:\n` +
      `  Platform       ${toType.platform}   (it knows this gateway's key already)\n` +
      `  Camera         ${camera.url}   user ${camera.user}, password ${camera.password}\n` +
      `  First sensor   choose Zigbee2MQTT; type the login that the page shows you into ${bridge}\n\n`,
  );
}

/** One key, one act; does nothing where nobody sits at a keyboard. Returns what gives the terminal back. */
function listenForKeys(demo: Demo, stop: AbortSignal): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  let isAway = false;
  /** One turn after the other: of two at once, the platform might hear the second first. */
  let turned: Promise<void> = Promise.resolve();
  const press = (name: string) => {
    if (name === "q" || name === "\u0003") process.kill(process.pid, "SIGINT");
    if (name === "m") {
      demo.kit.walkThroughGate();
      process.stdout.write("  Somebody walks through the gate.\n");
    }
    if (name !== "p") return;
    isAway = !isAway;
    const said = isAway
      ? "  The platform is away: watch the buffer fill.\n"
      : "  The platform is back: watch the buffer drain.\n";
    const away = isAway;
    turned = turned
      .then(() => demo.platform.setAway(away, stop))
      .then(
        () => void process.stdout.write(said),
        (thrown: unknown) => void process.stderr.write(`  ${messageOf(thrown)}\n`),
      );
  };
  // A slow terminal or a paste gives several keys at once; what begins with an escape is one key (an arrow), and none of ours.
  const onKey = (chunk: Buffer) => {
    const keys = chunk.toString("utf8");
    if (!keys.startsWith("\u001b")) for (const key of keys) press(key);
  };
  stdin.setRawMode(true).resume().on("data", onKey);
  return () => {
    stdin.off("data", onKey).setRawMode(false).pause();
  };
}
