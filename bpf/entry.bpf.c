/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the strings of a call were when it began: while it runs, another thread may write over them, and the kernel keeps no object
 * that tells which it took. Part of probe.bpf.c. */
#include "emit.h"
#include "plans.h"

#define KEPT_TEXTS 2
#define KEPT_BYTES 256

/* One a thread: the strings as far as they fit, and a hash of one that does not. The hash begins with a number that nobody can guess,
 * so that no other string can be made to have the same. */
struct entry {
	__u64 seed;
	__u64 hash[TEXT_COUNT];
	__u16 length[KEPT_TEXTS]; /* with the NUL; KEPT_BYTES: it was cut */
	__u8 kind;                /* the call that is under way; 0 for none */
	__u8 known;               /* a bit a string that could be read */
	__u8 text[KEPT_TEXTS][KEPT_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct entry);
} entries SEC(".maps");

static __always_inline bool compared(__u8 kind)
{
	return settings.compared[kind & (SAKER_KIND_LIMIT - 1)] != 0;
}

struct text_hash {
	__u64 hash;
	__u32 owner;
	__u32 place; /* in that owner's scratch */
	__u32 left;
};

/* Eight bytes a turn. */
static long hash_step(__u32 index, struct text_hash *walk)
{
	struct record_scratch *scratch = bpf_map_lookup_elem(&record_scratch, &walk->owner);
	__u32 place = walk->place;
	if (!scratch || walk->left == 0 || place > RECORD_SCRATCH - 8)
		return 1;
	__u64 word = *(const __u64 *)(scratch->bytes + place);
	if (walk->left < 8)
		word &= (1ULL << walk->left * 8) - 1;
	walk->hash = (walk->hash ^ word) * 0x9e3779b97f4a7c15ULL;
	walk->hash ^= walk->hash >> 29;
	walk->place += 8;
	walk->left = walk->left < 8 ? 0 : walk->left - 8;
	return 0;
}

static __always_inline __u64 hash_text(__u32 owner, __u32 place, __u32 length, __u64 seed)
{
	struct text_hash walk = {.hash = seed ^ length, .owner = owner, .place = place, .left = length};
	bpf_loop(SAKER_BLOB_MAX / 8, hash_step, &walk, 0);
	return walk.hash;
}

/* A string that does not fit is hashed as a whole. A function that is not static is verified once and alone. */
__noinline int note_long_text(__u32 index, __u64 place)
{
	__u32 owner = OWNER_ENTER;
	struct entry *entry = bpf_task_storage_get(&entries, bpf_get_current_task_btf(), NULL, 0);
	struct record_scratch *scratch = bpf_map_lookup_elem(&record_scratch, &owner);
	if (!entry || !scratch || index >= TEXT_COUNT)
		return 0;
	long read = bpf_probe_read_user_str(scratch->bytes, SAKER_BLOB_MAX, (void *)place);
	if (read <= 0)
		return 0; /* its page is not mapped yet, so there is nothing to compare */
	if (!entry->seed)
		entry->seed = (__u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32() | 1;
	entry->hash[index] = hash_text(OWNER_ENTER, 0, (read - 1) & (SAKER_BLOB_MAX - 1), entry->seed);
	entry->known |= 1 << index;
	return 0;
}

static __always_inline void note_call(__u8 kind, const __u64 *arguments)
{
	struct entry *entry = bpf_task_storage_get(&entries, bpf_get_current_task_btf(), NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!entry)
		return;
	entry->kind = kind;
	entry->known = 0;
	entry->seed = 0;
#pragma clang loop unroll(full)
	for (int i = 0; i < TEXT_COUNT; i++) {
		__u8 number = plans[kind & (SAKER_KIND_LIMIT - 1)].text[i];
		__u64 place = number ? arguments[(number - 1) & 7] : 0;
		long kept = place && i < KEPT_TEXTS ? bpf_probe_read_user_str(entry->text[i], KEPT_BYTES, (void *)place) : KEPT_BYTES;
		if (i < KEPT_TEXTS)
			entry->length[i] = kept > 0 ? kept : 0;
		if (!place || kept <= 0)
			continue; /* its page is not mapped yet, so there is nothing to compare */
		if (kept < KEPT_BYTES)
			entry->known |= 1 << i;
		else
			note_long_text(i, place);
	}
}

/* Whether a string that fits is another than it was; `now` has room for KEPT_BYTES. */
static __always_inline bool kept_text_differs(const struct entry *entry, __u32 index, const __u8 *now, __u32 length)
{
	if (entry->length[index & (KEPT_TEXTS - 1)] != length + 1)
		return true;
	/* Kernels such as 6.1 take a loop only where its end is a jump, which is the compiler's choice. */
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < KEPT_BYTES / 8; i++) {
		if (i * 8 >= length)
			return false;
		__u64 before = *(const __u64 *)(entry->text[index & (KEPT_TEXTS - 1)] + i * 8);
		if (first_bytes(before ^ *(const __u64 *)(now + i * 8), length - i * 8))
			return true;
	}
	return false;
}

static __always_inline bool text_changed(const struct entry *entry, __u32 index, const struct record_scratch *scratch, __u32 start,
	__u32 length)
{
	if (index >= KEPT_TEXTS || entry->length[index & (KEPT_TEXTS - 1)] == KEPT_BYTES)
		return hash_text(OWNER_SYSCALL, start, length, entry->seed) != entry->hash[index];
	asm volatile("" : "+r"(start));
	return start > RECORD_BLOB_LIMIT || kept_text_differs(entry, index, scratch->bytes + start, length);
}

/* The strings are the first parts of a record. Where one is another than it was, or cannot be read any more, what it was is added. */
__noinline int compare_texts(__u32 blob)
{
	__u32 owner = OWNER_SYSCALL;
	struct record_scratch *scratch = bpf_map_lookup_elem(&record_scratch, &owner);
	struct entry *entry = bpf_task_storage_get(&entries, bpf_get_current_task_btf(), NULL, 0);
	if (!entry || !scratch || entry->kind != scratch->record.kind)
		return 0;
	struct saker_record *record = &scratch->record;
	const struct plan *plan = &plans[record->kind & (SAKER_KIND_LIMIT - 1)];
	bool whole = !(record->flags & SAKER_FAULTED);
	__u32 start = SAKER_RECORD_HEADER;
	entry->kind = 0;
#pragma clang loop unroll(full)
	for (int i = 0; i < TEXT_COUNT; i++) {
		__u32 length = plan->text[i] ? record->blob[i] : 0;
		if (whole && plan->text[i] && entry->known & 1 << i && text_changed(entry, i, scratch, start, length))
			record->flags |= SAKER_RACED;
		start += length;
	}
	if (whole && !(record->flags & SAKER_RACED))
		return 0;
#pragma clang loop unroll(full)
	for (int i = 0; i < KEPT_TEXTS; i++) {
		__u8 *place = blob_place(record);
		__u32 length = entry->length[i];
		if (place && entry->known & 1 << i && length <= KEPT_BYTES && bpf_probe_read_kernel(place, length, entry->text[i]) == 0)
			blob_done(record, blob, length);
	}
	return 0;
}
