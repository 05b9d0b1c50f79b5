// The MQTT side of the demo's devices: connects as they do, comes back by itself for ever, and keeps no queue while it is away.
import { connect, type IClientOptions } from "mqtt";
import { z } from "zod";

export const Login = z.strictObject({ username: z.string(), password: z.string() });
export type Login = z.infer<typeof Login>;

export type Message = {
  readonly topic: string;
  readonly payload: string | Readonly<Record<string, unknown>>;
  readonly isRetained?: boolean;
};

export type SimulatedClient = AsyncDisposable & {
  /** QoS 1. While away nothing is sent, as with a real sensor: it measures again later. */
  readonly send: (message: Message) => void;
};

/** MQTT 3.1.1. `birth` is sent at each connecting, `will` is what the broker says when the connection dies; `commands` is subscribed to. */
export function openSimulatedClient(with_: {
  readonly broker: string;
  readonly clientId: string;
  readonly login: Login;
  readonly will: Message;
  readonly birth: () => readonly Message[];
  readonly commands: string;
}): SimulatedClient {
  const { broker, clientId, login, will, birth, commands } = with_;
  const options: IClientOptions = {
    ...login,
    clientId,
    protocolVersion: 4,
    clean: true,
    keepalive: 30,
    reconnectPeriod: 1000,
    reconnectOnConnackError: true,
    will: { topic: will.topic, payload: Buffer.from(textOf(will)), qos: 1, retain: true },
  };
  const client = connect(broker, options);
  let complaint = "";
  /** Once per trouble: while the gateway restarts, the same is true every second. */
  const complain = (error: Error) => {
    if (error.message !== complaint) process.stderr.write(`kit: ${clientId}: ${error.message}\n`);
    complaint = error.message;
  };
  const send = (message: Message) => {
    if (!client.connected) return;
    client.publish(message.topic, textOf(message), { qos: 1, retain: message.isRetained === true }, (error) => {
      if (error) complain(error);
    });
  };
  client.on("error", complain);
  client.on("connect", () => {
    complaint = "";
    client.subscribe(commands, { qos: 1 }, (error) => {
      if (error) complain(error);
    });
    for (const message of birth()) send(message);
  });
  return { send, [Symbol.asyncDispose]: () => client.endAsync(true) };
}

function textOf({ payload }: Message): string {
  return typeof payload === "string" ? payload : JSON.stringify(payload);
}
