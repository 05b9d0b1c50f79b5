// https for the page: the association's certificate and how long it is good, or the fingerprint of the house's own authority.
import { GatewayError } from "../../core/errors.ts";
import { readAuthority, readPair, validityOf } from "../../web/tls-files.ts";
import { type Diagnosis, type Machine, note, ok, orRefusal, type Site, trouble, warning } from "./diagnosis.ts";
import { DOCTOR_LIMITS } from "./doctor-limits.ts";

export async function lookAtHttps(machine: Machine, site: Site | null): Promise<Diagnosis[]> {
  const { tls } = site?.settings.gateway.status ?? {};
  if (site === null || tls === undefined) return [];
  const { certFile, keyFile } = tls;
  if (certFile === undefined || keyFile === undefined)
    return [await ofAuthority(site.settings.gateway.gateway.dataDir)];
  const pair = await readPair({ certFile, keyFile }).catch(orRefusal);
  if (pair instanceof GatewayError) return [trouble(pair.message, pair.hint)];
  return [judge(validityOf(pair), { certFile, nowMs: machine.clock.nowMs() })];
}

/** Who installs it compares this with what the page /tls shows. */
async function ofAuthority(dataDir: string): Promise<Diagnosis> {
  const authority = await readAuthority(dataDir).catch(orRefusal);
  if (authority instanceof GatewayError) return trouble(authority.message, authority.hint);
  if (authority === null) return note("the page's own certificate authority is made at the next start of the gateway");
  return ok(`the page's own certificate authority has the fingerprint ${authority.fingerprint}`);
}

function judge(
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  { certFile, nowMs }: { readonly certFile: string; readonly nowMs: number },
): Diagnosis {
  const day = new Intl.DateTimeFormat("sv-SE", { timeZone: "UTC" }).format(toMs);
  const renew = `Put a renewed certificate in the place of ${certFile}, and its key; the gateway takes it without a restart.`;
  if (nowMs < fromMs) return trouble("the page's certificate does not hold yet", "Is the clock of this machine right?");
  if (toMs <= nowMs) return trouble(`the page's certificate ended on ${day}`, renew);
  if (toMs - nowMs < DOCTOR_LIMITS.certificateEndsMs) return warning(`the page's certificate ends on ${day}`, renew);
  return ok(`the page's certificate is good until ${day}`);
}
