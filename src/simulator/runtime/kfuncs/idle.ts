// Kfuncs around idle CPUs (kernel/sched/ext/idle.c): the built-in pick and its masks, per node and for
// the machine.

import { opsFlags } from "../../core/policy-ops.ts";
import type { Call } from "../../machine/calls.ts";
import { callers, declare } from "../declare.ts";
import { errno } from "../errno.ts";
import type { Surroundings } from "../surroundings.ts";

/** SCX_PICK_IDLE_IN_NODE. */
const PICK_IN_NODE = 2;

export function idleKfuncs(surroundings: Surroundings): Call[] {
  const { masks, view, idleMasks, cpus } = surroundings;
  const allowedBy = (mask: number) => {
    surroundings.span(mask, masks.bytes);
    return (cpu: number): boolean => masks.has(mask, cpu);
  };
  const onNode = (mask: number, node: number) => {
    const allowed = allowedBy(mask);
    return (cpu: number): boolean => allowed(cpu) && cpus.topology.nodeOf[cpu] === node;
  };
  /** What `pick` takes is no longer idle. */
  const taking = (pick: () => number): number => {
    const cpu = pick();
    idleMasks.refresh(surroundings.kernel);
    return cpu;
  };
  const selectAnd = (
    task: number,
    previous: number,
    wakeLow: number,
    mask: number,
    flags: number,
  ) =>
    taking(() =>
      surroundings.kernel.selectCpuAnd(
        surroundings.schedulable(task),
        previous,
        wakeLow,
        allowedBy(mask),
        flags,
      ),
    );
  return [
    declare(
      "scx_bpf_select_cpu_dfl",
      "s32",
      "ptr s32 u64 ptr",
      (task = 0, previous = 0, wakeLow = 0, _wakeHigh = 0, isIdle = 0) => {
        const index = surroundings.schedulable(task);
        const picked = surroundings.kernel.selectCpuDefault(index, previous, wakeLow);
        idleMasks.refresh(surroundings.kernel);
        view.setUint8(surroundings.target(isIdle, 1), picked.idle ? 1 : 0);
        return picked.cpu;
      },
      callers.selectCpu,
    ),
    declare(
      "scx_bpf_select_cpu_and",
      "s32",
      "ptr s32 u64 ptr u64",
      (task = 0, previous = 0, wakeLow = 0, _wakeHigh = 0, mask = 0, flags = 0) =>
        selectAnd(task, previous, wakeLow, mask, flags),
      callers.selectCpu,
    ),
    declare(
      "__scx_bpf_select_cpu_and",
      "s32",
      "ptr ptr ptr",
      (task = 0, mask = 0, args = 0) => {
        surroundings.span(args, 24);
        const previous = view.getInt32(args, true);
        return selectAnd(
          task,
          previous,
          view.getUint32(args + 8, true),
          mask,
          view.getUint32(args + 16, true),
        );
      },
      callers.selectCpu,
    ),
    declare("scx_bpf_pick_idle_cpu", "s32", "ptr u64", (mask = 0, flags = 0) =>
      taking(() => surroundings.kernel.pickIdleCpu(allowedBy(mask), flags)),
    ),
    declare("scx_bpf_pick_any_cpu", "s32", "ptr u64", (mask = 0, flags = 0) =>
      taking(() => surroundings.kernel.pickAnyCpu(allowedBy(mask), flags)),
    ),
    declare("scx_bpf_pick_idle_cpu_node", "s32", "ptr s32 u64", (mask = 0, node = 0, flags = 0) =>
      taking(() => pickOnNode(surroundings, "pickIdleCpu", mask, node, flags, onNode, allowedBy)),
    ),
    declare("scx_bpf_pick_any_cpu_node", "s32", "ptr s32 u64", (mask = 0, node = 0, flags = 0) =>
      taking(() => pickOnNode(surroundings, "pickAnyCpu", mask, node, flags, onNode, allowedBy)),
    ),
    declare("scx_bpf_test_and_clear_cpu_idle", "bool", "s32", (cpu = 0) =>
      taking(() => (surroundings.kernel.testAndClearIdle(cpu) ? 1 : 0)),
    ),
    declare("scx_bpf_cpu_node", "s32", "s32", (cpu = 0) =>
      surroundings.validCpu(cpu) ? (cpus.topology.nodeOf[cpu] ?? 0) : -1,
    ),
    ...(["cpu", "smt"] as const).flatMap((kind) => {
      const name = kind === "cpu" ? "scx_bpf_get_idle_cpumask" : "scx_bpf_get_idle_smtmask";
      return [
        declare(name, "ptr", "", () =>
          idleTracked(surroundings, false)
            ? idleMasks.acquire(surroundings.kernel, kind, -1)
            : idleMasks.none,
        ),
        declare(`${name}_node`, "ptr", "s32", (node = 0) =>
          idleTracked(surroundings, true) && validNode(surroundings, node)
            ? idleMasks.acquire(surroundings.kernel, kind, node)
            : idleMasks.none,
        ),
      ];
    }),
    declare("scx_bpf_put_idle_cpumask", "void", "ptr", () => {
      idleMasks.release();
      return undefined;
    }),
    declare("scx_bpf_get_possible_cpumask", "ptr", "", () => idleMasks.possible),
    declare("scx_bpf_get_online_cpumask", "ptr", "", () =>
      idleMasks.refreshOnline(surroundings.kernel),
    ),
    declare("scx_bpf_put_cpumask", "void", "ptr", () => undefined),
  ];
}

type Allowed = (cpu: number) => boolean;

function pickOnNode(
  surroundings: Surroundings,
  pick: "pickIdleCpu" | "pickAnyCpu",
  mask: number,
  node: number,
  flags: number,
  onNode: (mask: number, node: number) => Allowed,
  anywhere: (mask: number) => Allowed,
): number {
  if (!idleTracked(surroundings, true) || !validNode(surroundings, node)) return errno.noEntry;
  const { kernel } = surroundings;
  const bits = flags & ~PICK_IN_NODE;
  const idle = kernel.pickIdleCpu(onNode(mask, node), bits);
  if (idle >= 0) return idle;
  if (flags & PICK_IN_NODE && pick === "pickIdleCpu") return idle;
  return kernel[pick](anywhere(mask), bits);
}

/** check_builtin_idle_enabled and the per-node checks of idle.c; an error ends the policy. */
function idleTracked(surroundings: Surroundings, perNode: boolean): boolean {
  const { flags } = surroundings.settings;
  const tracked = !surroundings.ownsIdle || (flags & opsFlags.keepBuiltinIdle) !== 0;
  if (!tracked) {
    surroundings.kernel.runtimeError("built-in idle tracking is disabled");
    return false;
  }
  const isPerNode = (flags & opsFlags.builtinIdlePerNode) !== 0;
  if (isPerNode === perNode) return true;
  surroundings.kernel.runtimeError(
    perNode ? "per-node idle tracking is disabled" : "per-node idle tracking is enabled",
  );
  return false;
}

function validNode(surroundings: Surroundings, node: number): boolean {
  if (node >= 0 && node < surroundings.idleMasks.nodes) return true;
  surroundings.kernel.runtimeError(`invalid node ${node}`);
  return false;
}
