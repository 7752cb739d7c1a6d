/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Another name under which scheduler code includes scx/user_exit_info.bpf.h. */
#include <scx/user_exit_info.bpf.h>
