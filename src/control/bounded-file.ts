// Reads a file that a user named, up to a limit: whatever it is (a pipe, a device, something that grows),
// it neither hangs nor fills the memory. Called for policies, scenarios and profiles.

import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { SchedcpError } from "../contract/errors.ts";

/** Throws `file-unreadable` or `limit-exceeded`; `what` and `hint` go into the message. */
export async function readBoundedFile(
  path: string,
  { what, bytesMax, hint }: { what: string; bytesMax: number; hint: string },
): Promise<Buffer> {
  try {
    // Non-blocking: a pipe or a device is refused instead of waited for.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      // One byte more than allowed tells a file that is too large, also one without a size.
      const { size } = await file.stat();
      const buffer = Buffer.alloc(size > 0 && size <= bytesMax ? size + 1 : bytesMax + 1);
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length);
        if (bytesRead === 0) return buffer.subarray(0, length);
        length += bytesRead;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const reason = error.code === "ENOENT" ? "there is no such file" : String(error.code);
    throw new SchedcpError("file-unreadable", `cannot read the ${what} ${path}: ${reason}`, {
      hint,
      cause: error,
    });
  }
  throw new SchedcpError("limit-exceeded", `the ${what} ${path} is too large`, {
    hint: `At most ${bytesMax} bytes are read.`,
  });
}
