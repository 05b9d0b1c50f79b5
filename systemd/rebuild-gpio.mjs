// Builds what onoff needs to hear of GPIO edges (epoll, native) for the project's own Node; npm runs it after an install
// (`postinstall`). epoll's own install script is denied: it would build for the system's Node, and then not load here. It lies
// here since wired sensors are a matter of the machine that the service runs on; and it is plain JavaScript, since npm's own
// Node may be too old for TypeScript. An install never fails for it: without a compiler there is one plain line, and wired
// sensors work by the package gpiod instead.
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = join(dirname(fileURLToPath(import.meta.url)), "..", "node_modules");
const epoll = join(modules, "epoll");
const node = join(modules, `node-${process.platform}-${process.arch}`);
/** A build takes 10 s here and some minutes on an old Pi. */
const BUILD_MS = 10 * 60_000;

if (process.platform === "linux" && existsSync(epoll) && existsSync(join(node, "include")) && !loads()) {
  const why = build();
  if (why !== null)
    process.stdout.write(
      `onoff was not built (${why}): wired sensors need the package gpiod, or build-essential and python3 and another npm ci\n`,
    );
}

function loads() {
  return spawnSync(join(node, "bin", "node"), ["-e", "require('./')"], { cwd: epoll, stdio: "ignore" }).status === 0;
}

/** Null when it was built and loads; otherwise why not, in a few words. */
function build() {
  const gyp = nodeGyp();
  if (gyp === null) return "node-gyp, which comes with npm, was not found";
  const { status, error, stderr } = spawnSync(process.execPath, [gyp, "rebuild"], {
    cwd: epoll,
    // The environment variable, since node-gyp overlooks the option of the same name here.
    env: { ...process.env, npm_config_nodedir: node },
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    timeout: BUILD_MS,
  });
  if (error !== undefined) return error.message;
  if (status === 0) return loads() ? null : "it was built, and does not load";
  const told = /^(?:gyp|npm) ERR! (?:stack |find Python )?(?:Error: )?(.*(?:not found|Could not find|failed|No such).*)$/m.exec(stderr);
  return told?.[1]?.slice(0, 120) ?? `node-gyp ended with ${status}`;
}

/** npm names its own node-gyp to the scripts it runs; by hand it is looked for beside npm. */
function nodeGyp() {
  const named = process.env.npm_config_node_gyp;
  if (named !== undefined && existsSync(named)) return named;
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const npm = join(folder, "npm");
    // npm is a link to its own npm/bin/npm-cli.js.
    const beside = existsSync(npm) && join(dirname(realpathSync(npm)), "..", "node_modules", "node-gyp", "bin", "node-gyp.js");
    if (beside && existsSync(beside)) return beside;
  }
  return null;
}
