// Which gateway.yaml a command works with, and where relative paths on the command line begin.
import { constants, open } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { GatewayError, systemCodeOf } from "../core/errors.ts";

const INSTALLED = "/etc/hedgerow/gateway.yaml";

/** For `.option(...)` of each command that takes one. */
export const CONFIG_OPTION = [
  "--config <file>",
  `gateway.yaml (otherwise $HEDGEROW_CONFIG, ./gateway.yaml or ${INSTALLED})`,
] as const;

/**
 * The absolute path: as given, else $HEDGEROW_CONFIG, else gateway.yaml where the command was called, else the installed
 * one. Throws CONFIG_UNREADABLE when neither of the last two is there, or this user may not read it; a path that was given
 * is not looked at here.
 */
export async function configFile(given: string | undefined): Promise<string> {
  const named = given ?? process.env["HEDGEROW_CONFIG"];
  if (named !== undefined && named !== "") return callerPath(named);
  for (const file of [callerPath("gateway.yaml"), INSTALLED]) {
    if (await mayRead(file)) return file;
  }
  throw new GatewayError("CONFIG_UNREADABLE", `there is no ${callerPath("gateway.yaml")} and no ${INSTALLED}`, {
    hint: "Name the file with --config, or copy config/gateway.example.yaml and fill it in.",
  });
}

/** Absolute, relative to where the command was called. npm changes to the project's folder and leaves the caller's in INIT_CWD. */
export function callerPath(path: string): string {
  const project = fileURLToPath(new URL("../..", import.meta.url));
  const isByNpm = process.env["npm_lifecycle_event"] !== undefined && resolve(process.cwd()) === resolve(project);
  return resolve(isByNpm ? (process.env["INIT_CWD"] ?? "") : "", path);
}

/** False when there is no such file. What is there and closed to this user must not pass for absent. */
async function mayRead(file: string): Promise<boolean> {
  try {
    await (await open(file, constants.O_RDONLY | constants.O_NONBLOCK)).close();
    return true;
  } catch (cause) {
    const code = systemCodeOf(cause);
    if (code !== "EACCES" && code !== "EPERM") return false;
    throw new GatewayError("CONFIG_UNREADABLE", `this user may not read ${file}`, {
      hint: "Use sudo: sudo hedgerow, and the rest as before.",
      cause,
    });
  }
}
