// Switches the node off at once, without a service manager: a lab guest has none and holds nothing
// that would need saving. Works whatever kernel.sysrq says, since that only bounds the keyboard.

import { writeFileSync } from "node:fs";

/** `trigger`: /proc/sysrq-trigger. */
export function powerOff(trigger: string): void {
  writeFileSync(trigger, "o");
}
