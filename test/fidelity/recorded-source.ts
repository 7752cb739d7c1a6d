// Makes a policy's source one that records its own callbacks (bpf/include/schedcp/record.bpf.h), in the
// guest as in the simulator: the same object runs in both. Ops that only notify are added where the
// policy has none, so that what happens to a task shows; no op that decides anything is added.

/** C of the argument lists, as the kernel declares the ops. */
const notifications: Readonly<Record<string, string>> = {
  dequeue: "struct task_struct *p, u64 deq_flags",
  runnable: "struct task_struct *p, u64 enq_flags",
  running: "struct task_struct *p",
  stopping: "struct task_struct *p, bool runnable",
  quiescent: "struct task_struct *p, u64 deq_flags",
  enable: "struct task_struct *p",
  disable: "struct task_struct *p",
  init_task: "struct task_struct *p, struct scx_init_task_args *args",
  exit_task: "struct task_struct *p, struct scx_exit_task_args *args",
};
const define = "SCX_OPS_DEFINE(";

export function recordedSource(source: string): string {
  const header = "#include <schedcp/record.bpf.h>\n#line 1\n";
  const at = source.indexOf(define);
  // A header of ours defines the ops: it has most of them, and its macro takes no more.
  if (at === -1) return header + source;
  const missing = Object.keys(notifications).filter(
    (op) => !new RegExp(`\\.${op}\\s*=`).test(source),
  );
  const firstComma = source.indexOf(",", at);
  return [
    header,
    source.slice(0, at),
    ...missing.map(definition),
    source.slice(at, firstComma + 1),
    ...missing.map((op) => `\n\t       .${op} = (void *)recorded_${op},`),
    source.slice(firstComma + 1),
  ].join("");
}

function definition(op: string): string {
  const sleeps = op === "init_task";
  const type = sleeps ? "s32 BPF_STRUCT_OPS_SLEEPABLE" : "void BPF_STRUCT_OPS";
  const body = sleeps ? "\treturn 0;\n" : "";
  return `${type}(recorded_${op}, ${notifications[op]})\n{\n${body}}\n\n`;
}
