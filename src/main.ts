// The program `hedgerow`: arguments, signals, exit code. Each command lives in one file of cli/.
import { Command, CommanderError } from "commander";
import manifest from "../package.json" with { type: "json" };
import { CAMERA_LIMITS } from "./camera/camera-limits.ts";
import { addBackup } from "./cli/backup.ts";
import { addBridge } from "./cli/bridge.ts";
import { addCamera } from "./cli/camera.ts";
import { addCheck } from "./cli/check.ts";
import { addContract } from "./cli/contract.ts";
import { addDemo } from "./cli/demo.ts";
import { addDevice } from "./cli/device.ts";
import { addDisclosure } from "./cli/disclosure.ts";
import { addDoctor } from "./cli/doctor.ts";
import { addErase } from "./cli/erase.ts";
import { addExplain } from "./cli/explain.ts";
import { addInit } from "./cli/init.ts";
import { addKey } from "./cli/key.ts";
import { addKit } from "./cli/kit.ts";
import { addLedger } from "./cli/ledger.ts";
import { addRedact } from "./cli/redact.ts";
import { addPolicy } from "./cli/policy.ts";
import { addNotices } from "./cli/notices.ts";
import { addReceipts } from "./cli/receipts.ts";
import { addRestore } from "./cli/restore.ts";
import { addRun } from "./cli/run.ts";
import { addSpool } from "./cli/spool.ts";
import { addStatus } from "./cli/status.ts";
import { addToken } from "./cli/token.ts";
import { addUser } from "./cli/user.ts";
import { ERROR_CODES, GatewayError, messageOf, systemCodeOf } from "./core/errors.ts";

// Read by libuv when the first file is asked for, and not again.
process.env["UV_THREADPOOL_SIZE"] ??= String(CAMERA_LIMITS.diskThreads);

// Whoever read our output has seen enough (`hedgerow ledger export | head`): that is no failure. `run` and `demo` write on.
process.stdout.on("error", (cause) => {
  if (systemCodeOf(cause) !== "EPIPE") throw cause;
});

const program = new Command("hedgerow")
  .description("Edge gateway of a neighbourhood sensor kit")
  .version(manifest.version)
  .exitOverride()
  .showHelpAfterError(`  ${ERROR_CODES.USAGE} (USAGE)`)
  .configureHelp({ showGlobalOptions: true });

addInit(program);
addRun(program);
addCheck(program);
addDoctor(program);
addStatus(program);
addBridge(program);
addDevice(program);
addUser(program);
addBackup(program);
addRestore(program);
addToken(program);
addCamera(program);
addKit(program);
addErase(program);
addDisclosure(program);
addKey(program);
addPolicy(program);
addReceipts(program);
addNotices(program);
addSpool(program);
addLedger(program);
addContract(program);
addDemo(program);
addExplain(program);
addRedact(program);

try {
  await program.parseAsync();
} catch (thrown) {
  process.exitCode = exitCodeFor(thrown);
}

/** 0 done, 1 failed, 2 wrong usage; what went wrong and its remedy go to standard error. */
function exitCodeFor(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
  process.stderr.write(`hedgerow: ${messageOf(thrown)}\n`);
  if (!(thrown instanceof GatewayError)) return 1;
  process.stderr.write(`  ${thrown.hint} (${thrown.code})\n`);
  return thrown.code === "USAGE" ? 2 : 1;
}
