/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which operation of io_uring is which kind, and the requests that are under way. */
#ifndef SAKER_REQUESTS_H
#define SAKER_REQUESTS_H

#include "emit.h"

#define REQUESTS 1024
#define REQUEST_BYTES 1024 /* paths of some 800 bytes; what has longer ones goes to the second table */
#define LONG_REQUESTS 64
#define LONG_REQUEST_BYTES (SAKER_RECORD_HEADER + 2 * SAKER_BLOB_MAX)

struct request {
	__u8 bytes[REQUEST_BYTES];
};

struct long_request {
	__u8 bytes[LONG_REQUEST_BYTES];
};

/* By the address of the request. Its record, as far as it is known. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, REQUESTS);
	__type(key, __u64);
	__type(value, struct request);
} requests SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LONG_REQUESTS);
	__type(key, __u64);
	__type(value, struct long_request);
} long_requests SEC(".maps");

/* The operations, by the numbers of linux/io_uring.h. */
enum operation {
	OPERATION_SENDMSG = 9,
	OPERATION_RECVMSG = 10,
	OPERATION_ACCEPT = 13,
	OPERATION_CONNECT = 16,
	OPERATION_OPENAT = 18,
	OPERATION_SEND = 26,
	OPERATION_RECV = 27,
	OPERATION_OPENAT2 = 28,
	OPERATION_RENAMEAT = 35,
	OPERATION_UNLINKAT = 36,
	OPERATION_MKDIRAT = 37,
	OPERATION_SYMLINKAT = 38,
	OPERATION_LINKAT = 39,
	OPERATION_SOCKET = 45,
	OPERATION_SEND_ZEROCOPY = 47,
	OPERATION_SENDMSG_ZEROCOPY = 48,
	OPERATION_BIND = 56,
	OPERATION_LISTEN = 57,
	OPERATION_COUNT = 64
};

/* Those that take flags are the newest form of their call. */
const __u8 operation_kinds[OPERATION_COUNT] SEC(".rodata.calls") = {
	[OPERATION_SENDMSG] = SAKER_SENDMSG, [OPERATION_RECVMSG] = SAKER_RECVMSG, [OPERATION_ACCEPT] = SAKER_ACCEPT4,
	[OPERATION_CONNECT] = SAKER_CONNECT, [OPERATION_OPENAT] = SAKER_OPENAT, [OPERATION_SEND] = SAKER_SENDTO,
	[OPERATION_RECV] = SAKER_RECVFROM, [OPERATION_OPENAT2] = SAKER_OPENAT2, [OPERATION_RENAMEAT] = SAKER_RENAMEAT2,
	[OPERATION_UNLINKAT] = SAKER_UNLINKAT, [OPERATION_MKDIRAT] = SAKER_MKDIRAT, [OPERATION_SYMLINKAT] = SAKER_SYMLINKAT,
	[OPERATION_LINKAT] = SAKER_LINKAT, [OPERATION_SOCKET] = SAKER_SOCKET, [OPERATION_SEND_ZEROCOPY] = SAKER_SENDTO,
	[OPERATION_SENDMSG_ZEROCOPY] = SAKER_SENDMSG, [OPERATION_BIND] = SAKER_BIND, [OPERATION_LISTEN] = SAKER_LISTEN,
};

#define REQUEST_FIXED_FILE 1      /* IOSQE_FIXED_FILE: the file is one of the ring's own */
#define REQUEST_SKIPS_SUCCESS 64 /* IOSQE_CQE_SKIP_SUCCESS */
#define SLOT_CHOSEN 0xffffffff    /* IORING_FILE_INDEX_ALLOC: the result is the place among the ring's own files */
#define FILE_BITS 7ULL            /* what the kernel keeps beside the address of a file */
#define KERNEL_LARGEFILE 0100000  /* O_LARGEFILE, which the kernel adds to what a program asked for */

static __always_inline __u8 operation_kind(__u8 operation)
{
	return operation < OPERATION_COUNT ? operation_kinds[operation] : 0;
}

static __always_inline void keep_request(struct saker_record *record, __u64 key)
{
	long failed = -1;
	if (record->length <= REQUEST_BYTES) {
		failed = bpf_map_update_elem(&requests, &key, record, BPF_ANY);
	} else if (record->length <= LONG_REQUEST_BYTES) {
		failed = bpf_map_update_elem(&long_requests, &key, record, BPF_ANY);
	}
	if (failed)
		count_drop(SAKER_DROP_REQUESTS, record->kind);
}

/* What was kept of a request, in the record's place; false when there is nothing. */
static __always_inline bool take_request(struct saker_record *record, __u64 key)
{
	struct request *kept = bpf_map_lookup_elem(&requests, &key);
	if (kept) {
		bpf_probe_read_kernel(record, REQUEST_BYTES, kept);
		bpf_map_delete_elem(&requests, &key);
		return true;
	}
	struct long_request *long_kept = bpf_map_lookup_elem(&long_requests, &key);
	if (!long_kept)
		return false;
	bpf_probe_read_kernel(record, LONG_REQUEST_BYTES, long_kept);
	bpf_map_delete_elem(&long_requests, &key);
	return true;
}

#endif
