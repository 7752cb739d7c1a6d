/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The one header that a policy includes. It offers the names under which sched_ext schedulers are
 * commonly written, so that such code compiles here; it was written for this project.
 *
 * SCX_* constants are the enumerators of the target kernel's own vmlinux.h: nothing has to be filled
 * in by a loader. Included by policies/ and by candidates; may not define maps or programs.
 */
#ifndef __SCX_COMMON_BPF_H
#define __SCX_COMMON_BPF_H

#include "vmlinux.h"
#include <kfuncs.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include <scx/language.bpf.h>
#include <scx/bounds.bpf.h>
#include <scx/time.bpf.h>
#include <scx/objects.bpf.h>
#include <scx/ops.bpf.h>
#include <scx/compat.bpf.h>
#include <scx/user_exit_info.bpf.h>

#endif /* __SCX_COMMON_BPF_H */
