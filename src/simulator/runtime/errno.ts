// Errors that kfuncs and helpers answer, as the kernel has them (asm-generic/errno-base.h): negative.

export const errno = {
  perm: -1,
  noEntry: -2,
  tooBig: -7,
  again: -11,
  noMemory: -12,
  fault: -14,
  busy: -16,
  exists: -17,
  invalid: -22,
  noSpace: -28,
  range: -34,
  notSupported: -95,
} as const;
