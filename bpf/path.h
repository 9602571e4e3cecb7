/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Paths of files and of cgroups, as blobs.
 *
 * A file's path is read from its dentries up to the root of the process that is looked at (fs->root), across mounts: within a
 * container it is the container's own path, whether pivot_root or chroot made it. So a process that may call chroot chooses what its
 * paths begin with. A file outside of that root is told by its path from the top of the mount namespace. No link and no `..` can
 * disguise it; " (deleted)" is never added. */
#ifndef SAKER_PATH_H
#define SAKER_PATH_H

#include "emit.h"

static __always_inline void append_path(struct saker_record *record, __u32 blob, __u32 owner, struct task_struct *task,
	struct vfsmount *mount, struct dentry *dentry)
{
	struct path_walk walk = {
		.dentry = dentry,
		.mount = mount,
		.mount_root = BPF_CORE_READ(mount, mnt_root),
		.root_dentry = task->fs->root.dentry,
		.root_mount = task->fs->root.mnt,
		.owner = owner,
		.position = SAKER_BLOB_MAX,
	};
	if (!dentry)
		return;
	if (bpf_loop(PATH_STEPS, dentry_step, &walk, 0) == PATH_STEPS || walk.truncated)
		mark_truncated(record);
	if (walk.position == SAKER_BLOB_MAX)
		prepend(&walk, NULL, 0, true); /* the root itself */
	append_built_path(record, blob, owner, walk.position);
}

static __always_inline void append_file_path(struct saker_record *record, __u32 blob, __u32 owner, struct task_struct *task,
	struct file *file)
{
	append_path(record, blob, owner, task, BPF_CORE_READ(file, f_path.mnt), BPF_CORE_READ(file, f_path.dentry));
}

/* Empty for the root of the hierarchy. */
static __always_inline void append_cgroup(struct saker_record *record, __u32 blob, __u32 owner, struct cgroup *group)
{
	if (!group)
		return;
	struct path_walk walk = {.node = BPF_CORE_READ(group, kn), .owner = owner, .position = SAKER_BLOB_MAX};
	if (bpf_loop(PATH_STEPS, kernfs_step, &walk, 0) == PATH_STEPS || walk.truncated)
		mark_truncated(record);
	append_built_path(record, blob, owner, walk.position);
}

#endif
