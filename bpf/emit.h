/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A record is begun in scratch memory, gets its blobs in order, and is copied to the ring as long as it is. */
#ifndef SAKER_EMIT_H
#define SAKER_EMIT_H

#include "maps.h"
#include "overload.h"
#include "read.h"

static __always_inline bool wanted(__u32 kind)
{
	return settings.kinds[kind & (SAKER_KIND_LIMIT - 1)] != SAKER_UNWANTED;
}

static __always_inline bool ignored(void)
{
	return settings.ignored_tgid != 0 && bpf_get_current_pid_tgid() >> 32 == settings.ignored_tgid;
}

/* The flag that the filter gave the call at hand, or gives it now. */
static __always_inline __u32 judgement(__u32 flag, bool sets)
{
	__u32 zero = 0;
	__u32 *kept = bpf_map_lookup_elem(&judgements, &zero);
	if (!kept)
		return 0;
	if (sets)
		*kept = flag;
	return *kept;
}

static __always_inline struct saker_record *begin_record(__u32 owner, __u8 kind, __s64 result, struct task_struct *task)
{
	struct record_scratch *scratch = bpf_map_lookup_elem(&record_scratch, &owner);
	if (!scratch)
		return NULL;
	struct saker_record *record = &scratch->record;
	__builtin_memset(record, 0, sizeof(*record));
	record->version = SAKER_WIRE_VERSION;
	record->kind = kind;
	record->length = SAKER_RECORD_HEADER;
	record->boot_ns = bpf_ktime_get_boot_ns();
	record->result = result;
	if (settings.checks_filter && owner == OWNER_SYSCALL)
		record->flags = judgement(0, false);
	read_caller(record, task);
	return record;
}

static __always_inline void mark_faulted(struct saker_record *record)
{
	if (!(record->flags & SAKER_FAULTED))
		count_drop(SAKER_DROP_READ_FAULT, record->kind);
	record->flags |= SAKER_FAULTED;
}

static __always_inline void mark_truncated(struct saker_record *record)
{
	if (!(record->flags & SAKER_TRUNCATED))
		count_drop(SAKER_DROP_TRUNCATED, record->kind);
	record->flags |= SAKER_TRUNCATED;
}

/* Where the next blob begins, or NULL when the record is full; it has room for SAKER_BLOB_MAX bytes. */
static __always_inline __u8 *blob_place(struct saker_record *record)
{
	__u32 length = record->length;
	asm volatile("" : "+r"(length)); /* the bound below must be on the register that is added */
	if (length >= RECORD_BLOB_LIMIT) {
		mark_truncated(record);
		return NULL;
	}
	return (__u8 *)record + length;
}

static __always_inline void blob_done(struct saker_record *record, __u32 blob, __u32 length)
{
	record->blob[blob & (SAKER_BLOB_COUNT - 1)] += length;
	record->length += length;
}

/* What a string read returned becomes a blob without its NUL. */
static __always_inline void string_done(struct saker_record *record, __u32 blob, long read)
{
	if (read < 0) {
		mark_faulted(record);
		return;
	}
	if (read == SAKER_BLOB_MAX)
		mark_truncated(record);
	if (read > 0)
		blob_done(record, blob, (read - 1) & (SAKER_BLOB_MAX - 1));
}

static __always_inline void append_user_string(struct saker_record *record, __u32 blob, const void *string)
{
	__u8 *place = blob_place(record);
	if (place)
		string_done(record, blob, bpf_probe_read_user_str(place, SAKER_BLOB_MAX, string));
}

static __always_inline void append_kernel_string(struct saker_record *record, __u32 blob, const void *string)
{
	__u8 *place = blob_place(record);
	if (place)
		string_done(record, blob, bpf_probe_read_kernel_str(place, SAKER_BLOB_MAX, string));
}

static __always_inline void append_user_bytes(struct saker_record *record, __u32 blob, const void *bytes, __u64 length)
{
	__u8 *place = blob_place(record);
	if (!place || length == 0)
		return;
	asm volatile("" : "+r"(length)); /* what the compiler knows of it, the verifier may not */
	if (length > SAKER_BLOB_MAX) {
		length = SAKER_BLOB_MAX;
		mark_truncated(record);
	}
	if (bpf_probe_read_user(place, (__u32)length, bytes) != 0)
		mark_faulted(record);
	else
		blob_done(record, blob, (__u32)length);
}

/* The tail of the path scratch, from `position` to the end of its first half. */
static __always_inline void append_built_path(struct saker_record *record, __u32 blob, __u32 owner, __u32 position)
{
	struct path_scratch *scratch = bpf_map_lookup_elem(&path_scratch, &owner);
	__u8 *place = blob_place(record);
	if (!scratch || !place || position >= SAKER_BLOB_MAX)
		return;
	__u32 length = SAKER_BLOB_MAX - position;
	asm volatile("" : "+r"(length));
	if (length > SAKER_BLOB_MAX)
		return;
	if (bpf_probe_read_kernel(place, length, scratch->bytes + (position & (SAKER_BLOB_MAX - 1))) == 0)
		blob_done(record, blob, length);
}

/* Whoever comes while the reader sleeps wakes it, and rare kinds that people wait for do so always; the rest waits for its timer: a wakeup
 * costs 20 us of machine time. */
static __always_inline void emit(struct saker_record *record, bool urgent)
{
	__u32 length = record->length;
	asm volatile("" : "+r"(length));
	if (length < SAKER_RECORD_HEADER || length > RECORD_SCRATCH)
		return;
	bool wakes = urgent || reader_sleeps;
	if (wakes)
		reader_sleeps = 0;
	if (bpf_ringbuf_output(&ring, record, length, wakes ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP) != 0)
		count_drop(SAKER_DROP_RING_FULL, record->kind);
}

#endif
