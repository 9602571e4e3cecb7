/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Calls that are told as they were made: arguments, strings, and what their descriptors stand for. Part of probe.bpf.c. */
#include "emit.h"
#include "path.h"
#include "plans.h"

#define ADDRESS_MAX 110 /* sockaddr_un, the longest that is told */
#define MESSAGE_PARTS 16
#define PTRACE_PEEKTEXT 1
#define PTRACE_PEEKUSR 3
#define PR_SET_NAME 15
#define PR_GET_NAME 16
#define PR_GET_CHILD_SUBREAPER 37
#define RING_PARAMETERS 24 /* the first six words of struct io_uring_params */

/* The layouts of the 64-bit calls. */
struct user_message {
	__u64 name;
	__u32 name_length, name_padding;
	__u64 parts, part_count;
	__u64 control, control_length;
	__u32 flags, padding;
};

/* As long as sendmmsg and recvmmsg have them in a row: behind each, how many bytes went. */
struct user_messages {
	struct user_message message;
	__u32 moved, padding;
};

struct message_part {
	__u64 place, length;
};

static __always_inline bool sends(__u8 kind)
{
	return kind == SAKER_SENDTO || kind == SAKER_SENDMSG || kind == SAKER_SENDMMSG;
}

static __always_inline __u64 argument(struct saker_record *record, __u32 number)
{
	return number == RESULT ? (__u64)record->result : record->detail.call.argument[(number - 1) & 7];
}

static __always_inline void append_address(struct saker_record *record, __u64 address, __u32 length)
{
	if (address && length >= sizeof(__u16))
		append_user_bytes(record, SAKER_CALL_TEXT, (void *)address, length < ADDRESS_MAX ? length : ADDRESS_MAX);
}

static __always_inline void append_data(struct saker_record *record, __u64 place, __u64 length)
{
	if (place)
		append_user_bytes(record, SAKER_CALL_DATA, (void *)place, length < SAKER_DATA_MAX ? length : SAKER_DATA_MAX);
}

/* What a call of sockets passes as a length by reference. */
static __always_inline __u32 length_at(__u64 place)
{
	__u32 length = 0;
	if (place)
		bpf_probe_read_user(&length, sizeof(length), (void *)place);
	return length;
}

static __always_inline void append_own_name(struct saker_record *record, __u32 blob, struct sock *sock)
{
	if (!bpf_core_type_exists(struct unix_sock))
		return;
	append_unix_address(record, blob, BPF_CORE_READ((struct unix_sock *)sock, addr));
}

static __always_inline void read_socket(struct saker_record *record, __u32 blob, struct saker_connect *facts, struct file *file)
{
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sock = BPF_CORE_READ(socket, sk);
	if (!sock)
		return;
	facts->family = BPF_CORE_READ(sock, __sk_common.skc_family);
	facts->type = BPF_CORE_READ(sock, sk_type);
	facts->protocol = BPF_CORE_READ(sock, sk_protocol);
	if (facts->family == AF_INET || facts->family == AF_INET6)
		read_tuple(facts, sock);
	else if (facts->family == AF_UNIX && !append_peer_name(record, blob, sock))
		append_own_name(record, blob, sock);
}

/* The record that the program for calls is at work on. */
static __always_inline struct saker_record *own_record(void)
{
	__u32 owner = OWNER_SYSCALL;
	struct record_scratch *scratch = bpf_map_lookup_elem(&record_scratch, &owner);
	return scratch ? &scratch->record : NULL;
}

/* A function that is not static is verified once and alone; inlined, the ways through this one and those below would multiply.
 * `place` is where the file is; 0 stands for the working directory. */
__noinline int append_file(__u32 blob, __s32 number, __u64 place)
{
	struct task_struct *task = readable(bpf_get_current_task_btf());
	struct saker_record *record = own_record();
	struct saker_descriptor *facts = record ? (struct saker_descriptor *)blob_place(record) : NULL;
	if (!facts)
		return 0;
	struct file *file = (struct file *)place;
	__builtin_memset(facts, 0, sizeof(*facts));
	facts->socket.descriptor = number;
	blob_done(record, blob, sizeof(*facts));
	if (!file) {
		facts->file_type = S_IFDIR;
		append_path(record, blob, OWNER_SYSCALL, task, task->fs->pwd.mnt, task->fs->pwd.dentry);
		return 0;
	}
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	__u32 device = BPF_CORE_READ(inode, i_sb, s_dev);
	facts->file_type = BPF_CORE_READ(inode, i_mode) & S_IFMT;
	facts->device = device_number(device >> 20, device & 0xfffff);
	facts->inode = BPF_CORE_READ(inode, i_ino);
	facts->filesystem = BPF_CORE_READ(inode, i_sb, s_magic);
	if (facts->file_type == S_IFSOCK)
		read_socket(record, blob, &facts->socket, file);
	else
		append_file_path(record, blob, OWNER_SYSCALL, task, file);
	return 0;
}

__noinline int append_descriptor(__u32 blob, __s32 number)
{
	struct task_struct *task = readable(bpf_get_current_task_btf());
	struct file *file = number == AT_FDCWD ? NULL : file_of(task, (__s64)number);
	if (file || number == AT_FDCWD)
		append_file(blob, number, (__u64)file);
	return 0;
}

/* What stands in the place of the strings. */
__noinline int append_extra_text(__u32 extra, bool compat)
{
	struct saker_record *record = own_record();
	if (!record)
		return 0;
	__u64 option = argument(record, 1);
	struct user_message message = {};
	switch (extra) {
	case EXTRA_BOUND:
		append_address(record, argument(record, 2), argument(record, 3));
		break;
	case EXTRA_SENT:
		append_address(record, argument(record, 5), argument(record, 6));
		break;
	case EXTRA_RECEIVED:
		if (record->result >= 0)
			append_address(record, argument(record, 5), length_at(argument(record, 6)));
		break;
	case EXTRA_MESSAGE:
		if (compat || bpf_probe_read_user(&message, sizeof(message), (void *)argument(record, 2)) != 0)
			break;
		append_address(record, message.name, message.name_length);
		if (!sends(record->kind) && record->result >= 0 && message.control)
			append_user_bytes(record, SAKER_CALL_TEXT_2, (void *)message.control,
				message.control_length < SAKER_DATA_MAX ? message.control_length : SAKER_DATA_MAX);
		break;
	case EXTRA_PROCESS:
		if (option == PR_SET_NAME || option == PR_GET_NAME)
			append_user_string(record, SAKER_CALL_TEXT, (void *)argument(record, 2));
		break;
	}
	return 0;
}

/* The first bytes of the first part that has any, and how many bytes all parts can hold. */
static __always_inline void append_message(struct saker_record *record)
{
	struct user_message message = {};
	__u64 size = 0, first = 0, first_length = 0;
	if (bpf_probe_read_user(&message, sizeof(message), (void *)argument(record, 2)) != 0) {
		mark_faulted(record);
		return;
	}
	for (int i = 0; i < MESSAGE_PARTS; i++) {
		struct message_part part = {};
		if (i >= message.part_count || bpf_probe_read_user(&part, sizeof(part), (void *)(message.parts + i * sizeof(part))) != 0)
			break;
		if (first_length == 0) {
			first = part.place;
			first_length = part.length;
		}
		size += part.length;
	}
	record->detail.call.argument[3] = size;
	__u64 moved = record->result < 0 ? 0 : record->result;
	if (sends(record->kind) && record->result < 0)
		moved = size;
	append_data(record, first, moved < first_length ? moved : first_length);
}

static __always_inline void append_queue(struct saker_record *record, struct sock *sock)
{
	__u8 *place = blob_place(record);
	if (!sock || !place)
		return;
	__u32 queue[2] = {BPF_CORE_READ(sock, sk_ack_backlog), BPF_CORE_READ(sock, sk_max_ack_backlog)};
	if (bpf_probe_read_kernel(place, sizeof(queue), queue) == 0)
		blob_done(record, SAKER_CALL_DATA, sizeof(queue));
}

static __always_inline void append_capabilities(struct saker_record *record, struct task_struct *task)
{
	const struct cred *cred = task->cred;
	__u8 *place = blob_place(record);
	if (place && bpf_probe_read_kernel(place, sizeof(__u64), &cred->cap_inheritable) == 0)
		blob_done(record, SAKER_CALL_DATA, sizeof(__u64));
}

__noinline int append_extra(__u32 extra, bool compat)
{
	struct task_struct *task = readable(bpf_get_current_task_btf());
	struct saker_record *record = own_record();
	if (!record)
		return 0;
	__s64 result = record->result;
	__u64 option = argument(record, 1);
	switch (extra) {
	case EXTRA_QUEUE:
		if (result >= 0)
			append_queue(record, socket_of(task, option));
		break;
	case EXTRA_SENT:
		append_data(record, argument(record, 2), result < 0 ? argument(record, 3) : (__u64)result);
		break;
	case EXTRA_RECEIVED:
		append_data(record, argument(record, 2), result < 0 ? 0 : (__u64)result);
		break;
	case EXTRA_MESSAGE:
		if (!compat)
			append_message(record);
		break;
	case EXTRA_IMAGE:
		append_data(record, argument(record, 1), argument(record, 2));
		break;
	case EXTRA_CAPABILITIES:
		append_capabilities(record, task);
		break;
	case EXTRA_RING:
		append_data(record, argument(record, 2), RING_PARAMETERS);
		break;
	case EXTRA_TRACED:
		if (result >= 0 && option >= PTRACE_PEEKTEXT && option <= PTRACE_PEEKUSR)
			append_data(record, argument(record, 4), compat ? sizeof(__u32) : sizeof(__u64));
		break;
	case EXTRA_PROCESS:
		if (option == PR_GET_CHILD_SUBREAPER)
			append_data(record, argument(record, 2), sizeof(__u32));
		break;
	}
	return 0;
}

static __always_inline void called(struct task_struct *task, __u8 kind, __s64 result, const __u64 *arguments, bool compat)
{
	struct saker_record *record = begin_record(OWNER_SYSCALL, kind, result, task);
	if (!record)
		return;
	for (int i = 0; i < 6; i++)
		record->detail.call.argument[i] = arguments[i];
	if (kind == SAKER_SENDMMSG || kind == SAKER_RECVMMSG)
		record->detail.call.argument[3] = 0; /* it is no size here */
	const struct plan *plan = &plans[kind & (SAKER_KIND_LIMIT - 1)];
	for (int i = 0; i < TEXT_COUNT; i++) {
		__u64 text = plan->text[i] ? argument(record, plan->text[i]) : 0;
		if (text)
			append_user_string(record, SAKER_CALL_TEXT + i, (void *)text);
	}
	if (plan->extra)
		append_extra_text(plan->extra, compat);
	for (int i = 0; i < DESCRIPTOR_COUNT; i++)
		if (plan->descriptor[i])
			append_descriptor(SAKER_CALL_DESCRIPTOR + i,
				plan->descriptor[i] == WORKING_DIRECTORY ? AT_FDCWD : (__s32)argument(record, plan->descriptor[i]));
	if (plan->extra)
		append_extra(plan->extra, compat);
	if (compared(kind))
		compare_texts(SAKER_CALL_ENTRY);
	emit(record, false);
}

struct messages {
	__u64 place;
	__s32 descriptor;
	__u8 kind;
};

#define MESSAGES_MAX 1024 /* UIO_MAXIOV: the kernel takes no more in a call */

/* Whether a message is not to be told, with room of its own for what that takes. */
static __noinline bool message_held_back(__u8 kind)
{
	return held_back(kind, readable(bpf_get_current_task_btf()));
}

static long message_step(__u32 index, struct messages *messages)
{
	struct task_struct *task = readable(bpf_get_current_task_btf());
	__u64 place = messages->place + index * sizeof(struct user_messages);
	__u32 moved = 0;
	if (bpf_probe_read_user(&moved, sizeof(moved), (void *)(place + __builtin_offsetof(struct user_messages, moved))) != 0)
		return 1;
	if (message_held_back(messages->kind))
		return 0;
	struct saker_record *record = begin_record(OWNER_SYSCALL, messages->kind, moved, task);
	if (!record)
		return 1;
	record->detail.call.argument[0] = messages->descriptor;
	record->detail.call.argument[1] = place;
	append_extra_text(EXTRA_MESSAGE, false);
	append_descriptor(SAKER_CALL_DESCRIPTOR, messages->descriptor);
	append_extra(EXTRA_MESSAGE, false);
	emit(record, false);
	return 0;
}

/* Each message is told as if it were a call. Those of a 32-bit call, which are laid out otherwise, are told as one. */
static __always_inline void called_with_messages(struct task_struct *task, __u8 kind, __s64 result, const __u64 *arguments, bool compat)
{
	struct messages messages = {.place = arguments[1], .descriptor = arguments[0], .kind = kind};
	if (result <= 0 || compat)
		called(task, kind, result, arguments, compat);
	else
		bpf_loop(result < MESSAGES_MAX ? result : MESSAGES_MAX, message_step, &messages, 0);
}
