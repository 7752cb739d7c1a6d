// The one error type that crosses rooms and processes. An expected outcome (a rejected policy, a
// default that was kept) is a value, not one of these; a programmer's error is an assertion.

/** Closed set of operating failures. The exit code of the command line follows from the code. */
export const errorCodes = {
  usage: 2,
  "workload-invalid": 2,
  "policy-invalid": 2,
  "parameter-invalid": 2,
  "file-unreadable": 2,
  "not-found": 2,
  "limit-exceeded": 2,
  "workload-failed": 1,
  "workload-timed-out": 1,
  interrupted: 1,
  "node-lost": 1,
  "load-rejected": 1,
  "load-failed": 1,
  /** Loaded, and then ejected, panicked, too slow: the finding is in the details. */
  "policy-failed": 1,
  "missing-program": 3,
  "missing-setup": 3,
  "not-supported": 3,
  "no-space": 3,
  offline: 3,
  busy: 3,
  "store-newer": 3,
  protocol: 4,
  internal: 4,
} as const;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorDocument {
  error: { code: ErrorCode; message: string; hint: string; details?: Record<string, unknown> };
}

export interface SchedcpErrorOptions {
  /** What the reader can do about it: a sentence, with the command where there is one. */
  hint: string;
  details?: Record<string, unknown>;
  cause?: unknown;
}

export class SchedcpError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message: string, options: SchedcpErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "SchedcpError";
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
  }

  get exitCode(): number {
    return errorCodes[this.code];
  }

  toDocument(): ErrorDocument {
    return {
      error: {
        code: this.code,
        message: this.message,
        hint: this.hint,
        ...(this.details === undefined ? {} : { details: this.details }),
      },
    };
  }
}

/** Anything thrown, as a SchedcpError: what is not one already is an internal fault. */
export function toSchedcpError(thrown: unknown): SchedcpError {
  if (thrown instanceof SchedcpError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new SchedcpError("internal", message, {
    hint: "This is a fault of schedcp itself; run again with SCHEDCP_DEBUG=1 and report the trace.",
    cause: thrown,
  });
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(errorCodes, value);
}
