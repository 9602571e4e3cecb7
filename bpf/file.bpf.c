/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files opened. Part of probe.bpf.c. */
#include "emit.h"
#include "path.h"

#define CREAT_FLAGS 01101 /* O_CREAT | O_WRONLY | O_TRUNC */

static __always_inline struct file *file_of(struct task_struct *task, __u64 descriptor)
{
	struct fdtable *table = task->files->fdt;
	struct file *file = NULL;
	if (descriptor >= table->max_fds)
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), table->fd + descriptor);
	return file;
}

static __always_inline void read_file(struct saker_record *record, struct task_struct *task, struct file *file)
{
	if (!file) {
		mark_faulted(record); /* another thread has closed it already */
		return;
	}
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	__u32 device = BPF_CORE_READ(inode, i_sb, s_dev);
	record->detail.open.file_type = BPF_CORE_READ(inode, i_mode) & S_IFMT;
	record->detail.open.device = device_number(device >> 20, device & 0xfffff);
	record->detail.open.inode = BPF_CORE_READ(inode, i_ino);
	append_file_path(record, SAKER_OPEN_PATH, OWNER_SYSCALL, task, file);
}

/* What `descriptor` stands for is added to the record that is under way. */
int append_descriptor(__u32 blob, __s32 number);

static __always_inline bool is_relative(struct saker_record *record)
{
	return record->blob[SAKER_OPEN_RAW_PATH] != 0 && ((__u8 *)record)[SAKER_RECORD_HEADER] != '/';
}

/* `arguments` are those of the call of that kind, in its order. */
static __always_inline void opened(struct task_struct *task, __u8 kind, __s64 result, const __u64 *arguments)
{
	struct saker_record *record = begin_record(OWNER_SYSCALL, kind, result, task);
	if (!record)
		return;
	struct saker_open *open = &record->detail.open;
	const void *name = (void *)arguments[0];
	open->directory = AT_FDCWD;
	if (kind == SAKER_OPEN) {
		open->flags = arguments[1];
		open->mode = arguments[2];
	} else if (kind == SAKER_CREAT) {
		open->flags = CREAT_FLAGS;
		open->mode = arguments[1];
	} else {
		open->directory = arguments[0];
		name = (void *)arguments[1];
		open->flags = arguments[2];
		open->mode = arguments[3];
	}
	if (kind == SAKER_OPENAT2) {
		struct open_how how = {};
		if (bpf_probe_read_user(&how, sizeof(how), (void *)arguments[2]) != 0)
			mark_faulted(record);
		open->flags = how.flags;
		open->mode = how.mode;
		open->resolve = how.resolve;
	}
	append_user_string(record, SAKER_OPEN_RAW_PATH, name);
	if (result >= 0)
		read_file(record, task, file_of(task, result));
	if (open->directory != AT_FDCWD && is_relative(record))
		append_descriptor(SAKER_OPEN_FOLDER, open->directory);
	if (compared(kind))
		compare_texts(SAKER_OPEN_ENTRY);
	emit(record, false);
}
