// `npm run bench -- outage`: a day's outage by volume, spooled and drained, beside Mosquitto bridging to Mosquitto.
import { parseArgs } from "node:util";
import { hasMosquitto } from "../helpers/site-broker.ts";
import { measureHedgerow } from "./outage-hedgerow.ts";
import { measureMosquitto, SETTINGS } from "./outage-mosquitto.ts";

const USAGE = `npm run bench -- outage [--events N] [--pictures N] [--live-per-second N] [--without-mosquitto]
A day of 20 sensors that report every ten seconds (172,800 events) and 2,000 pictures of 200 kB are spooled with the platform away;
half way the gateway is killed. Then the platform comes, and a live sensor reports while the backlog drains. The same events go
through Mosquitto bridging to Mosquitto, with Debian's defaults and tuned. Prints one JSON object; some minutes.`;

/** Exit code 2 on wrong usage. */
export async function runOutage(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      events: { type: "string", default: "172800" },
      pictures: { type: "string", default: "2000" },
      "live-per-second": { type: "string", default: "5" },
      "without-mosquitto": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const ask = {
    events: Number(values.events),
    pictures: Number(values.pictures),
    livePerSecond: Number(values["live-per-second"]),
  };
  if (!(ask.events >= 100 && ask.pictures >= 0 && ask.livePerSecond > 0)) {
    process.stderr.write(`${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  const hedgerow = await measureHedgerow(ask);
  const isLeftOut = values["without-mosquitto"] || !hasMosquitto;
  if (!hasMosquitto) process.stderr.write("SKIPPED: mosquitto is missing (apt-get install mosquitto)\n");
  const mosquitto = isLeftOut
    ? null
    : {
        byDefault: await measureMosquitto(SETTINGS.default, ask),
        tuned: await measureMosquitto(SETTINGS.tuned, ask),
      };
  process.stdout.write(`${JSON.stringify({ ask, hedgerow, mosquitto }, null, 2)}\n`);
}
