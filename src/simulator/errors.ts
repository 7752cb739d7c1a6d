// What can go wrong in the simulator, as types that its callers tell apart.

/** The object is broken or beyond a limit: the policy's fault, with words that say where. */
export class ObjectError extends Error {
  override readonly name: string = "ObjectError";
}

/** A knob that the object has not, or a value that it can't take: wrong use, not the policy's fault. */
export class KnobError extends ObjectError {
  override readonly name = "KnobError";
  readonly knob: string;
  /** Knobs that there are. */
  readonly known: readonly string[];

  constructor(message: string, knob: string, known: readonly string[] = []) {
    super(message);
    this.knob = knob;
    this.known = known;
  }
}

/** A fixed limit of the simulator was reached (memory, tasks, events, time). */
export class SimulatorLimit extends Error {
  override readonly name = "SimulatorLimit";
}

/** A program did what the kernel would not have let it do, or what only the simulator can see. */
export class ProgramFault extends Error {
  override readonly name = "ProgramFault";
  readonly kind: "out-of-bounds" | "read-only" | "null-store" | "out-of-fuel" | "unsupported";
  /** Program and the index of its instruction; the C line where the object has line information. */
  readonly program: string;
  readonly instruction: number;
  readonly location: { file: string; line: number; text: string } | null;

  constructor(
    message: string,
    fault: Pick<ProgramFault, "kind" | "program" | "instruction" | "location">,
  ) {
    super(message);
    this.kind = fault.kind;
    this.program = fault.program;
    this.instruction = fault.instruction;
    this.location = fault.location;
  }
}
