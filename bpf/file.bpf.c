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

/* What an open call asked for, whichever call it was. */
struct asked_open {
	const void *name;
	__u64 flags, mode, resolve;
	__s32 directory;
};

/* `arguments` are those of the call of that kind, in its order; false when not all could be read. */
static __always_inline bool read_asked_open(struct asked_open *asked, __u8 kind, const __u64 *arguments)
{
	asked->directory = AT_FDCWD;
	asked->name = (void *)arguments[0];
	asked->flags = arguments[1];
	asked->mode = arguments[2];
	asked->resolve = 0;
	if (kind == SAKER_OPEN)
		return true;
	if (kind == SAKER_CREAT) {
		asked->flags = CREAT_FLAGS;
		asked->mode = arguments[1];
		return true;
	}
	asked->directory = arguments[0];
	asked->name = (void *)arguments[1];
	asked->flags = arguments[2];
	asked->mode = arguments[3];
	if (kind != SAKER_OPENAT2)
		return true;
	struct open_how how = {};
	bool is_read = bpf_probe_read_user(&how, sizeof(how), (void *)arguments[2]) == 0;
	asked->flags = how.flags;
	asked->mode = how.mode;
	asked->resolve = how.resolve;
	return is_read;
}

static __always_inline void opened(struct task_struct *task, __u8 kind, __s64 result, const __u64 *arguments)
{
	struct saker_record *record = begin_record(OWNER_SYSCALL, kind, result, task);
	if (!record)
		return;
	struct saker_open *open = &record->detail.open;
	struct asked_open asked;
	if (!read_asked_open(&asked, kind, arguments))
		mark_faulted(record);
	open->directory = asked.directory;
	open->flags = asked.flags;
	open->mode = asked.mode;
	open->resolve = asked.resolve;
	append_user_string(record, SAKER_OPEN_RAW_PATH, asked.name);
	if (result >= 0)
		read_file(record, task, file_of(task, result));
	if (open->directory != AT_FDCWD && is_relative(record))
		append_descriptor(SAKER_OPEN_FOLDER, open->directory);
	if (compared(kind))
		compare_texts(SAKER_OPEN_ENTRY);
	emit(record, false);
}
