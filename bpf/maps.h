/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SAKER_MAPS_H
#define SAKER_MAPS_H

#include "kernel.h"
#include "wire.h"

/* A blob may begin anywhere below the first bound and reach up to the second. */
#define RECORD_BLOB_LIMIT 24576
#define RECORD_SCRATCH (RECORD_BLOB_LIMIT + SAKER_BLOB_MAX)
#define PATH_SCRATCH (2 * SAKER_BLOB_MAX)

/* Each program has its own scratch, so one that is interrupted by another on the same CPU keeps its record; the kernel itself
 * keeps a program from being interrupted by itself (and counts the miss, which user space reads). */
enum scratch_owner { OWNER_SYSCALL, OWNER_EXEC, OWNER_FORK, OWNER_EXIT, OWNER_ENTER, OWNER_TASK, OWNER_COUNT };

struct record_scratch {
	union {
		struct saker_record record;
		__u8 bytes[RECORD_SCRATCH];
	};
};

struct path_scratch {
	__u8 bytes[PATH_SCRATCH];
};

struct ended {
	__u64 start;
	__u32 tgid;
	__u32 padding;
};

struct environment_name {
	char text[SAKER_NAME_MAX];
};

/* Set once by user space before the load: the verifier then drops what is switched off. */
const volatile struct saker_settings settings;

/* Set by the reader before it sleeps for want of records, cleared by the first that comes. One that is copied at the very moment when it
 * falls asleep may wait for the sleep's end. */
volatile __u32 reader_sleeps SEC(".bss.reader");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 * 1024 * 1024);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OWNER_COUNT);
	__type(key, __u32);
	__type(value, struct record_scratch);
} record_scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OWNER_COUNT);
	__type(key, __u32);
	__type(value, struct path_scratch);
} path_scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SAKER_DROP_COUNT);
	__type(key, __u32);
	__type(value, struct saker_counts);
} drops SEC(".maps");

/* Who told more than its share; the one that was quiet for longest makes room. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct saker_flooder);
	__type(value, struct saker_flood);
} floods SEC(".maps");

/* The names whose values may be copied out of an environment, padded with NUL. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SAKER_NAME_COUNT);
	__type(key, struct environment_name);
	__type(value, __u8);
} environment_names SEC(".maps");

/* Thread groups whose end was told: two threads that end at once both see themselves as the last. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct ended);
	__type(value, __u8);
} ended_groups SEC(".maps");

/* While the filter is being checked: the flag that it gave the call at hand. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} judgements SEC(".maps");

static __always_inline void count_drop(__u32 reason, __u8 kind)
{
	struct saker_counts *counts = bpf_map_lookup_elem(&drops, &reason);
	if (counts)
		counts->of_kind[kind & (SAKER_KIND_LIMIT - 1)] += 1; /* one CPU's own counter */
}

#endif
