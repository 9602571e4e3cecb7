/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is done through io_uring, told as the calls that it stands for. Part of probe.bpf.c.
 *
 * When a request is submitted, the kernel has copied its paths already: what it was asked for is read from there and kept until the
 * request ends, which may be on another thread, or a day later. Who submitted it is known then only: what polls the ring for a process
 * is a thread of that process. What the kernel is asked to tell nothing of (IOSQE_CQE_SKIP_SUCCESS) is told when it is submitted.
 *
 * These programs run in the context of a process, with preemption off, so the scratch of the program for calls is theirs too. */
#include "emit.h"
#include "path.h"
#include "plans.h"
#include "requests.h"

static __always_inline __u64 name_place(struct filename *filename)
{
	return (__u64)BPF_CORE_READ(filename, name);
}

static __always_inline void append_kernel_bytes(struct saker_record *record, __u32 blob, const void *bytes, __u32 length)
{
	__u8 *place = blob_place(record);
	asm volatile("" : "+r"(length));
	if (!place || length == 0 || length > SAKER_BLOB_MAX)
		return;
	if (bpf_probe_read_kernel(place, length, bytes) != 0)
		mark_faulted(record);
	else
		blob_done(record, blob, length);
}

static __always_inline __u32 address_length(__u32 length)
{
	return length > ADDRESS_MAX ? ADDRESS_MAX : length;
}

/* Of connect and bind: the address that the kernel copied, or, where it does that no sooner than it needs it, the caller's. Kernels
 * since 6.17 or so keep the address alone; those before it keep it in the header of a message, which begins with an address in
 * memory, and that is none of these families. */
static __always_inline void append_asked_address(struct saker_record *record, struct io_kiocb *request, const void *address,
	__u32 length)
{
	if (bpf_core_type_exists(struct io_async_connect)) {
		append_address(record, (__u64)address, address_length(length));
		return;
	}
	void *place = BPF_CORE_READ(request, async_data);
	__u16 family = 0;
	bpf_probe_read_kernel(&family, sizeof(family), place);
	if (family != AF_INET && family != AF_INET6 && family != AF_UNIX)
		place += bpf_core_field_offset(struct io_async_msghdr, addr);
	append_kernel_bytes(record, SAKER_CALL_TEXT, place, address_length(length));
}

static __always_inline struct file *ring_file(struct io_kiocb *request, __u32 slot)
{
	struct io_ring_ctx *ring = BPF_CORE_READ(request, ctx);
	__u64 place = 0;
	if (bpf_core_field_exists(ring->file_table.files)) {
		place = (__u64)BPF_CORE_READ(ring, file_table.files) + (__u64)slot * bpf_core_type_size(struct io_fixed_file);
		bpf_probe_read_kernel(&place, sizeof(place), (void *)place);
	} else {
		struct io_rsrc_node **nodes = BPF_CORE_READ(ring, file_table.data.nodes), *node = NULL;
		bpf_probe_read_kernel(&node, sizeof(node), nodes + slot);
		if (node)
			place = BPF_CORE_READ(node, file_ptr);
	}
	return (struct file *)(place & ~FILE_BITS);
}

/* An open keeps its own record. */
static __always_inline __u64 asked_open(struct saker_record *record, struct io_open *asked)
{
	struct open_how how = {};
	bpf_core_read(&how, sizeof(how), &asked->how);
	record->detail.open.directory = BPF_CORE_READ(asked, dfd);
	record->detail.open.flags = how.flags & ~KERNEL_LARGEFILE;
	record->detail.open.mode = how.mode;
	record->detail.open.resolve = how.resolve;
	return name_place(BPF_CORE_READ(asked, filename));
}

static __always_inline __u64 asked_link(__u64 *passed, struct io_link *asked, __u64 *second, bool symbolic)
{
	*second = name_place(BPF_CORE_READ(asked, newpath));
	if (symbolic) {
		passed[1] = BPF_CORE_READ(asked, new_dfd);
	} else {
		passed[0] = BPF_CORE_READ(asked, old_dfd);
		passed[2] = BPF_CORE_READ(asked, new_dfd);
		passed[4] = BPF_CORE_READ(asked, flags);
	}
	return name_place(BPF_CORE_READ(asked, oldpath));
}

/* What is done to files: arguments as the call has them, and paths. */
__noinline int asked_of_files(__u32 operation, __u64 place)
{
	struct saker_record *record = own_record();
	if (!record)
		return 0;
	__u64 *passed = record->detail.call.argument, first = 0, second = 0;
	struct io_rename *renamed = (void *)place;
	struct io_unlink *removed = (void *)place;
	struct io_mkdir *made = (void *)place;
	switch (operation) {
	case OPERATION_OPENAT:
	case OPERATION_OPENAT2:
		first = asked_open(record, (void *)place);
		break;
	case OPERATION_RENAMEAT:
		passed[0] = BPF_CORE_READ(renamed, old_dfd);
		passed[2] = BPF_CORE_READ(renamed, new_dfd);
		passed[4] = BPF_CORE_READ(renamed, flags);
		first = name_place(BPF_CORE_READ(renamed, oldpath));
		second = name_place(BPF_CORE_READ(renamed, newpath));
		break;
	case OPERATION_UNLINKAT:
		passed[0] = BPF_CORE_READ(removed, dfd);
		passed[2] = BPF_CORE_READ(removed, flags);
		first = name_place(BPF_CORE_READ(removed, filename));
		break;
	case OPERATION_MKDIRAT:
		passed[0] = BPF_CORE_READ(made, dfd);
		passed[2] = BPF_CORE_READ(made, mode);
		first = name_place(BPF_CORE_READ(made, filename));
		break;
	case OPERATION_SYMLINKAT:
	case OPERATION_LINKAT:
		first = asked_link(passed, (void *)place, &second, operation == OPERATION_SYMLINKAT);
		break;
	}
	if (first)
		append_kernel_string(record, SAKER_CALL_TEXT, (void *)first);
	if (second)
		append_kernel_string(record, SAKER_CALL_TEXT_2, (void *)second);
	return 0;
}

static __always_inline void asked_to_send(struct saker_record *record, __u64 *passed, struct io_kiocb *request, bool is_message)
{
	struct io_sr_msg *asked = (void *)request;
	struct io_async_msghdr *message = BPF_CORE_READ(request, async_data);
	__u64 address = 0, length = 0;
	passed[1] = (__u64)BPF_CORE_READ(asked, buf);
	passed[2] = is_message ? BPF_CORE_READ(asked, msg_flags) : BPF_CORE_READ(asked, len);
	passed[3] = is_message ? 0 : BPF_CORE_READ(asked, msg_flags);
	if (bpf_core_field_exists(asked->addr)) {
		if (is_message)
			append_extra_text(EXTRA_MESSAGE, false);
		else if ((address = (__u64)BPF_CORE_READ(asked, addr)))
			append_address(record, address, BPF_CORE_READ(asked, addr_len));
	} else if (BPF_CORE_READ(message, msg.msg_name)) {
		length = BPF_CORE_READ(message, msg.msg_namelen);
		append_kernel_bytes(record, SAKER_CALL_TEXT, BPF_CORE_READ(message, msg.msg_name), address_length(length));
	}
}

/* What is done to sockets. */
__noinline int asked_of_sockets(__u32 operation, __u64 place)
{
	struct saker_record *record = own_record();
	if (!record)
		return 0;
	__u64 *passed = record->detail.call.argument;
	struct io_kiocb *request = (void *)place;
	struct io_socket *made = (void *)place;
	struct io_connect *connected = (void *)place;
	struct io_bind *bound = (void *)place;
	struct io_listen *listening = (void *)place;
	struct io_accept *accepting = (void *)place;
	struct io_sr_msg *receiving = (void *)place;
	__s32 descriptor = BPF_CORE_READ(request, cqe.fd);
	if (operation == OPERATION_CONNECT) {
		record->detail.connect.descriptor = descriptor;
		append_asked_address(record, request, BPF_CORE_READ(connected, addr), BPF_CORE_READ(connected, addr_len));
		return 0;
	}
	passed[0] = descriptor;
	switch (operation) {
	case OPERATION_SOCKET:
		passed[0] = BPF_CORE_READ(made, domain);
		passed[1] = BPF_CORE_READ(made, type);
		passed[2] = BPF_CORE_READ(made, protocol);
		break;
	case OPERATION_BIND:
		if (bpf_core_type_exists(struct io_bind)) {
			passed[2] = BPF_CORE_READ(bound, addr_len);
			append_asked_address(record, request, NULL, BPF_CORE_READ(bound, addr_len));
		}
		break;
	case OPERATION_LISTEN:
		if (bpf_core_type_exists(struct io_listen))
			passed[1] = BPF_CORE_READ(listening, backlog);
		break;
	case OPERATION_ACCEPT:
		passed[1] = (__u64)BPF_CORE_READ(accepting, addr);
		passed[2] = (__u64)BPF_CORE_READ(accepting, addr_len);
		passed[3] = BPF_CORE_READ(accepting, flags);
		break;
	case OPERATION_RECV:
	case OPERATION_RECVMSG:
		passed[1] = (__u64)BPF_CORE_READ(receiving, buf);
		passed[2] = operation == OPERATION_RECV ? BPF_CORE_READ(receiving, len) : BPF_CORE_READ(receiving, msg_flags);
		passed[3] = operation == OPERATION_RECV ? BPF_CORE_READ(receiving, msg_flags) : 0;
		break;
	case OPERATION_SEND:
	case OPERATION_SEND_ZEROCOPY:
		asked_to_send(record, passed, request, false);
		break;
	case OPERATION_SENDMSG:
	case OPERATION_SENDMSG_ZEROCOPY:
		asked_to_send(record, passed, request, true);
		break;
	}
	return 0;
}

static __always_inline bool is_of_files(__u8 kind)
{
	return kind < SAKER_SOCKET && kind != SAKER_CONNECT;
}

/* The file that a request works on: at its end its own, when it is submitted the one that it will be given. */
static __always_inline struct file *file_of_request(struct io_kiocb *request, struct task_struct *task, __s32 number, bool ended)
{
	if (ended)
		return BPF_CORE_READ(request, file);
	if (BPF_CORE_READ(request, flags) & REQUEST_FIXED_FILE)
		return ring_file(request, number);
	return file_of(task, (__s64)number);
}

/* What is sent belongs to the program again when the request ends, so it is read when it is submitted. */
__noinline int append_sent(__u64 place)
{
	struct task_struct *task = readable(bpf_get_current_task_btf());
	struct saker_record *record = own_record();
	struct io_kiocb *request = (void *)place;
	if (!record)
		return 0;
	__u64 *passed = record->detail.call.argument;
	struct file *file = file_of_request(request, task, (__s32)passed[0], false);
	if (BPF_CORE_READ(request, flags) & REQUEST_FIXED_FILE)
		passed[0] = -1;
	if (file)
		append_file(SAKER_CALL_DESCRIPTOR, (__s32)passed[0], (__u64)file);
	record->result = -1; /* then all of it is read: how much is sent is not known yet */
	if (record->kind == SAKER_SENDMSG)
		append_extra(EXTRA_MESSAGE, false);
	else
		append_data(record, passed[1], passed[2]);
	record->result = 0;
	return 0;
}

/* The thread that polls a ring has a name and a number of its own; what it does is asked for by its process. */
static __always_inline void name_submitter(struct saker_record *record, struct task_struct *task)
{
	if (!(task->flags & PF_IO_WORKER))
		return;
	struct task_struct *leader = task->group_leader;
	record->tid = record->pid;
	bpf_core_read(record->comm, sizeof(record->comm), &leader->comm);
}

/* The place of a file that was made among the ring's own; false when it is a descriptor. */
static __always_inline bool made_slot(struct io_kiocb *request, __u8 kind, __s64 result, __u32 *slot)
{
	struct io_open *opened = (void *)request;
	struct io_socket *made = (void *)request;
	struct io_accept *accepted = (void *)request;
	__u32 asked = 0;
	if (kind == SAKER_OPENAT || kind == SAKER_OPENAT2)
		asked = BPF_CORE_READ(opened, file_slot);
	else if (kind == SAKER_SOCKET)
		asked = BPF_CORE_READ(made, file_slot);
	else if (kind == SAKER_ACCEPT4)
		asked = BPF_CORE_READ(accepted, file_slot);
	*slot = asked == SLOT_CHOSEN ? result : asked - 1;
	return asked != 0;
}

/* The file that a request made; NULL when it did not, or nobody said which it is. */
static __always_inline struct file *made_file(struct saker_record *record, struct io_kiocb *request, struct task_struct *task)
{
	__u32 slot = 0;
	if (record->result < 0)
		return NULL;
	bool has_slot = made_slot(request, record->kind, record->result, &slot);
	if (record->flags & SAKER_UNANSWERED)
		return NULL;
	return has_slot ? ring_file(request, slot) : file_of(task, record->result);
}

/* Not inlined, for the room that it needs beside that of whoever calls it. */
__noinline int read_made_file(__u64 place)
{
	struct task_struct *task = readable(bpf_get_current_task_btf());
	struct saker_record *record = own_record();
	if (record)
		read_file(record, task, (struct file *)place);
	return 0;
}

static __always_inline void end_open(struct saker_record *record, struct io_kiocb *request, struct task_struct *task, bool own)
{
	if (record->result >= 0 && !(record->flags & SAKER_UNANSWERED))
		read_made_file(own ? (__u64)made_file(record, request, task) : 0);
	if (own && record->detail.open.directory != AT_FDCWD && is_relative(record))
		append_descriptor(SAKER_OPEN_FOLDER, record->detail.open.directory);
}

/* Until now the record has had the address in the place of its only blob. */
static __always_inline void end_connect(struct saker_record *record, struct io_kiocb *request, struct task_struct *task)
{
	struct saker_connect *connect = &record->detail.connect;
	__u32 owner = OWNER_SYSCALL, length = record->blob[SAKER_CONNECT_UNIX_PATH];
	bool ended = !(record->flags & SAKER_UNANSWERED);
	struct path_scratch *scratch = bpf_map_lookup_elem(&path_scratch, &owner);
	if (!scratch)
		return;
	__u8 *address = scratch->bytes;
	bpf_probe_read_kernel(address, ADDRESS_MAX, (__u8 *)record + SAKER_RECORD_HEADER);
	record->length = SAKER_RECORD_HEADER;
	record->blob[SAKER_CONNECT_UNIX_PATH] = 0;
	__u16 asked = length >= sizeof(asked) ? *(__u16 *)address : 0;
	struct sock *sock = sock_of(file_of_request(request, task, connect->descriptor, ended));
	if (BPF_CORE_READ(request, flags) & REQUEST_FIXED_FILE)
		connect->descriptor = -1;
	connect->family = sock ? BPF_CORE_READ(sock, __sk_common.skc_family) : asked;
	if (sock) {
		connect->type = BPF_CORE_READ(sock, sk_type);
		connect->protocol = BPF_CORE_READ(sock, sk_protocol);
	}
	if (connect->family == AF_UNIX) {
		if (record->result != 0 || !sock || !append_peer_name(record, SAKER_CONNECT_UNIX_PATH, sock))
			if (length > ADDRESS_PATH)
				append_kernel_bytes(record, SAKER_CONNECT_UNIX_PATH, address + ADDRESS_PATH, (length - ADDRESS_PATH) & 127);
		return;
	}
	if (connect->family != AF_INET && connect->family != AF_INET6)
		return;
	if (sock)
		read_tuple(connect, sock);
	if (connect->remote_family != 0 || asked != connect->family)
		return;
	connect->remote_port = __builtin_bswap16(*(__u16 *)(address + ADDRESS_PORT));
	connect->remote_family = asked;
	if (asked == AF_INET)
		__builtin_memcpy(connect->remote, address + ADDRESS_V4, 4);
	else
		__builtin_memcpy(connect->remote, address + ADDRESS_V6, 16);
}

/* What was sent in the end may be less than what is there to be sent. */
static __always_inline void end_sent(struct saker_record *record)
{
	__u32 kept = record->blob[SAKER_CALL_DATA];
	if (record->result < 0 || record->flags & SAKER_UNANSWERED || record->result >= kept)
		return;
	record->blob[SAKER_CALL_DATA] = record->result;
	record->length -= kept - (__u32)record->result;
}

static __always_inline void end_on_files(struct saker_record *record, bool own)
{
	const struct plan *plan = &plans[record->kind & (SAKER_KIND_LIMIT - 1)];
	for (int i = 0; own && i < DESCRIPTOR_COUNT; i++)
		if (plan->descriptor[i])
			append_descriptor(SAKER_CALL_DESCRIPTOR + i, (__s32)argument(record, plan->descriptor[i]));
}

static __always_inline void end_on_sockets(struct saker_record *record, struct io_kiocb *request, struct task_struct *task, bool own)
{
	__u64 *passed = record->detail.call.argument;
	__u8 kind = record->kind;
	bool makes = kind == SAKER_SOCKET || kind == SAKER_ACCEPT4;
	bool ended = !(record->flags & SAKER_UNANSWERED);
	__u32 slot = 0;
	struct file *file = makes ? NULL : file_of_request(request, task, (__s32)passed[0], ended);
	__s32 number = makes ? record->result : passed[0];
	if (makes && own)
		file = made_file(record, request, task);
	if (makes ? made_slot(request, kind, record->result, &slot) : BPF_CORE_READ(request, flags) & REQUEST_FIXED_FILE)
		number = -1;
	if (!makes)
		passed[0] = number;
	if (own && kind == SAKER_RECVMSG)
		append_extra_text(EXTRA_MESSAGE, false);
	if (file)
		append_file(SAKER_CALL_DESCRIPTOR, number, (__u64)file);
	if (kind == SAKER_ACCEPT4 && ended && record->result >= 0)
		append_queue(record, sock_of(BPF_CORE_READ(request, file)));
	if (own && ended && kind == SAKER_RECVMSG)
		append_extra(EXTRA_MESSAGE, false);
	if (own && ended && kind == SAKER_RECVFROM && record->result > 0)
		append_data(record, passed[1], record->result);
}

/* The rest of a record, and the record told. */
__noinline int tell_request(__u64 place)
{
	struct task_struct *task = readable(bpf_get_current_task_btf());
	struct saker_record *record = own_record();
	struct io_kiocb *request = (void *)place;
	if (!record)
		return 0;
	/* A ring that nobody holds any more is emptied by a thread of the kernel, which has neither descriptors nor folders. */
	bool own = task->tgid == record->pid;
	__u8 kind = record->kind;
	if (kind == SAKER_OPENAT || kind == SAKER_OPENAT2)
		end_open(record, request, task, own);
	else if (kind == SAKER_CONNECT)
		end_connect(record, request, task);
	else if (sends(kind))
		end_sent(record);
	else if (is_of_files(kind))
		end_on_files(record, own);
	else
		end_on_sockets(record, request, task, own);
	emit(record, kind == SAKER_CONNECT);
	return 0;
}

/* Called io_uring_submit_sqe before 6.3, with the same first argument: the loader gives it that name there. */
SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(saker_ring_ask, struct io_kiocb *submitted)
{
	struct task_struct *task = readable(bpf_get_current_task_btf());
	__u8 operation = submitted->opcode, kind = operation_kind(operation);
	if (kind == 0 || !wanted(kind) || ignored() || held_back(kind, task))
		return 0;
	/* Copied through memory the pointer becomes a number, which functions and maps take. */
	struct io_kiocb *request = NULL;
	bpf_probe_read_kernel(&request, sizeof(request), &submitted);
	struct saker_record *record = begin_record(OWNER_SYSCALL, kind, 0, task);
	if (!record)
		return 0;
	record->flags = SAKER_RING;
	name_submitter(record, task);
	if (is_of_files(kind))
		asked_of_files(operation, (__u64)request);
	else
		asked_of_sockets(operation, (__u64)request);
	if (sends(kind))
		append_sent((__u64)request);
	if (BPF_CORE_READ(request, flags) & REQUEST_SKIPS_SUCCESS) {
		record->flags |= SAKER_UNANSWERED;
		tell_request((__u64)request);
	} else {
		keep_request(record, (__u64)request);
	}
	return 0;
}

static __always_inline void end_request(struct io_kiocb *request)
{
	struct saker_record *record = own_record();
	if (!record || !take_request(record, (__u64)request))
		return;
	record->boot_ns = bpf_ktime_get_boot_ns();
	record->result = BPF_CORE_READ(request, cqe.res);
	tell_request((__u64)request);
}

SEC("tp_btf/io_uring_complete")
int BPF_PROG(saker_ring_end, void *ring_context, struct io_kiocb *request)
{
	__u8 kind = request ? operation_kind(BPF_CORE_READ(request, opcode)) : 0;
	if (kind != 0 && wanted(kind))
		end_request(request);
	return 0;
}

struct overflow {
	struct io_ring_ctx *ring;
	__u64 user_data;
	__s32 result;
	__u64 request; /* that it is; 0 for none */
};

static long overflow_step(void *map, __u64 *key, void *kept, struct overflow *overflow)
{
	struct io_kiocb *request = (void *)*key;
	if (BPF_CORE_READ(request, ctx) != overflow->ring || BPF_CORE_READ(request, cqe.user_data) != overflow->user_data
	    || BPF_CORE_READ(request, cqe.res) != overflow->result)
		return 0;
	overflow->request = *key;
	return 1;
}

/* A request that ends when its ring has no room for another answer is not told to have ended, only that there was no room. */
SEC("tp_btf/io_uring_cqe_overflow")
int BPF_PROG(saker_ring_over, struct io_ring_ctx *ring_context, __u64 user_data, __s32 result)
{
	struct overflow overflow = {.ring = ring_context, .user_data = user_data, .result = result};
	bpf_for_each_map_elem(&requests, overflow_step, &overflow, 0);
	if (!overflow.request)
		bpf_for_each_map_elem(&long_requests, overflow_step, &overflow, 0);
	if (overflow.request)
		end_request((struct io_kiocb *)overflow.request);
	return 0;
}
