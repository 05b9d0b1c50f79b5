// Addresses that a person wrote: no secret in them, nothing private over the internet in the open.
import { isPrivate } from "./address.ts";
import type { Complaint } from "./issues.ts";

/** `isPlatform`: events go there; else raw pictures come from there. */
export function checkUrl({
  url,
  path,
  isPlatform,
}: {
  url: string;
  path: Complaint["path"];
  isPlatform: boolean;
}): Complaint[] {
  const { username, password, protocol, host } = new URL(url);
  const complaints: Complaint[] = [];
  if (username !== "" || password !== "") {
    const remedy = isPlatform
      ? "remove it; the gateway's key signs what it sends"
      : "write it into a file and name that under credentialsFile";
    complaints.push(mistake(path, `the address holds a password, which settings must not; ${remedy}`));
  }
  if (protocol === "http:" && !isPrivate(new URL(url))) {
    complaints.push(
      isPlatform
        ? mistake(
            path,
            `${host} is not on this machine or a private network, so events must not travel there by plain http; write https://`,
          )
        : warning(
            path,
            `${host} is not on a private network, so raw pictures travel the internet by plain http; use https://`,
          ),
    );
  }
  return complaints;
}

export function mistake(path: Complaint["path"], text: string): Complaint {
  return { path, at: "value", text };
}

export function warning(path: Complaint["path"], text: string): Complaint {
  return { path, at: "value", text, severity: "warning" };
}
