// Whether an address or a host's name is this machine itself, which others cannot reach under it.

/** `host`: an address as sockets tell it, or a host as `URL` writes it. */
export function isLoopback(host: string): boolean {
  return /^(localhost|\[?::1\]?|(::ffff:)?127\.\d+\.\d+\.\d+)$/i.test(host);
}
