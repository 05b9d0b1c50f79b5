// Which addresses lie within the house or its network, where plain http may be used.

/** Loopback, link-local and private use: RFC 1122, 1918, 3927, 4193, 4291. As `URL` writes them, in dots and lower case. */
const PRIVATE_V4 = /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))(\.\d{1,3})+$/;
const PRIVATE_V6 = /^\[(::1|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*)\]$/;
/** Names that the public DNS does not answer: one label alone, and RFC 6761, 6762, 8375 and ICANN's `internal`. */
const PRIVATE_NAME = /^[^.:]+$|\.(localhost|local|lan|internal|home\.arpa)$/;

/** Whether a URL leads to this machine or a private network, by its written host; nothing is looked up. */
export function isPrivate(url: URL): boolean {
  const host = url.hostname.replace(/\.$/, "");
  return [PRIVATE_V4, PRIVATE_V6, PRIVATE_NAME].some((form) => form.test(host));
}
