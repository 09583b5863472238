import { lstatSync, unlinkSync } from "node:fs";
import { connect } from "node:net";

/**
 * Removes a Unix socket that a killed proxy has left behind: one of this user's that nobody listens on. True when it
 * is gone; anything else at the path stays.
 */
export async function removeStaleSocket(path: string): Promise<boolean> {
  const file = lstatSync(path, { throwIfNoEntry: false });
  if (!file?.isSocket() || file.uid !== process.getuid?.()) return false;
  if (!(await isDeaf(path))) return false;
  unlinkSync(path);
  return true;
}

function isDeaf(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
}
