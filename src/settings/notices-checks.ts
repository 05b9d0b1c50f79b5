// What the section `notices` asks for and should not have: a password over the open internet, a login in an address, half a login.
import { isPrivate } from "./address.ts";
import { mistake, warning } from "./address-checks.ts";
import type { Complaint } from "./issues.ts";
import type { GatewaySettings } from "./schema.ts";

type Notices = GatewaySettings["notices"];
type Path = Complaint["path"];

/** `spoken`: languages there are words in; without it that is not checked. */
export function checkNotices({ email, push, language }: Notices, spoken?: readonly string[]): Complaint[] {
  const isSpoken = spoken === undefined || spoken.includes(language);
  return [
    ...(email === undefined ? [] : checkEmail(email)),
    ...push.flatMap((each, index) => checkPush(each, ["notices", "push", index])),
    ...(isSpoken
      ? []
      : [mistake(["notices", "language"], `there are no words in ${language}; choose one of ${spoken.join(", ")}`)]),
  ];
}

function checkEmail({
  host,
  port,
  security,
  usernameFile,
  passwordFile,
  caFile,
}: NonNullable<Notices["email"]>): Complaint[] {
  const at = (key: string): Path => ["notices", "email", key];
  const isNear = isHost(host) && isPrivate(new URL(`http://${bracketed(host)}`));
  const complaints: Complaint[] = [];
  if (!isHost(host))
    complaints.push(mistake(at("host"), `${host} is no name or address of a server; write such as mail.example`));
  else if (security === "none" && !isNear)
    complaints.push(
      mistake(
        at("security"),
        `${host} is not on this machine or a private network, so messages must not travel there in the open; write starttls or tls`,
      ),
    );
  if (security === "none" && caFile !== undefined)
    complaints.push(
      mistake(at("caFile"), "there is a certificate authority, but security is none; write starttls or tls"),
    );
  if (security === "none" && isNear && passwordFile !== undefined)
    complaints.push(
      warning(at("security"), "the password travels the site's network in the open; write starttls if the server can"),
    );
  if (security === "starttls" && port === 465)
    complaints.push(warning(at("port"), "port 465 speaks TLS from the first byte; write security: tls"));
  if (passwordFile !== undefined && usernameFile === undefined)
    complaints.push(mistake(at("passwordFile"), "a password needs a user name; write usernameFile too"));
  if (usernameFile !== undefined && passwordFile === undefined)
    complaints.push(mistake(at("usernameFile"), "a user name needs a password; write passwordFile too"));
  return complaints;
}

function checkPush({ url, caFile }: Notices["push"][number], path: Path): Complaint[] {
  const { username, password, protocol, host } = new URL(url);
  const at = (key: string): Path => [...path, key];
  const complaints: Complaint[] = [];
  if (username !== "" || password !== "")
    complaints.push(
      mistake(at("url"), "the address holds a password; write a token into a file and name that under tokenFile"),
    );
  if (protocol !== "http:") return complaints;
  if (!isPrivate(new URL(url)))
    complaints.push(
      mistake(
        at("url"),
        `${host} is not on this machine or a private network, so messages must not travel there by plain http; write https://`,
      ),
    );
  if (caFile !== undefined)
    complaints.push(
      mistake(at("url"), "there is a certificate authority, but the address is plain http; write https://"),
    );
  return complaints;
}

/** Whether it can stand in an address at all. */
function isHost(host: string): boolean {
  return /^[\p{L}\p{N}.:_-]+$/u.test(host) && URL.canParse(`http://${bracketed(host)}`);
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
