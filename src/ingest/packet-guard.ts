// Refuses an MQTT packet as soon as its announced length is too large. aedes has no limit of its own: 60 to 256 MB were
// buffered before login. It reaches into aedes' parser (mqtt-packet), and fails loudly where a new version has moved it.
import type { Client } from "aedes";

type Parser = {
  packet: { length: number };
  _parseLength(): boolean;
  emit(event: "error", error: Error): boolean;
};

/** Ends the connection with "packet too large" when a packet announces more than `limit()` bytes. */
export function guardPacketLength(client: Client, limit: () => number): void {
  const parser: Parser | undefined = Reflect.get(client, "_parser");
  if (typeof parser?._parseLength !== "function")
    throw new Error("this version of aedes hides its parser: the length guard cannot be set");
  const parseLength = parser._parseLength.bind(parser);
  parser._parseLength = () => {
    const isComplete = parseLength();
    if (!isComplete || parser.packet.length <= limit()) return isComplete;
    parser.emit("error", new Error("packet too large"));
    return false;
  };
}
