// How far the simulator was off the real kernel when the two were last compared: the stored table's
// summary, beside the simulator. Absent where no comparison has been made. Called by simulate-policy.ts.

import { readFileSync } from "node:fs";
import { type Fidelity, fidelitySchema } from "../../contract/simulation.ts";

const path = new URL("../../simulator/fidelity.json", import.meta.url);

export function storedFidelity(file: URL = path): Fidelity | null {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  return fidelitySchema.parse(JSON.parse(text));
}
