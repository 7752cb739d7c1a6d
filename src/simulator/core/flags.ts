// Flags of enqueue, dequeue, wake-up and kick as the simulator keeps them: one 32-bit integer each. The
// kernel's SCX_ENQ_* and SCX_DEQ_* are 64 bits wide with gaps; `toKernel` and `fromKernel` translate at
// the policy's boundary. Numbers of the kernel's side: include/linux/sched/ext.h and
// kernel/sched/ext_internal.h, 7.2.

export const enq = {
  wakeup: 1 << 0,
  head: 1 << 4,
  cpuSelected: 1 << 10,
  preempt: 1 << 16,
  immediate: 1 << 17,
  reenqueued: 1 << 18,
  last: 1 << 19,
  priority: 1 << 20,
} as const;

export const deq = {
  sleep: 1 << 0,
  coreSchedExec: 1 << 16,
  schedChange: 1 << 17,
} as const;

export const wake = { exec: 1 << 1, fork: 1 << 2, ttwu: 1 << 3, sync: 1 << 4 } as const;

/** SCX_KICK_*: the same numbers as the kernel's. */
export const kick = { idle: 1, preempt: 2, wait: 4 } as const;

/**
 * Internal bit → position in the kernel's word. Of 7.2, whose ENQUEUE_HEAD and ENQUEUE_RQ_SELECTED moved
 * to bits 16 and 20 (kernel/sched/sched.h); earlier kernels had them at 4 and 10.
 */
const enqPositions: readonly (readonly [number, number])[] = [
  [enq.wakeup, 0],
  [enq.head, 16],
  [enq.cpuSelected, 20],
  [enq.preempt, 32],
  [enq.immediate, 33],
  [enq.reenqueued, 40],
  [enq.last, 41],
];
const deqPositions: readonly (readonly [number, number])[] = [
  [deq.sleep, 0],
  [deq.coreSchedExec, 32],
  [deq.schedChange, 33],
];

/** The low and high 32 bits of the kernel's word, unsigned. */
export interface KernelWord {
  readonly low: number;
  readonly high: number;
}

const nothing: KernelWord = { low: 0, high: 0 };

function toWord(flags: number, positions: typeof enqPositions): KernelWord {
  // Most often there are none, and these are on every callback's way.
  if (flags === 0) return nothing;
  let low = 0;
  let high = 0;
  for (const [bit, position] of positions) {
    if ((flags & bit) === 0) continue;
    if (position < 32) low |= 1 << position;
    else high |= 1 << (position - 32);
  }
  return { low: low >>> 0, high: high >>> 0 };
}

function fromWord(low: number, high: number, positions: typeof enqPositions): number {
  if (low === 0 && high === 0) return 0;
  let flags = 0;
  for (const [bit, position] of positions) {
    const word = position < 32 ? low : high;
    if ((word >>> (position & 31)) & 1) flags |= bit;
  }
  return flags;
}

/** Of the few combinations that occur: asked at every enqueue. */
const wordsOfEnq = new Map<number, KernelWord>();

export function enqToKernel(flags: number): KernelWord {
  const known = wordsOfEnq.get(flags);
  if (known !== undefined) return known;
  const word = toWord(flags, enqPositions);
  wordsOfEnq.set(flags, word);
  return word;
}

export const enqFromKernel = (low: number, high: number): number =>
  fromWord(low, high, enqPositions);
export const deqToKernel = (flags: number): KernelWord => toWord(flags, deqPositions);
