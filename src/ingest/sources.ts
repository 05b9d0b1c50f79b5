// Opens what sensors come in by, as the settings name it: the embedded broker, or the broker of the site; and wires.
import type { Login } from "../core/arrival.ts";
import { loginOf, verifyPassword } from "../registry/credentials.ts";
import type { Registry, RegistryData } from "../registry/registry.ts";
import type { GatewaySettings } from "../settings/schema.ts";
import { openBroker } from "./broker.ts";
import { machineLines } from "./gpio-driver.ts";
import type { GpioLines } from "./gpio-lines.ts";
import { openGpio } from "./gpio.ts";

type BrokerDeps = Parameters<typeof openBroker>[0];

/** What all sources need. `settings`: gateway.yaml's broker section, its paths absolute. `lines`: by default this machine's. */
type Deps = Omit<BrokerDeps, "listen" | "limits" | "authenticate"> & {
  readonly settings: GatewaySettings["broker"];
  readonly registry: Pick<Registry, "data" | "onChange">;
  readonly lines?: GpioLines | undefined;
};

/** The doors as one. They are opened last and closed first: then nothing arrives any more. */
export type Sources = AsyncDisposable & {
  /** The embedded broker's port; null where the site's broker is used. */
  readonly port: number | null;
  /** Ends the login's connections, so that new credentials or a revocation hold at once. */
  disconnect(login: Login): void;
};

/** Opens each source that the settings name. Throws what its door throws, and then has closed what had opened. */
export async function openSources({ settings, registry, lines, ...deps }: Deps): Promise<Sources> {
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(
    await openBroker({
      ...settings,
      ...deps,
      authenticate: (username, password) => authenticate(registry.data(), username, password),
    }),
  );
  const { clock, log } = deps;
  stack.use(openGpio({ ...deps, registry, lines: lines ?? machineLines({ nowMs: () => clock.nowMs(), log }) }));
  const owned = stack.move();
  return {
    port: broker.port,
    disconnect: (login) => broker.disconnect(login),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function authenticate({ devices, bridges }: Readonly<RegistryData>, username: string, password: string): Login | null {
  const login = loginOf(username);
  const found = (login.kind === "bridge" ? bridges : devices).find(({ id }) => id === login.id);
  return verifyPassword({ password, hash: found?.passwordHash ?? null }) ? login : null;
}
