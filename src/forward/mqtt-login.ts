// What this gateway shows the platform's broker of itself, from the files that the sink's settings name.
import { GatewayError } from "../core/errors.ts";
import type { MqttSinkSettings } from "../settings/schema.ts";
import { openPlatformFiles, readNamed } from "./platform-files.ts";

/** Certificates are PEM; without `ca` the public authorities are believed. `minVersion`: Node's own can be lowered from outside (NODE_OPTIONS). */
export type BrokerLogin = {
  readonly minVersion: "TLSv1.2";
  readonly ca?: string;
  readonly crl?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly username?: string;
  readonly password?: string;
};

/** Gives what the files hold now: what was changed counts at the next connection. Throws SECRET_UNREADABLE. */
export type ReadLogin = () => Promise<BrokerLogin>;

/** Reads the files once, to see that they can be used. Throws SECRET_UNREADABLE and CERTIFICATE_UNUSABLE. */
export async function openBrokerLogin(settings: MqttSinkSettings): Promise<ReadLogin> {
  const { caFile, certFile, keyFile, usernameFile, passwordFile } = settings;
  const files = await openPlatformFiles({ caFile, certFile, keyFile });
  const readLogin = async (): Promise<BrokerLogin> => {
    const { ca, crl, cert, key } = await files.current();
    const username = lineOf(await readNamed(usernameFile, "user name"), "user name");
    const password = lineOf(await readNamed(passwordFile, "password"), "password");
    return {
      minVersion: "TLSv1.2",
      ...(ca !== undefined && { ca }),
      ...(crl !== undefined && { crl }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
    };
  };
  await readLogin();
  return readLogin;
}

function lineOf(text: string | undefined, what: string): string | undefined {
  const line = text?.trim();
  if (line === "") throw new GatewayError("SECRET_UNREADABLE", `the file of the platform's ${what} is empty`);
  return line;
}
