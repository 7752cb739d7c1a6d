/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Included by scheduler code for the SCX_* constants, which the target's vmlinux.h has. */
#include "vmlinux.h"
