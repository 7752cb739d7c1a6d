import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readKernelTypes } from "./kernel-types.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-types-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** An ELF64 file with the sections null, .BTF and .shstrtab; `name` in place of the second's. */
function elf(types: string, name = ".BTF"): Buffer {
  const names = Buffer.from(`\0${name}\0.shstrtab\0`);
  const [typesAt, namesAt] = [64, 64 + types.length];
  const tableAt = namesAt + names.length;
  const file = Buffer.alloc(tableAt + 3 * 64);
  file.write("\x7fELF\x02\x01", 0, "latin1");
  file.writeBigUInt64LE(BigInt(tableAt), 40);
  file.writeUInt16LE(64, 58);
  file.writeUInt16LE(3, 60);
  file.writeUInt16LE(2, 62);
  file.write(types, typesAt, "latin1");
  names.copy(file, namesAt);
  const section = (index: number, nameAt: number, at: number, size: number) => {
    file.writeUInt32LE(nameAt, tableAt + index * 64);
    file.writeBigUInt64LE(BigInt(at), tableAt + index * 64 + 24);
    file.writeBigUInt64LE(BigInt(size), tableAt + index * 64 + 32);
  };
  section(1, 1, typesAt, types.length);
  section(2, name.length + 2, namesAt, names.length);
  return file;
}

function write(bytes: Buffer): string {
  const path = join(directory, "vmlinux");
  writeFileSync(path, bytes);
  return path;
}

test("the section is read, and nothing else of the file", async () => {
  const types = await readKernelTypes(write(elf("\x9f\xebtypes")));
  expect(Buffer.from(types).toString("latin1")).toBe("\x9f\xebtypes");
});

test.each<[string, Buffer, string]>([
  ["without types", elf("x", ".data"), "CONFIG_DEBUG_INFO_BTF"],
  ["no ELF", Buffer.alloc(100), "no ELF"],
  ["empty", Buffer.alloc(0), "broken"],
  ["cut off", elf("types").subarray(0, 150), "broken"],
])("a kernel that is %s asks for the set-up", async (_, bytes, words) => {
  await expect(readKernelTypes(write(bytes))).rejects.toMatchObject({
    code: "missing-setup",
    message: expect.stringContaining(words),
    hint: expect.stringContaining("schedcp setup"),
  });
});

test("one that is not there, too", async () => {
  await expect(readKernelTypes(join(directory, "none"))).rejects.toMatchObject({
    code: "missing-setup",
  });
});
