// An explanation of a text that somebody has: a dump, a piece of a kernel log, a verifier's log, or a
// document that SchedCP printed. What else it may be is refused with the command that is meant for it. Pure.

import { SchedcpError } from "../../contract/errors.ts";
import type { Explanation } from "../../contract/explanation.ts";
import { loadFinding } from "../verifier/load/load-finding.ts";
import { parseVerifierLog } from "../verifier/load/verifier-log.ts";
import { parseExitReport } from "./exit-reader.ts";
import { explainDocument } from "./explain-document.ts";
import { explainExit } from "./explain-exit.ts";
import { explainFinding } from "./explain-finding.ts";

const elfMagic = "\x7fELF";
/** Where a policy's C shows itself. */
const policyBeginning = /^\s{0,8}#\s{0,4}include\s|SCX_OPS_DEFINE\s?\(|^\s{0,8}SEC\(/m;
const beginningChars = 64 * 1024;

/** `name`: what to call it in an error. Throws `usage` or `file-unreadable`. */
export function explainText(text: string, name: string): Explanation {
  const beginning = text.slice(0, beginningChars);
  const isExit = /sched_ext|triggered exit kind|EXIT: /.test(text);
  if (beginning.startsWith(elfMagic) || (!isExit && policyBeginning.test(beginning))) {
    throw new SchedcpError("usage", `${name} is a policy, and nobody has said anything of it yet`, {
      hint: `explain reads what a kernel said of a scheduler. Run \`schedcp verify ${name}\` for what is wrong with a policy, \`schedcp policies show NAME\` for what one of the library does.`,
    });
  }
  const document = documentIn(text);
  const found =
    document === undefined
      ? (explainExit(parseExitReport(text)) ?? explainLog(text))
      : explainDocument(document);
  if (found !== null) return found;
  throw new SchedcpError("file-unreadable", `nothing in ${name} tells of a scheduler's end`, {
    hint: "Give the DEBUG DUMP that a sched_ext scheduler prints, a piece of `dmesg` or `journalctl -k` with its sched_ext lines, the kernel verifier's log, or an id of `schedcp history`.",
  });
}

function documentIn(text: string): unknown {
  if (!/^\s{0,100}\{/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    // A log can begin with a brace, too.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The log of the kernel's verifier alone, as libbpf prints it. */
function explainLog(text: string): Explanation | null {
  const begin = text.indexOf("-- BEGIN PROG LOAD LOG --");
  const end = text.indexOf("-- END PROG LOAD LOG --");
  const log = begin >= 0 && end > begin ? text.slice(begin, end) : text;
  const lines = log.replace(/^libbpf: (?!prog )/gm, "");
  if (parseVerifierLog(lines) === null) return null;
  const error = new SchedcpError("load-rejected", text.slice(0, 8192), {
    hint: "The kernel's verifier refuses the program.",
    details: { log: lines },
  });
  const finding = loadFinding(error);
  return finding === null ? null : explainFinding("refusal", finding);
}
