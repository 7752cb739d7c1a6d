// Lines of a dump or a kernel log without what a terminal, dmesg, journald or syslog put before them, in
// the order in which they were written. Pure and linear; the text can be anything.

import { stripVTControlCharacters } from "node:util";

/** The kernel's longest lines in a dump are masks of 8192 CPUs. */
const lineCharsMax = 2600;
/** Lines that are looked at: a dump of the largest machine that was seen has 30,000. */
const linesMax = 200_000;

/** `дек 26 19:53:39 host kernel: `, `2025-01-15T03:18:23+0000 host scx_loader[115457]: `. */
const syslogPrefix =
  /^(?:\S{1,12} {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,16}) \S{1,64} [\w@.-]{1,64}(?:\[\d{1,10}\])?: ?/;
/** `<3>`, `[  101.489374] `, `[Wed Jan 15 03:18:23 2025] `, and the form of /dev/kmsg. */
const kernelPrefix =
  /^(?:<\d{1,3}>)?(?:\[ {0,12}\d{1,12}\.\d{1,9}(?:,\d{1,9})?\] ?|\[\w{3} \w{3} {1,2}\d{1,2} \d\d:\d\d:\d\d \d{4}\] ?|\d{1,4},\d{1,20},\d{1,20},[^;]{0,32};)?(?:\[ {0,5}[TC]\d{1,8}\] ?)?/;

export function logLines(text: string): string[] {
  const lines = text
    .split("\n", linesMax)
    .map((line) => stripVTControlCharacters(line.slice(0, lineCharsMax)).trimEnd())
    .map((line) => line.replace(syslogPrefix, "").replace(kernelPrefix, ""));
  return isReversed(lines) ? lines.reverse() : lines;
}

/** As `journalctl -r` prints it: newest first. */
function isReversed(lines: readonly string[]): boolean {
  const head = lines.findIndex((line) => line.includes(" triggered exit kind "));
  const body = lines.indexOf("CPU states");
  return head >= 0 && body >= 0 && body < head;
}
