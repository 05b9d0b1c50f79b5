// `npm run bench`: what the house costs, as one JSON object. Ratios within one run hold on any machine; milliseconds do not.
// `npm run bench -- redaction ...`: how well the redaction sees (redaction-quality.ts).
// `npm run bench -- outage ...`: a day's outage by volume (outage.ts).
// `npm run bench -- page`: the status page, and what twenty open ones cost the sensors (page.ts).
import { benchBurst } from "./burst.ts";
import { benchCameras } from "./cameras.ts";
import { benchCost } from "./cost.ts";
import { benchEvents } from "./events.ts";
import { runOutage } from "./outage.ts";
import { benchPage } from "./page.ts";
import { benchRedaction } from "./redaction.ts";
import { runQuality } from "./redaction-quality.ts";
import { benchStart } from "./start.ts";

const [what, ...args] = process.argv.slice(2);
if (what === "redaction") await runQuality(args);
else if (what === "outage") await runOutage(args);
else if (what === "page") process.stdout.write(`${JSON.stringify(await benchPage(), null, 2)}\n`);
else if (what === "cost") process.stdout.write(`${JSON.stringify(await benchCost(), null, 2)}\n`);
else if (what !== undefined) {
  const isHelp = what === "--help" || what === "-h";
  const usage =
    "npm run bench: all, as one JSON object, some minutes; npm run bench -- redaction --help: how well faces are found; npm run bench -- outage --help: a day's outage; npm run bench -- page: the status page";
  process[isHelp ? "stdout" : "stderr"].write(isHelp ? `${usage}\n` : `there is no bench ${what}. ${usage}\n`);
  process.exitCode = isHelp ? 0 : 2;
} else {
  const events = await benchEvents();
  const burst = await benchBurst();
  const cameras = await benchCameras();
  const redaction = await benchRedaction();
  const start = await benchStart();
  process.stdout.write(`${JSON.stringify({ events, burst, cameras, redaction, start }, null, 2)}\n`);
}
