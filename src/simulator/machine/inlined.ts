// Kfuncs that are written into the code in place of a call: the numbers of bpf_for() (kernel/bpf/
// bpf_iter.c), which otherwise would leave WebAssembly twice and once more for every round. As after any
// call, r1 to r5 are free for them. Called by translate-function.ts.

import { localOf } from "./locals.ts";
import { load, type Site, store } from "./translate-memory.ts";
import { emptyBlock, op, type WasmWriter } from "./wasm-writer.ts";

export type Inlined = (out: WasmWriter, site: Site) => void;

/** BPF_MAX_LOOPS. */
const loopsMax = 8 * 1024 * 1024;
const errno = { tooBig: -7, invalid: -22 } as const;

/** struct bpf_iter_num_kern at r1: the present number and the end, 32 bits each. */
const iterator = 1;
const [result, first, second] = [0, 2, 3] as const;

function writeWord(out: WasmWriter, site: Site, offset: 0 | 4, register: number): void {
  store(out, site, { kind: "store", base: iterator, offset, bytes: 4, operand: { register } });
}

/** Both words 0: the iterator has no more numbers. */
function end(out: WasmWriter, site: Site): void {
  store(out, site, {
    ...{ kind: "store", base: iterator, offset: 0, bytes: 8 },
    operand: { constant: 0 },
  });
}

function answer(out: WasmWriter, value: number): void {
  out.i64Const(value).set(localOf(result));
}

export const inlined: ReadonlyMap<string, Inlined> = new Map<string, Inlined>([
  [
    "bpf_iter_num_new",
    (out, site) => {
      for (const register of [first, second]) {
        out.get(localOf(register)).byte(op.i64Extend32S).set(localOf(register));
      }
      end(out, site);
      answer(out, errno.invalid);
      out.get(localOf(first)).get(localOf(second)).byte(op.i64LeS, op.if, emptyBlock);
      answer(out, errno.tooBig);
      out.get(localOf(second)).get(localOf(first)).byte(op.i64Sub);
      out.i64Const(loopsMax).byte(op.i64LeS, op.if, emptyBlock);
      out.get(localOf(first)).i64Const(1).byte(op.i64Sub).set(localOf(first));
      writeWord(out, site, 0, first);
      writeWord(out, site, 4, second);
      answer(out, 0);
      out.byte(op.end, op.end);
    },
  ],
  [
    "bpf_iter_num_next",
    (out, site) => {
      const word = { kind: "load", base: iterator, bytes: 4, signed: true } as const;
      load(out, site, { ...word, dst: first, offset: 0 });
      load(out, site, { ...word, dst: second, offset: 4 });
      out.get(localOf(first)).i64Const(1).byte(op.i64Add, op.i64Extend32S).set(localOf(first));
      out.get(localOf(first)).get(localOf(second)).byte(op.i64LtS, op.if, emptyBlock);
      writeWord(out, site, 0, first);
      out.get(localOf(iterator)).set(localOf(result)).byte(op.else);
      end(out, site);
      answer(out, 0);
      out.byte(op.end);
    },
  ],
  [
    "bpf_iter_num_destroy",
    (out, site) => {
      end(out, site);
      answer(out, 0);
    },
  ],
]);
