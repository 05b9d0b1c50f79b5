// `npm run bench`: what the house costs, as one JSON object. Ratios within one run hold on any machine; milliseconds do not.
import { benchEvents } from "./events.ts";
import { benchRedaction } from "./redaction.ts";
import { benchStart } from "./start.ts";

const events = await benchEvents();
const redaction = await benchRedaction();
const start = await benchStart();
process.stdout.write(`${JSON.stringify({ events, redaction, start }, null, 2)}\n`);
