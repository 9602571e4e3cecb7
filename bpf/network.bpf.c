/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sockets connected. Part of probe.bpf.c. */
#include "emit.h"

/* Where sockaddr_in, sockaddr_in6 and sockaddr_un keep their parts. */
#define ADDRESS_PORT 2
#define ADDRESS_V4 4
#define ADDRESS_V6 8
#define ADDRESS_PATH 2

static __always_inline struct sock *sock_of(struct file *file)
{
	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	struct socket *socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

static __always_inline struct sock *socket_of(struct task_struct *task, __u64 descriptor)
{
	return sock_of(file_of(task, descriptor));
}

static __always_inline void read_tuple(struct saker_connect *connect, struct sock *sock)
{
	struct sock_common *common = &sock->__sk_common;
	__u16 port = BPF_CORE_READ(common, skc_dport);
	connect->local_port = BPF_CORE_READ(common, skc_num);
	if (connect->family == AF_INET)
		bpf_core_read(connect->local, 4, &common->skc_rcv_saddr);
	else
		bpf_core_read(connect->local, 16, &common->skc_v6_rcv_saddr);
	if (port == 0)
		return; /* a failed call leaves no peer: what the caller asked for is read instead */
	connect->remote_port = __builtin_bswap16(port);
	connect->remote_family = connect->family;
	if (connect->family == AF_INET)
		bpf_core_read(connect->remote, 4, &common->skc_daddr);
	else
		bpf_core_read(connect->remote, 16, &common->skc_v6_daddr);
}

/* The address that the caller passed; a fault leaves the remote side unknown. */
static __always_inline void read_asked(struct saker_record *record, const void *address, __u16 family)
{
	struct saker_connect *connect = &record->detail.connect;
	__u16 port = 0;
	long fault = bpf_probe_read_user(&port, sizeof(port), address + ADDRESS_PORT);
	if (family == AF_INET)
		fault |= bpf_probe_read_user(connect->remote, 4, address + ADDRESS_V4);
	else
		fault |= bpf_probe_read_user(connect->remote, 16, address + ADDRESS_V6);
	if (fault) {
		mark_faulted(record);
		return;
	}
	connect->remote_port = __builtin_bswap16(port);
	connect->remote_family = family;
}

/* False when it has no name. */
static __always_inline bool append_unix_address(struct saker_record *record, __u32 blob, struct unix_address *address)
{
	__u8 *place = blob_place(record);
	if (!address || !place)
		return false;
	__u32 length = BPF_CORE_READ(address, len) - ADDRESS_PATH;
	const void *name = (void *)address + bpf_core_field_offset(struct unix_address, name) + ADDRESS_PATH;
	if (length > sizeof(((struct sockaddr_un *)0)->sun_path) || bpf_probe_read_kernel(place, length, name) != 0)
		return false;
	blob_done(record, blob, length);
	return length != 0;
}

/* The name that the peer is bound to, which no link can disguise. */
static __always_inline bool append_peer_name(struct saker_record *record, __u32 blob, struct sock *sock)
{
	if (!bpf_core_type_exists(struct unix_sock))
		return false;
	struct unix_sock *peer = (struct unix_sock *)BPF_CORE_READ((struct unix_sock *)sock, peer);
	return peer && append_unix_address(record, blob, BPF_CORE_READ(peer, addr));
}

static __always_inline void append_asked_name(struct saker_record *record, const void *address, __u32 length)
{
	if (length <= ADDRESS_PATH)
		return;
	length -= ADDRESS_PATH;
	if (length <= sizeof(((struct sockaddr_un *)0)->sun_path))
		append_user_bytes(record, SAKER_CONNECT_UNIX_PATH, address + ADDRESS_PATH, length);
}

static __always_inline void connected(struct task_struct *task, __s64 result, const __u64 *arguments)
{
	struct saker_record *record = begin_record(OWNER_SYSCALL, SAKER_CONNECT, result, task);
	if (!record)
		return;
	struct saker_connect *connect = &record->detail.connect;
	const void *address = (void *)arguments[1];
	__u16 asked = 0;
	connect->descriptor = arguments[0];
	if (bpf_probe_read_user(&asked, sizeof(asked), address) != 0)
		mark_faulted(record);
	struct sock *sock = socket_of(task, arguments[0]);
	connect->family = sock ? BPF_CORE_READ(sock, __sk_common.skc_family) : asked;
	if (sock) {
		connect->type = BPF_CORE_READ(sock, sk_type);
		connect->protocol = BPF_CORE_READ(sock, sk_protocol);
	}
	if (connect->family == AF_UNIX) {
		if (result != 0 || !sock || !append_peer_name(record, SAKER_CONNECT_UNIX_PATH, sock))
			append_asked_name(record, address, arguments[2]);
	} else if (connect->family == AF_INET || connect->family == AF_INET6) {
		if (sock)
			read_tuple(connect, sock);
		/* An IPv6 socket may be asked for an IPv4 address only as a mapped one, so both families are one here. */
		if (connect->remote_family == 0 && asked == connect->family)
			read_asked(record, address, asked);
	}
	emit(record, true);
}
