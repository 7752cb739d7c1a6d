// The target kernel's BTF: from a raw blob (/sys/kernel/btf/vmlinux), from a kernel's ELF in memory, or
// from a file of either form without reading the whole of it. Called by runtime/ and the command line.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ObjectError } from "../errors.ts";
import { Btf } from "./btf.ts";
import { readElfHeader, readSectionHeader, textAt } from "./elf.ts";

/** Bytes of a file or of memory: `read` may give fewer at the end. */
interface Source {
  size: number;
  read(offset: number, size: number): Uint8Array;
}

const btfBytesMax = 64 << 20;

/** Throws ObjectError where the bytes are neither BTF nor an ELF file with it. */
export function kernelBtf(bytes: Uint8Array): Btf {
  return fromSource({
    size: bytes.length,
    read: (offset, size) => bytes.subarray(offset, offset + size),
  });
}

/** As kernelBtf(), of a file. Throws the file system's error where it can't be read. */
export function kernelBtfOfFile(path: string): Btf {
  const file = openSync(path, "r");
  try {
    return fromSource({
      size: fstatSync(file).size || btfBytesMax,
      read(offset, size) {
        const bytes = new Uint8Array(size);
        let filled = 0;
        while (filled < size) {
          const got = readSync(file, bytes, filled, size - filled, offset + filled);
          if (got === 0) break;
          filled += got;
        }
        return bytes.subarray(0, filled);
      },
    });
  } finally {
    closeSync(file);
  }
}

function fromSource(source: Source): Btf {
  const start = source.read(0, 64);
  if (start[0] === 0x9f && start[1] === 0xeb) {
    return new Btf(source.read(0, Math.min(source.size, btfBytesMax)));
  }
  const header = readElfHeader(start);
  const table = source.read(header.sectionsAt, header.sectionCount * 64);
  const naming = readSectionHeader(table, header.namesIndex);
  if (naming.size > 1 << 20) throw new ObjectError("the table of section names is too large");
  const names = source.read(naming.offset, naming.size);
  for (let index = 1; index < header.sectionCount; index++) {
    const section = readSectionHeader(table, index);
    if (textAt(names, section.name, `section ${index}`) !== ".BTF") continue;
    if (section.size > btfBytesMax) throw new ObjectError("the kernel's BTF is too large");
    return new Btf(source.read(section.offset, section.size));
  }
  throw new ObjectError("the kernel has no BTF (CONFIG_DEBUG_INFO_BTF is off)");
}
