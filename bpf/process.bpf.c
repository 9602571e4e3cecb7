/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs put in place, processes made and ended. Part of probe.bpf.c. */
#include "emit.h"
#include "path.h"

#define ENVIRONMENT_STEPS 1024

struct environment_walk {
	__u64 place;
	__u64 end;
	bool within; /* in the middle of an entry that is longer than a blob */
};

static __always_inline bool name_is_asked_for(const __u8 *entry)
{
	struct environment_name name = {};
	if (bpf_probe_read_kernel(&name, sizeof(name), entry) != 0)
		return false;
	/* Without a branch: the verifier follows each way of each turn, and this loop alone was nine tenths of its work. */
	__u32 past = 0;
	for (int i = 0; i < SAKER_NAME_MAX; i++) {
		__u32 byte = (__u8)name.text[i];
		past |= (((byte ^ '=') - 1) | (byte - 1)) >> 31;
		asm volatile("" : "+r"(past));
		name.text[i] = byte & (past - 1);
	}
	return past && bpf_map_lookup_elem(&environment_names, &name) != NULL;
}

/* One entry is read to the end of the record, and stays there when its name was asked for. */
static long environment_step(__u32 index, struct environment_walk *walk)
{
	__u32 owner = OWNER_EXEC;
	struct record_scratch *scratch = bpf_map_lookup_elem(&record_scratch, &owner);
	if (!scratch || walk->place >= walk->end)
		return 1;
	struct saker_record *record = &scratch->record;
	__u8 *entry = blob_place(record);
	if (!entry)
		return 1;
	long read = bpf_probe_read_user_str(entry, SAKER_BLOB_MAX, (void *)walk->place);
	if (read <= 0) {
		mark_faulted(record);
		return 1;
	}
	bool whole = read < SAKER_BLOB_MAX;
	if (!walk->within && read > 1 && name_is_asked_for(entry)) {
		if (record->blob[SAKER_IMAGE_ENVIRONMENT] + read > SAKER_BLOB_MAX) {
			mark_truncated(record);
			return 1;
		}
		blob_done(record, SAKER_IMAGE_ENVIRONMENT, (__u32)read & (2 * SAKER_BLOB_MAX - 1));
		if (!whole)
			mark_truncated(record);
	}
	walk->within = !whole;
	walk->place += whole ? read : read - 1;
	return 0;
}

static __always_inline void append_environment(struct saker_record *record, struct mm_struct *mm)
{
	if (settings.environment_names == 0)
		return;
	struct environment_walk walk = {
		.place = BPF_CORE_READ(mm, env_start),
		.end = BPF_CORE_READ(mm, env_end),
	};
	bpf_loop(ENVIRONMENT_STEPS, environment_step, &walk, 0);
	if (walk.place < walk.end)
		mark_truncated(record);
}

static __always_inline bool may_write(struct file *file, struct inode *inode, struct cred *cred)
{
	__u32 mode = BPF_CORE_READ(inode, i_mode);
	if (BPF_CORE_READ(inode, i_sb, s_flags) & SB_RDONLY || BPF_CORE_READ(file, f_path.mnt, mnt_flags) & MNT_READONLY
	    || BPF_CORE_READ(inode, i_flags) & S_IMMUTABLE)
		return false;
	__u64 capabilities = 0;
	BPF_CORE_READ_INTO(&capabilities, cred, cap_effective);
	if (capabilities & (1ULL << CAP_DAC_OVERRIDE))
		return true;
	if (BPF_CORE_READ(inode, i_uid.val) == BPF_CORE_READ(cred, fsuid.val))
		return mode & 0200;
	if (BPF_CORE_READ(inode, i_gid.val) == BPF_CORE_READ(cred, fsgid.val))
		return mode & 0020;
	return mode & 0002;
}

static __always_inline __u32 overlay_layer(struct inode *inode)
{
	if (BPF_CORE_READ(inode, i_sb, s_magic) != OVERLAYFS_SUPER_MAGIC)
		return 0;
	/* struct ovl_inode may be in a module without BTF; in it the upper dentry follows the inode that the VFS sees. */
	struct dentry *upper = NULL;
	bpf_probe_read_kernel(&upper, sizeof(upper), (void *)inode + bpf_core_type_size(struct inode));
	return upper && BPF_CORE_READ(upper, d_inode) ? SAKER_IMAGE_UPPER_LAYER : SAKER_IMAGE_LOWER_LAYER;
}

static __always_inline bool is_memfd(struct file *file)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	char name[6] = {};
	bpf_probe_read_kernel(name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
	return BPF_CORE_READ(dentry, d_parent) == dentry && name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f'
		&& name[4] == 'd' && name[5] == ':';
}

static __always_inline __u32 image_flags(struct file *file, struct cred *cred)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	__u32 flags = overlay_layer(inode);
	if (may_write(file, inode, cred))
		flags |= SAKER_IMAGE_WRITABLE;
	if (is_memfd(file))
		flags |= SAKER_IMAGE_MEMFD;
	return flags;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(saker_exec, struct task_struct *started, int old_pid, struct linux_binprm *binprm)
{
	struct task_struct *task = readable(started);
	/* A successful execveat is told as execve, as rules expect. */
	if (!wanted(SAKER_EXECVE) || ignored())
		return 0;
	struct saker_record *record = begin_record(OWNER_EXEC, SAKER_EXECVE, 0, task);
	if (!record)
		return 0;
	struct mm_struct *mm = task->mm;
	struct file *file = BPF_CORE_READ(mm, exe_file);
	__u64 start = BPF_CORE_READ(mm, arg_start);
	record->detail.image.flags = image_flags(file, (struct cred *)task->cred);
	append_kernel_string(record, SAKER_IMAGE_RAW_PATH, BPF_CORE_READ(binprm, filename));
	append_file_path(record, SAKER_IMAGE_EXE_PATH, OWNER_EXEC, task, file);
	append_user_bytes(record, SAKER_IMAGE_ARGV, (void *)start, BPF_CORE_READ(mm, arg_end) - start);
	append_environment(record, mm);
	append_path(record, SAKER_IMAGE_CWD, OWNER_EXEC, task, task->fs->pwd.mnt, task->fs->pwd.dentry);
	append_cgroup(record, SAKER_IMAGE_CGROUP_V2, OWNER_EXEC, task->cgroups->dfl_cgrp);
	append_cgroup(record, SAKER_IMAGE_CGROUP_V1, OWNER_EXEC, v1_cgroup(task->cgroups));
	emit(record, true);
	return 0;
}

static __always_inline void failed_exec(struct task_struct *task, __u8 kind, __s64 result, const void *name)
{
	struct saker_record *record = begin_record(OWNER_SYSCALL, kind, result, task);
	if (!record)
		return;
	append_user_string(record, SAKER_IMAGE_RAW_PATH, name);
	emit(record, true);
}

/* Which call makes a process: the tracepoint does not say, the caller's registers do. */
static __always_inline __u8 fork_kind(struct pt_regs *regs, bool compat)
{
	switch (BPF_CORE_READ(regs, orig_ax)) {
	case 57:
		return SAKER_FORK;
	case 58:
		return SAKER_VFORK;
	case 2:
		return compat ? SAKER_FORK : SAKER_CLONE;
	case 190:
		return compat ? SAKER_VFORK : SAKER_CLONE;
	case 435:
		return SAKER_CLONE3;
	default:
		return SAKER_CLONE; /* also the kernel's own helpers, which make no call */
	}
}

static __always_inline __u64 fork_flags(struct saker_record *record, struct pt_regs *regs, bool compat)
{
	__u64 flags = 0;
	switch (record->kind) {
	case SAKER_VFORK:
		return CLONE_VFORK | CLONE_VM;
	case SAKER_CLONE3:
		if (bpf_probe_read_user(&flags, sizeof(flags), (void *)(compat ? (__u32)BPF_CORE_READ(regs, bx) : BPF_CORE_READ(regs, di))))
			mark_faulted(record);
		return flags;
	case SAKER_CLONE:
		return compat ? (__u32)BPF_CORE_READ(regs, bx) : (__u32)BPF_CORE_READ(regs, di);
	default:
		return 0;
	}
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(saker_fork, struct task_struct *forking, struct task_struct *forked)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(forking);
	struct task_struct *parent = readable(forking), *child = readable(forked);
	bool compat = parent->thread_info.status & TS_COMPAT;
	__u8 kind = fork_kind(regs, compat);
	if (!wanted(kind) || ignored() || child->flags & PF_KTHREAD)
		return 0;
	struct saker_record *record = begin_record(OWNER_FORK, kind, child->pid, parent);
	if (!record)
		return 0;
	struct task_struct *leader = child->group_leader;
	struct pid *pid = leader->thread_pid;
	record->detail.fork.flags = parent->flags & PF_KTHREAD ? 0 : fork_flags(record, regs, compat);
	record->detail.fork.child_pid = child->tgid;
	record->detail.fork.child_tid = child->pid;
	record->detail.fork.child_vpid = pid ? pid_number(pid, pid->level) : 0;
	record->detail.fork.child_start_ns = in_ticks(leader->start_boottime);
	append_cgroup(record, SAKER_FORK_CGROUP_V2, OWNER_FORK, child->cgroups->dfl_cgrp);
	append_cgroup(record, SAKER_FORK_CGROUP_V1, OWNER_FORK, v1_cgroup(child->cgroups));
	emit(record, false);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(saker_exit, struct task_struct *ending)
{
	struct task_struct *task = readable(ending);
	if (!wanted(SAKER_PROCEXIT) || task->signal->live.counter != 0 || ignored() || task->flags & PF_KTHREAD)
		return 0;
	struct ended key = {.start = task->group_leader->start_boottime, .tgid = task->tgid};
	__u8 told = 1;
	if (bpf_map_update_elem(&ended_groups, &key, &told, BPF_NOEXIST) != 0)
		return 0;
	struct saker_record *record = begin_record(OWNER_EXIT, SAKER_PROCEXIT, 0, task);
	if (!record)
		return 0;
	struct signal_struct *signal = task->signal;
	__s32 status = signal->flags & SIGNAL_GROUP_EXIT ? signal->group_exit_code : task->group_leader->exit_code;
	record->detail.exit.code = status >> 8 & 0xff;
	record->detail.exit.signal = status & 0x7f;
	emit(record, false);
	return 0;
}
