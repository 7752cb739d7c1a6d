// The linear memory of one policy with its shadow: two bitmaps in the same memory, one bit a byte, that
// the translated code tests before each access. An allocator with red zones; what was freed stays
// poisoned for a while. Made by runtime/ through createSandboxMemory().

import { SimulatorLimit } from "../errors.ts";
import { addressLimit, dataStart, nullZoneBytes, readMap, writeMap } from "./layout.ts";
import type { Access, SandboxMemory } from "./memory.ts";

const wasmPage = 1 << 16;
const redZoneBytes = 32;
const pageBytes = 4096;
/** How many freed allocations of a size wait before the first is used again. */
const quarantine = 32;

interface Allocation {
  address: number;
  size: number;
  label: string;
  freed: boolean;
}

/** `limitBytes`: for all allocations together. Untouched memory costs address space only. */
export function createSandboxMemory(limitBytes: number): SandboxMemory {
  const largest = addressLimit - dataStart - 4 * wasmPage;
  if (limitBytes > largest) {
    throw new SimulatorLimit(`${limitBytes} bytes of memory; at most ${largest} can be addressed`);
  }
  return new Sandbox(limitBytes);
}

class Sandbox implements SandboxMemory {
  readonly wasm: WebAssembly.Memory;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly view: DataView;
  readonly #limit: number;
  #next = dataStart;
  /** In ascending order of address. */
  #allocations: Allocation[] = [];
  readonly #byAddress = new Map<number, Allocation>();
  /** By rounded size, in the order of being freed. */
  readonly #free = new Map<number, Allocation[]>();

  constructor(limitBytes: number) {
    const size = Math.ceil((dataStart + limitBytes) / wasmPage) + 1;
    this.wasm = new WebAssembly.Memory({ initial: size, maximum: size });
    this.bytes = new Uint8Array(this.wasm.buffer);
    this.words = new Int32Array(this.wasm.buffer);
    this.view = new DataView(this.wasm.buffer);
    this.#limit = dataStart + limitBytes;
    // Holds zeros that loads through NULL may read; allows() says no to it all the same.
    this.protect(0, nullZoneBytes, "read");
  }

  get usedBytes(): number {
    return this.#next - dataStart;
  }

  reset(): void {
    const used = this.usedBytes;
    this.bytes.fill(0, nullZoneBytes, readMap);
    for (const map of [readMap, writeMap]) {
      const from = map + (dataStart >>> 3);
      this.bytes.fill(0, from, from + Math.ceil(used / 8) + 1);
    }
    this.bytes.fill(0, dataStart, this.#next);
    this.#next = dataStart;
    this.#allocations = [];
    this.#byAddress.clear();
    this.#free.clear();
  }

  allocate(size: number, access: Access, label: string, alignment = 8): number {
    if (!Number.isSafeInteger(size) || size < 0)
      throw new SimulatorLimit(`${label}: ${size} bytes`);
    const room = roundUp(Math.max(size, 1), 8);
    const allocation = this.#reuse(room) ?? this.#extend(room, label, alignment);
    allocation.size = size;
    allocation.label = label;
    allocation.freed = false;
    this.protect(allocation.address, size, access);
    return allocation.address;
  }

  #reuse(room: number): Allocation | null {
    const waiting = this.#free.get(room);
    if (waiting === undefined || waiting.length < quarantine) return null;
    const allocation = waiting.shift() ?? null;
    if (allocation !== null) {
      this.bytes.fill(0, allocation.address, allocation.address + room);
    }
    return allocation;
  }

  #extend(room: number, label: string, wanted: number): Allocation {
    // Pages stay pages: arenas hand them out.
    const alignment = room % pageBytes === 0 ? pageBytes : wanted;
    const address = roundUp(this.#next + redZoneBytes, alignment);
    if (address + room + redZoneBytes > this.#limit) {
      throw new SimulatorLimit(
        `${room} bytes for ${label} are beyond the policy's memory of ${this.#limit - dataStart} bytes`,
      );
    }
    this.#next = address + room;
    const allocation = { address, size: room, label, freed: false };
    this.#allocations.push(allocation);
    this.#byAddress.set(address, allocation);
    return allocation;
  }

  release(address: number): void {
    const allocation = this.#byAddress.get(address);
    if (allocation === undefined || allocation.freed) {
      throw new Error(`nothing to release at ${address}`);
    }
    allocation.freed = true;
    const room = roundUp(Math.max(allocation.size, 1), 8);
    this.protect(address, allocation.size, "none");
    const waiting = this.#free.get(room);
    if (waiting === undefined) this.#free.set(room, [allocation]);
    else waiting.push(allocation);
  }

  protect(address: number, size: number, access: Access): void {
    setBits(this.words, readMap, address, size, access !== "none");
    setBits(this.words, writeMap, address, size, access === "read-write");
  }

  allows(address: number, size: number, access: "read" | "read-write"): boolean {
    if (!(address >= dataStart) || !(size >= 0) || address + size > this.#limit) return false;
    const map = access === "read" ? readMap : writeMap;
    return allBits(this.words, map, address, size);
  }

  describe(address: number): string {
    if (address < dataStart || address >= this.#limit) {
      return address < nullZoneBytes ? `NULL + ${address}` : `0x${address.toString(16)}, no memory`;
    }
    const before = this.#before(address);
    if (before === null) return `0x${address.toString(16)}, before all memory`;
    const { label, size, freed } = before;
    const what = freed ? `freed ${label}` : label;
    const distance = address - before.address;
    if (distance < size) return distance === 0 ? what : `byte ${distance} of ${what}`;
    const next = this.#after(address);
    const past = distance - size;
    if (next !== null && next.address - address < past) {
      return `${plural(next.address - address)} before the start of ${next.label}`;
    }
    return past === 0 ? `just past the end of ${what}` : `${plural(past)} past the end of ${what}`;
  }

  #indexBefore(address: number): number {
    let [low, high] = [0, this.#allocations.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#allocations[middle]?.address ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #before(address: number): Allocation | null {
    return this.#allocations[this.#indexBefore(address)] ?? null;
  }

  #after(address: number): Allocation | null {
    return this.#allocations[this.#indexBefore(address) + 1] ?? null;
  }
}

function plural(bytes: number): string {
  return bytes === 1 ? "1 byte" : `${bytes} bytes`;
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

function setBits(words: Int32Array, map: number, address: number, size: number, on: boolean): void {
  if (size === 0) return;
  const last = address + size - 1;
  const [from, to] = [(map >>> 2) + (address >>> 5), (map >>> 2) + (last >>> 5)];
  const head = -1 << (address & 31);
  const tail = -1 >>> (31 - (last & 31));
  if (from === to) {
    apply(words, from, head & tail, on);
    return;
  }
  apply(words, from, head, on);
  if (to - from > 1) words.fill(on ? -1 : 0, from + 1, to);
  apply(words, to, tail, on);
}

function apply(words: Int32Array, at: number, mask: number, on: boolean): void {
  const old = words[at] as number;
  words[at] = on ? old | mask : old & ~mask;
}

function allBits(words: Int32Array, map: number, address: number, size: number): boolean {
  if (size === 0) return true;
  const last = address + size - 1;
  const [from, to] = [(map >>> 2) + (address >>> 5), (map >>> 2) + (last >>> 5)];
  for (let at = from; at <= to; at++) {
    let mask = -1;
    if (at === from) mask <<= address & 31;
    if (at === to) mask &= -1 >>> (31 - (last & 31));
    if (((words[at] as number) & mask) !== mask) return false;
  }
  return true;
}
