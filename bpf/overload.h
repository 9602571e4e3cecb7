/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What happens when the reader falls behind: not whoever comes last loses, but whoever tells too much, and what rules miss least.
 *
 * While the ring is less than half full, all are told. From there on each cgroup (where all are in the root's: each thread group)
 * may tell so many records in ten milliseconds, and what it tells beyond that is counted under its name. From seven eighths on the
 * bulk is not told at all. What the process table lives on is told as long as there is room for it. */
#ifndef SAKER_OVERLOAD_H
#define SAKER_OVERLOAD_H

#include "read.h"

#define SHARE_WINDOW_NS 10000000ULL
#define SHARES_IN_RING 8192 /* bytes of the ring for each record of a share: 8 MiB make 1,024 records, 100,000 a second */
#define SMALLEST_SHARE 16
#define ROOT_CGROUP 1 /* the number of a hierarchy's root directory */

static __always_inline void name_flooder(struct saker_flooder *who, struct task_struct *task)
{
	struct css_set *set = task->cgroups;
	who->cgroup_v2 = set->dfl_cgrp->kn->id;
	who->cgroup_v1 = cgroup_number(v1_cgroup(set));
	if (who->cgroup_v2 <= ROOT_CGROUP && who->cgroup_v1 <= ROOT_CGROUP)
		who->pid = task->tgid;
}

static __always_inline struct saker_flood *flood_of(const struct saker_flooder *who)
{
	struct saker_flood *flood = bpf_map_lookup_elem(&floods, who);
	if (flood)
		return flood;
	struct saker_flood fresh = {};
	bpf_map_update_elem(&floods, who, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&floods, who);
}

/* Two CPUs that begin a window at once may both tell one record too many. */
static __always_inline bool over_share(struct task_struct *task)
{
	struct saker_flooder who = {};
	name_flooder(&who, task);
	struct saker_flood *flood = flood_of(&who);
	if (!flood)
		return false;
	__u64 window = bpf_ktime_get_boot_ns() / SHARE_WINDOW_NS;
	if (flood->window != window) {
		flood->window = window;
		flood->told = 0;
	}
	__u64 share = settings.ring_bytes / SHARES_IN_RING;
	if (flood->told < (share < SMALLEST_SHARE ? SMALLEST_SHARE : share)) {
		__sync_fetch_and_add(&flood->told, 1);
		return false;
	}
	__sync_fetch_and_add(&flood->held_back, 1);
	flood->pid = task->tgid;
	bpf_get_current_comm(flood->comm, sizeof(flood->comm));
	return true;
}

/* Whether a record is not to be made; then it is counted. */
static __always_inline bool held_back(__u8 kind, struct task_struct *task)
{
	__u8 class = settings.kinds[kind & (SAKER_KIND_LIMIT - 1)];
	if (class == SAKER_STATE)
		return false;
	__u64 waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	if (waiting < settings.ring_bytes / 2)
		return false;
	if (class == SAKER_BULK && waiting >= settings.ring_bytes / 8 * 7ULL) {
		count_drop(SAKER_DROP_SHED, kind);
		return true;
	}
	if (!over_share(task))
		return false;
	count_drop(SAKER_DROP_THROTTLED, kind);
	return true;
}

#endif
