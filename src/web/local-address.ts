// Where the command socket is.
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

export const SOCKET_NAME = "command.sock";
/** The longest address that the kernel takes, less the closing zero (sun_path in unix(7)). */
const PATH_BYTES_MAX = 107;

/**
 * The socket's address. A deep dataDir makes it longer than the kernel takes; then the way leads through an open handle of
 * the directory, which Linux names in /proc/self/fd. (A socket in /tmp was the alternative: others could sit there first.)
 */
export async function addressIn(dataDir: string): Promise<{ readonly path: string; end(): Promise<void> }> {
  const path = join(dataDir, SOCKET_NAME);
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return { path, end: async () => {} };
  let handle: FileHandle | undefined = await open(dataDir, constants.O_RDONLY | constants.O_DIRECTORY);
  return {
    path: `/proc/self/fd/${handle.fd}/${SOCKET_NAME}`,
    end: async () => {
      await handle?.close();
      handle = undefined;
    },
  };
}
