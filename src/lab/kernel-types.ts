// Reads the types (BTF) out of an ELF kernel of the lab: some 7 MB of its 62, without reading the rest.
// The images are our own, made from packages whose signatures were checked. Called by lab.ts.

import { type FileHandle, open } from "node:fs/promises";
import { SchedcpError } from "../contract/errors.ts";

const sectionHeaderBytes = 64;
const btfBytesMax = 64 * 1024 * 1024;

/** The .BTF section. Throws `missing-setup` where the file is not what the image's maker left there. */
export async function readKernelTypes(kernel: string): Promise<Uint8Array> {
  const file = await open(kernel, "r").catch((cause: unknown) => {
    throw unusable(kernel, "it can't be read", cause);
  });
  try {
    // Elf64_Ehdr: e_shoff at 40, e_shnum at 60, e_shstrndx at 62.
    const header = await bytesAt(file, 0, 64);
    if (header.toString("latin1", 0, 6) !== "\x7fELF\x02\x01")
      throw unusable(kernel, "it is no ELF");
    const [tableOffset, count] = [Number(header.readBigUInt64LE(40)), header.readUInt16LE(60)];
    const table = await bytesAt(file, tableOffset, count * sectionHeaderBytes);
    const namesAt = header.readUInt16LE(62) * sectionHeaderBytes;
    const names = await sectionBytes(file, table, namesAt);
    for (let at = 0; at < table.length; at += sectionHeaderBytes) {
      const start = table.readUInt32LE(at);
      if (names.toString("latin1", start, names.indexOf(0, start)) !== ".BTF") continue;
      return await sectionBytes(file, table, at);
    }
  } catch (cause) {
    if (cause instanceof SchedcpError) throw cause;
    throw unusable(kernel, "its table of sections is broken", cause);
  } finally {
    await file.close();
  }
  throw unusable(kernel, "it was built without BTF (CONFIG_DEBUG_INFO_BTF)");
}

/** Elf64_Shdr: sh_offset at 24, sh_size at 32. */
function sectionBytes(file: FileHandle, table: Buffer, at: number): Promise<Buffer> {
  return bytesAt(
    file,
    Number(table.readBigUInt64LE(at + 24)),
    Number(table.readBigUInt64LE(at + 32)),
  );
}

async function bytesAt(file: FileHandle, offset: number, size: number): Promise<Buffer> {
  if (size > btfBytesMax) throw new RangeError(`a part of ${size} bytes`);
  const bytes = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(bytes, length, size - length, offset + length);
    if (bytesRead === 0) throw new RangeError("the file ends too early");
    length += bytesRead;
  }
  return bytes;
}

function unusable(kernel: string, reason: string, cause?: unknown): SchedcpError {
  return new SchedcpError(
    "missing-setup",
    `the types of the kernel ${kernel} can't be had: ${reason}`,
    {
      hint: "Run `schedcp setup`, which makes the guest image again where it is broken.",
      cause,
    },
  );
}
