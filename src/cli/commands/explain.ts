// `explain`: why a scheduler left, from what a kernel said of it or from what is stored. An explanation
// that was found is a yes (0); a text that tells of nothing, or a policy, is wrong usage (2).

import { SchedcpError } from "../../contract/errors.ts";
import { limits } from "../../contract/limits.ts";
import { readBoundedFile } from "../../control/bounded-file.ts";
import type { ExplainSubject } from "../../control/control-plane.ts";
import { type Answer, argument, type CommandInput, textOption } from "../command.ts";
import { withControlPlane } from "../control.ts";
import { explanationText } from "../explanation-text.ts";

const hint =
  "Give a file with the dump that the scheduler printed or a piece of the kernel's log, - for standard input, or an id that `schedcp history` lists.";

export async function run(input: CommandInput): Promise<Answer> {
  const scenarioPath = textOption(input, "scenario");
  const { assertApart, assertOutputPath, writeOutputFile } = await import(
    "../../control/simulation/output-file.ts"
  );
  const given = argument(input, 0);
  if (scenarioPath !== undefined) {
    await assertApart(
      [{ what: "--scenario", path: scenarioPath }],
      [{ what: "the text", path: given }],
    );
    await assertOutputPath(scenarioPath);
  }
  const subject = await subjectOf(given, input.signal);
  const explanation = await withControlPlane((control) => control.explain(subject));
  const written = scenarioPath !== undefined && explanation.scenario !== undefined;
  if (written) {
    await writeOutputFile(scenarioPath, `${JSON.stringify(explanation.scenario, null, 1)}\n`);
  }
  const scenarioAt = written ? scenarioPath : null;
  return {
    document: explanation,
    text: (style) =>
      explanationText(explanation, { given, asked: scenarioPath, scenarioAt }, style),
    exitCode: 0,
  };
}

async function subjectOf(given: string, signal: AbortSignal): Promise<ExplainSubject> {
  if (given === "-") {
    return { kind: "text", text: await standardInput(signal), name: "standard input" };
  }
  if (/^(?:measurement|verdict|result)-\d{14}-[0-9a-f]{8}$/.test(given)) {
    return { kind: "stored", id: given };
  }
  const bytes = await readBoundedFile(given, {
    what: "text",
    bytesMax: limits.explainedBytesMax,
    hint,
  });
  // A log is seldom all UTF-8; a policy's object is known by its first bytes.
  return { kind: "text", text: bytes.toString("utf8"), name: given };
}

async function standardInput(signal: AbortSignal): Promise<string> {
  if (process.stdin.isTTY === true) {
    throw new SchedcpError("usage", "standard input is a terminal", {
      hint: "Send a text to it: `journalctl -k | schedcp explain -`.",
    });
  }
  const chunks: Buffer[] = [];
  let length = 0;
  const stop = () => process.stdin.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of process.stdin) {
      const bytes = Buffer.from(chunk);
      length += bytes.length;
      if (length > limits.explainedBytesMax) {
        throw new SchedcpError("limit-exceeded", "standard input is too long", {
          hint: `At most ${limits.explainedBytesMax} bytes are read: give the part that names sched_ext, as \`dmesg | tail -n 5000\`.`,
        });
      }
      chunks.push(bytes);
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return Buffer.concat(chunks).toString("utf8");
}
