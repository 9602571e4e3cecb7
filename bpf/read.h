/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Facts of a task and of a file, read where the kernel keeps them. */
#ifndef SAKER_READ_H
#define SAKER_READ_H

#include "maps.h"

extern void *bpf_rdonly_cast(const void *object, __u32 type) __ksym __weak;

/* The task, as a pointer of which the verifier knows the type and does not follow the owners: for each pointer that is loaded from
 * a trusted task it searches the whole of the kernel's types for marks, up to four times and a millisecond each, on every way
 * through the program. Kernels before 6.2 have neither the marks nor the cast. */
static __always_inline struct task_struct *readable(struct task_struct *task)
{
	if (bpf_rdonly_cast)
		return bpf_rdonly_cast(task, bpf_core_type_id_kernel(struct task_struct));
	return task;
}

/* The lowest `count` bytes of a word; of 0, none. */
static __always_inline __u64 first_bytes(__u64 word, __u32 count)
{
	return count >= 8 ? word : word & ((1ULL << count * 8) - 1);
}

static __always_inline __u64 in_ticks(__u64 ns)
{
	return ns - ns % SAKER_TICK_NS;
}

/* The number of a pid as a namespace of that level sees it; 0 when it cannot. Here and below a plain arrow is a load that the
 * kernel itself guards (the pointer is one that it gave us), and ten times cheaper than a helper's call. */
static __always_inline __s32 pid_number(struct pid *pid, __u32 level)
{
	__s32 number = 0;
	if (!pid || pid->level < level)
		return 0;
	if (level == 0)
		return pid->numbers[0].nr;
	/* Copied through memory the pointer becomes a number: kernels such as 6.1 do no sums with the pointer itself. */
	__u64 place = 0;
	bpf_probe_read_kernel(&place, sizeof(place), &pid);
	place += bpf_core_field_offset(struct pid, numbers) + (__u64)level * bpf_core_type_size(struct upid)
		+ bpf_core_field_offset(struct upid, nr);
	bpf_probe_read_kernel(&number, sizeof(number), (void *)place);
	return number;
}

/* As stat(2) and /proc/PID/stat number a device. */
static __always_inline __u32 device_number(__u32 major, __u32 minor)
{
	return (minor & 0xff) | (major << 8) | ((minor & ~0xffu) << 12);
}

static __always_inline __u32 terminal(struct signal_struct *signal)
{
	struct tty_struct *tty = signal->tty;
	if (!tty)
		return 0;
	struct tty_driver *driver = tty->driver;
	return device_number(driver->major, driver->minor_start + tty->index);
}

static __always_inline struct cgroup *v1_cgroup_of(struct css_set *set, __u32 controller)
{
	struct cgroup_subsys_state *state = NULL;
	__u64 place = (__u64)set + bpf_core_field_offset(struct css_set, subsys) + (__u64)controller * sizeof(void *);
	bpf_probe_read_kernel(&state, sizeof(state), (void *)place);
	if (!state)
		return NULL;
	struct cgroup *group = BPF_CORE_READ(state, cgroup);
	/* A controller that v2 owns has no v1 hierarchy: its group is of the default root. */
	return BPF_CORE_READ(group, root) == set->dfl_cgrp->root ? NULL : group;
}

/* The v1 group of the memory controller, else of the pids controller; NULL when neither is on v1. */
static __always_inline struct cgroup *v1_cgroup(struct css_set *set)
{
	struct cgroup *group = NULL;
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		group = v1_cgroup_of(set, bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));
	if (!group && bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
		group = v1_cgroup_of(set, bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id));
	return group;
}

static __always_inline __u64 cgroup_number(struct cgroup *group)
{
	return group ? BPF_CORE_READ(group, kn, id) : 0;
}

static __always_inline void read_identity(struct saker_record *record, struct task_struct *task)
{
	const struct cred *cred = task->cred;
	record->uid = cred->uid.val;
	record->gid = cred->gid.val;
	record->euid = cred->euid.val;
	record->egid = cred->egid.val;
	BPF_CORE_READ_INTO(&record->cap_effective, cred, cap_effective);
	BPF_CORE_READ_INTO(&record->cap_permitted, cred, cap_permitted);
	record->loginuid = ~0u;
	if (bpf_core_field_exists(task->loginuid))
		record->loginuid = task->loginuid.val;
}

/* Event.Caller, of the current task. */
static __always_inline void read_caller(struct saker_record *record, struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct signal_struct *signal = task->signal;
	struct pid *pid = leader->thread_pid;
	__u32 level = pid ? pid->level : 0;
	record->pid = task->tgid;
	record->tid = task->pid;
	record->ppid = task->real_parent->tgid;
	record->vpid = pid_number(pid, level);
	record->session = pid_number(signal->pids[PIDTYPE_SID], 0);
	record->vpgid = pid_number(signal->pids[PIDTYPE_PGID], level);
	record->tty = terminal(signal);
	record->start_ns = in_ticks(leader->start_boottime);
	read_identity(record, task);
	struct css_set *set = task->cgroups;
	record->cgroup_v2 = set->dfl_cgrp->kn->id;
	record->cgroup_v1 = cgroup_number(v1_cgroup(set));
	bpf_get_current_comm(record->comm, sizeof(record->comm));
}

/* A path is built from its end: `position` moves from SAKER_BLOB_MAX down. */
struct path_walk {
	struct dentry *dentry;
	struct vfsmount *mount;
	struct dentry *mount_root; /* of `mount` */
	struct dentry *root_dentry;
	struct vfsmount *root_mount;
	struct kernfs_node *node;
	__u32 owner;
	__u32 position;
	bool truncated;
};

#define PATH_STEPS 1024

/* Puts a name, and a slash before it when asked, in front of what is there; false when it does not fit. */
static __always_inline bool prepend(struct path_walk *walk, const void *name, __u32 length, bool slash)
{
	struct path_scratch *scratch = bpf_map_lookup_elem(&path_scratch, &walk->owner);
	__u32 position = walk->position;
	length &= 0xff; /* NAME_MAX is 255 */
	if (!scratch || position > SAKER_BLOB_MAX || position < length + 1) {
		walk->truncated = true;
		return false;
	}
	position -= length;
	bpf_probe_read_kernel(scratch->bytes + (position & (SAKER_BLOB_MAX - 1)), length, name);
	if (slash) {
		position -= 1;
		scratch->bytes[position & (SAKER_BLOB_MAX - 1)] = '/';
	}
	walk->position = position;
	return true;
}

static long dentry_step(__u32 index, struct path_walk *walk)
{
	struct dentry *dentry = walk->dentry;
	struct vfsmount *mount = walk->mount;
	if (dentry == walk->root_dentry && mount == walk->root_mount)
		return 1;
	if (dentry == walk->mount_root) {
		struct mount *whole = (void *)mount - bpf_core_field_offset(struct mount, mnt);
		struct mount *parent = BPF_CORE_READ(whole, mnt_parent);
		if (!parent || parent == whole)
			return 1; /* the top of the mount namespace: the file is outside of the process's root */
		walk->dentry = BPF_CORE_READ(whole, mnt_mountpoint);
		mount = (void *)parent + bpf_core_field_offset(struct mount, mnt);
		walk->mount = mount;
		walk->mount_root = BPF_CORE_READ(mount, mnt_root);
		return 0;
	}
	struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
	struct qstr name = {};
	bpf_core_read(&name, sizeof(name), &dentry->d_name);
	if (!parent || parent == dentry) {
		prepend(walk, name.name, name.len, false); /* a file without a directory, such as a memfd */
		return 1;
	}
	walk->dentry = parent;
	return prepend(walk, name.name, name.len, true) ? 0 : 1;
}

static long kernfs_step(__u32 index, struct path_walk *walk)
{
	struct kernfs_node *node = walk->node;
	struct kernfs_node *parent;
	struct kernfs_node___6_15 *renamed = (void *)node;
	if (bpf_core_field_exists(renamed->__parent))
		parent = BPF_CORE_READ(renamed, __parent);
	else
		parent = BPF_CORE_READ(node, parent);
	if (!parent)
		return 1; /* the root has no name */
	char name[256];
	const char *place = BPF_CORE_READ(node, name);
	long length = bpf_probe_read_kernel_str(name, sizeof(name), place);
	walk->node = parent;
	return length > 0 && prepend(walk, place, length - 1, true) ? 0 : 1;
}

#endif
