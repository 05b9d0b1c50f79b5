// What the event benchmark compares with: aedes alone, as a process of its own, acknowledging without keeping anything.
import { createServer } from "node:net";
import { Aedes } from "aedes";

const broker = await Aedes.createBroker();
const server = createServer((socket) => broker.handle(socket)).listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${typeof address === "object" && address !== null ? address.port : 0}\n`);
});
process.stdin.resume().on("close", () => process.exit(0));
