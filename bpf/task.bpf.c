/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The processes that run already, each as if its exec were told now. Part of probe.bpf.c. */
#include "emit.h"
#include "path.h"

/* Bytes of the memory of a task that is not the current one, whose pages may have to be brought in first. */
static __always_inline void append_task_bytes(struct saker_record *record, __u32 blob, struct task_struct *owner, const void *bytes,
	__u64 length)
{
	__u8 *place = blob_place(record);
	if (!place || length == 0)
		return;
	asm volatile("" : "+r"(length)); /* what the compiler knows of it, the verifier may not */
	if (length > SAKER_BLOB_MAX) {
		length = SAKER_BLOB_MAX;
		mark_truncated(record);
	}
	if (bpf_copy_from_user_task(place, (__u32)length, bytes, owner, 0) != 0)
		mark_faulted(record);
	else
		blob_done(record, blob, (__u32)length);
}

/* Written to whoever reads the iterator, not to the ring. The environment is left to user space: it would be searched for names. */
SEC("iter.s/task")
int saker_task(struct bpf_iter__task *context)
{
	struct task_struct *owner = context->task;
	if (!owner)
		return 0;
	struct task_struct *task = readable(owner);
	if (task->pid != task->tgid || task->flags & PF_KTHREAD || task->signal->live.counter == 0)
		return 0;
	struct saker_record *record = begin_record(OWNER_TASK, SAKER_SNAPSHOT, 0, task);
	if (!record)
		return 0;
	bpf_core_read(record->comm, sizeof(record->comm), &task->comm);
	struct mm_struct *mm = task->mm;
	struct file *file = mm ? BPF_CORE_READ(mm, exe_file) : NULL;
	if (file) {
		__u64 start = BPF_CORE_READ(mm, arg_start);
		record->detail.image.flags = image_flags(file, (struct cred *)task->cred);
		append_file_path(record, SAKER_IMAGE_EXE_PATH, OWNER_TASK, task, file);
		append_task_bytes(record, SAKER_IMAGE_ARGV, owner, (void *)start, BPF_CORE_READ(mm, arg_end) - start);
	}
	append_path(record, SAKER_IMAGE_CWD, OWNER_TASK, task, task->fs->pwd.mnt, task->fs->pwd.dentry);
	append_cgroup(record, SAKER_IMAGE_CGROUP_V2, OWNER_TASK, task->cgroups->dfl_cgrp);
	append_cgroup(record, SAKER_IMAGE_CGROUP_V1, OWNER_TASK, v1_cgroup(task->cgroups));
	__u32 length = record->length;
	asm volatile("" : "+r"(length));
	if (length <= RECORD_SCRATCH)
		bpf_seq_write(context->meta->seq, record, length);
	return 0;
}
