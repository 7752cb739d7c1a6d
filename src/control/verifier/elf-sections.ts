// Names of an ELF64 little-endian object's sections, read with every offset checked: the object may
// come from anybody. Called by compile.ts.

const sectionHeaderBytes = 64;
const sectionsMax = 4096;

/** Null where it is no such object. */
export function sectionNames(object: Uint8Array): string[] | null {
  const bytes = Buffer.from(object.buffer, object.byteOffset, object.byteLength);
  if (bytes.length < 64 || bytes.toString("latin1", 0, 6) !== "\x7fELF\x02\x01") return null;
  const tableOffset = Number(bytes.readBigUInt64LE(40));
  const entryBytes = bytes.readUInt16LE(58);
  const count = bytes.readUInt16LE(60);
  const namesIndex = bytes.readUInt16LE(62);
  const inside = tableOffset + count * sectionHeaderBytes <= bytes.length;
  if (entryBytes !== sectionHeaderBytes || count > sectionsMax || !inside || namesIndex >= count) {
    return null;
  }
  const header = (index: number) => tableOffset + index * sectionHeaderBytes;
  const namesOffset = Number(bytes.readBigUInt64LE(header(namesIndex) + 24));
  const namesBytes = Number(bytes.readBigUInt64LE(header(namesIndex) + 32));
  if (namesOffset + namesBytes > bytes.length) return null;
  const names = bytes.subarray(namesOffset, namesOffset + namesBytes);
  return Array.from({ length: count }, (_, index) => {
    const start = bytes.readUInt32LE(header(index));
    const end = names.indexOf(0, start);
    return start < names.length && end >= 0 ? names.toString("latin1", start, end) : "";
  });
}
