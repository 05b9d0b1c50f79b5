// Under which address others find this page: the one that the reader's browser found it under, unless that is this machine itself.
import { ownAddress } from "../core/own-address.ts";
import type { WebContext } from "./answers.ts";
import { isLoopback } from "./loopback.ts";

/** Such as http://192.168.1.5:8080. `host`: what the page listens on. */
export function originOf(c: WebContext, { host }: { readonly host: string }): string {
  const scheme = c.env.isSecure ? "https" : "http";
  const asked = URL.parse(`${scheme}://${c.req.header("host") ?? ""}`);
  if (asked !== null && !isLoopback(asked.hostname)) return asked.origin;
  const own = ownAddress(host);
  const port = asked === null || asked.port === "" ? "" : `:${asked.port}`;
  return `${scheme}://${own.includes(":") ? `[${own}]` : own}${port}`;
}
