// Packs files into a cpio archive of the "newc" form, which the kernel unpacks as its initial RAM
// disk (Documentation/driver-api/early-userspace/buffer-format.rst).

export interface CpioFile {
  path: string;
  /** File type and permission bits, as in stat's st_mode. */
  mode: number;
  data: Uint8Array;
}

export function packCpio(files: readonly CpioFile[]): Buffer {
  const parts: Buffer[] = [];
  const put = (file: CpioFile, inode: number) => {
    const name = Buffer.from(`${file.path}\0`);
    const fields = [inode, file.mode, 0, 0, 1, 0, file.data.length, 0, 0, 0, 0, name.length, 0];
    const hex = fields.map((field) => field.toString(16).padStart(8, "0")).join("");
    parts.push(padded(Buffer.concat([Buffer.from(`070701${hex}`), name])));
    parts.push(padded(Buffer.from(file.data)));
  };
  for (const [index, file] of files.entries()) put(file, index + 1);
  put({ path: "TRAILER!!!", mode: 0, data: Buffer.alloc(0) }, 0);
  return Buffer.concat(parts);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
