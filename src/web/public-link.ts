// The address that a resident's phone opens: of the page /transparency, in a language, for the sign and its QR code.
import type { Language } from "../languages/say.ts";
import { isPrivate } from "../settings/address.ts";
import { isLoopback } from "./loopback.ts";
import { inLanguage } from "./layout.ts";

/** `isLocal`: it opens in the network of the site only. */
export type PublicLink = { readonly url: string; readonly isLocal: boolean };

/** Of the local page's address, such as `http://hedgerow.local:8080`; null where no phone can open it. */
export function publicLink(address: string, language: Language): PublicLink | null {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || isLoopback(url.hostname)) return null;
  return { url: `${url.origin}${inLanguage("/transparency", language)}`, isLocal: isPrivate(url) };
}
