// An object with memory for its global data, ready to run in tests: what runtime/ does for policies, in
// short.

import type { CallTable } from "../../src/simulator/machine/calls.ts";
import { instantiate } from "../../src/simulator/machine/instantiate.ts";
import type { Machine } from "../../src/simulator/machine/machine.ts";
import type { SandboxMemory } from "../../src/simulator/machine/memory.ts";
import { createSandboxMemory } from "../../src/simulator/machine/sandbox-memory.ts";
import { translate } from "../../src/simulator/machine/translate.ts";
import type { BpfObject } from "../../src/simulator/object/bpf-object.ts";

export const noCalls: CallTable = { helpers: new Map(), kfuncs: new Map() };

export interface Running {
  machine: Machine;
  memory: SandboxMemory;
  /** 64 bytes that run() hands to the program. */
  context: number;
  /** Where each map's value is. */
  values: number[];
  run(name: string): number;
}

export function start(object: BpfObject, calls: CallTable = noCalls): Running {
  const memory = createSandboxMemory(4 << 20);
  const values = object.maps.map((map) => {
    const access = (map.flags & 0x80) !== 0 ? "read" : "read-write";
    const address = memory.allocate(map.valueSize, access, `map ${map.name}`);
    if (map.initial !== null) memory.bytes.set(map.initial, address);
    return address;
  });
  const context = memory.allocate(64, "read-write", "the context");
  const machine = instantiate({
    translation: translate(object, calls),
    memory,
    calls,
    addresses: {
      map: (index) => 0x1000 + index,
      mapValue: (index) => values[index] ?? 0,
      ksym: (index) => 0x2000 + index,
    },
  });
  machine.refuel(100_000);
  return {
    machine,
    memory,
    context,
    values,
    run(name) {
      const index = object.functions.findIndex((each) => each.name === name);
      if (index < 0) throw new Error(`no function ${name}`);
      return machine.run(index, context);
    },
  };
}
