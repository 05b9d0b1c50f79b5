// What a sink, or the site's own broker, asks for and should not have: logins in addresses, the open road, half a certificate.
import { isPrivate } from "./address.ts";
import { checkUrl, mistake } from "./address-checks.ts";
import type { Complaint } from "./issues.ts";
import type { GatewaySettings } from "./schema.ts";

type Path = Complaint["path"];
type Certificates = { readonly certFile?: string | undefined; readonly keyFile?: string | undefined };

/** One sink of gateway.yaml at its path. */
export function checkSink(
  sink: GatewaySettings["platform"][number],
  { path, hasCell }: { path: Path; hasCell: boolean },
): Complaint[] {
  const complaints = hasCell ? [] : byTheSun(sink, path);
  if (sink.kind === "mqtt")
    return [...complaints, ...checkMqttServer(sink, { path, what: "events must not travel there" })];
  complaints.push(
    ...checkUrl({ url: sink.url, path: [...path, "url"], isPlatform: true }),
    ...halfCertificate(sink, path),
  );
  if (/[?#]/.test(sink.url))
    complaints.push(
      mistake(
        [...path, "url"],
        "events go to {url}/v1/events, so the address has no question mark and no #; write what is before it",
      ),
    );
  if (sink.certFile !== undefined && sink.url.startsWith("http:"))
    complaints.push(
      mistake([...path, "url"], "there is a client certificate, but the address is plain http; write https://"),
    );
  if (sink.proxyCredentialsFile !== undefined && sink.proxy === undefined)
    complaints.push(mistake([...path, "proxyCredentialsFile"], "a proxy's login needs the proxy; write proxy too"));
  if (sink.proxy !== undefined && /@/.test(new URL(sink.proxy).href))
    complaints.push(
      mistake(
        [...path, "proxy"],
        "the address holds a login; write it into a file and name that under proxyCredentialsFile",
      ),
    );
  return complaints;
}

/** An MQTT broker that this gateway logs in to. `what` must not happen in the open, as a sentence goes on. */
export function checkMqttServer(
  server: Certificates & {
    readonly url: string;
    readonly usernameFile?: string | undefined;
    readonly passwordFile?: string | undefined;
    readonly caFile?: string | undefined;
  },
  { path, what }: { path: Path; what: string },
): Complaint[] {
  const { url, usernameFile, passwordFile, caFile, certFile, keyFile } = server;
  const at = (key: string): Path => [...path, key];
  const { username, password, protocol, host } = new URL(url);
  const isPlain = protocol === "mqtt:";
  const complaints: Complaint[] = [];
  if (username !== "" || password !== "")
    complaints.push(
      mistake(at("url"), "the address holds a login; write it into files, usernameFile and passwordFile"),
    );
  if (isPlain && !isPrivate(new URL(url)))
    complaints.push(
      mistake(
        at("url"),
        `${host} is not on this machine or a private network, so ${what} by plain mqtt; write mqtts://`,
      ),
    );
  if (isPlain && (caFile ?? certFile ?? keyFile) !== undefined)
    complaints.push(mistake(at("url"), "there are certificates, but the address is plain mqtt; write mqtts://"));
  if (passwordFile !== undefined && usernameFile === undefined)
    complaints.push(mistake(at("passwordFile"), "a password needs a user name; write usernameFile too"));
  return [...complaints, ...halfCertificate(server, path)];
}

/** Without a place the sun's times never come: the line would stay closed. */
function byTheSun({ id, connect }: GatewaySettings["platform"][number], path: Path): Complaint[] {
  if (connect?.between.some((time) => time.startsWith("sun")) !== true) return [];
  return [
    mistake(
      [...path, "connect", "between"],
      `platform ${id} goes by the sun, but gateway.yaml does not say where the site is; write gateway.cell, or times such as 21:30`,
    ),
  ];
}

function halfCertificate({ certFile, keyFile }: Certificates, path: Path): Complaint[] {
  if ((certFile === undefined) === (keyFile === undefined)) return [];
  return [mistake([...path, certFile === undefined ? "keyFile" : "certFile"], "certFile and keyFile go together")];
}
