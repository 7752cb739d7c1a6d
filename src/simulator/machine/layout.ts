// Where things are in a policy's linear memory. Constants, so that the translator can put them into the
// code: one translation serves every memory.
//
//   0 … 64 KiB      nothing: loads give 0 (as PROBE_MEM does for NULL and small offsets), stores fault
//   control         words that the translated code and JavaScript share
//   two bitmaps     one bit a byte of memory: may it be read; may it be written
//   data            allocations with red zones, up to 2 GiB

/** Loads below this give 0. The kernel gives 0 for any user address; offsets of kernel types fit in here. */
export const nullZoneBytes = 1 << 16;

const controlAddress = nullZoneBytes;
export const control = {
  /** s32; below 0 is out of fuel. */
  fuel: controlAddress,
  /** Address of the current frame's top. */
  stackTop: controlAddress + 4,
  /** The lowest stack top that a call may have. */
  stackLimit: controlAddress + 8,
  /** Upper half of a call's u64 result. */
  callHigh: controlAddress + 12,
  /** Upper half of r0 when an entry program or callback ends. */
  resultHigh: controlAddress + 16,
  /** Number of the instruction that calls out. */
  site: controlAddress + 20,
  /** The op that runs, as a bit (opBit); all bits outside of ops. */
  op: controlAddress + 24,
} as const;

/** Addresses are below this, and so fit a signed 32-bit integer. */
export const addressLimit = 2 ** 31;
export const readMap = nullZoneBytes * 2;
export const writeMap = readMap + addressLimit / 8;
export const dataStart = writeMap + addressLimit / 8;

/** Never memory: what pointers to functions look like, by the function's index. */
export const functionPointerBase = 0x7ff0_0000;
/** What a present kernel function's address looks like. */
export const kernelFunctionBase = 0x7fe0_0000;
/** What a pointer that is no address arrives as at a call. */
export const wildPointer = 0x7fff_ffff;

/** MAX_BPF_STACK, MAX_CALL_FRAMES */
export const frameBytes = 512;
export const framesMax = 8;
/** From one frame's top to the next one's: a red zone lies between. */
export const frameStride = frameBytes + 64;
/** A call may run a program in turn (an op inside a kfunc): each level has its own frames. */
export const nestedRunsMax = 4;

/** What a function's entry costs; a jump backwards costs the instructions it goes back over. */
export const entryFuel = 1;
/** BPF_MAX_LOOPS: rounds of one may_goto in one frame. */
export const mayGotoRounds = 8 * 1024 * 1024;
