/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What no loaded rule can match is not told: the filter that user space made from the rules (struct saker_filter) is asked before
 * anything is copied. It may let through what no rule matches, and never keeps back what one could: what cannot be read passes.
 *
 * A name is looked for in all places that the path an event is told by can take it from: the path that was given, the kernel's own
 * path of what was opened, and the folder that a relative path begins in. Part of probe.bpf.c. */
#include "emit.h"
#include "plans.h"

#define TEXT_START 8     /* before a text there is room, so that eight bytes can be read that end within it */
#define SCAN_STEPS 2048  /* words of a path that are looked at; a longer one passes */
#define CHAIN_STEPS 64   /* folders above a file that are looked at */
#define ALL_NAMES (~0ULL)

#define LOW_BITS 0x0101010101010101ULL
#define HIGH_BITS 0x8080808080808080ULL
#define SLASHES 0x2f2f2f2f2f2f2f2fULL

struct saker_filters filters; /* alone in .bss, which user space has mapped */

/* How far a path's text was looked at. */
struct path_scan {
	__u64 hash, head; /* of the name so far */
	__u64 found;
	__u32 place; /* in the text */
	__u32 length;
	__u32 ended;
};

/* How far up from a file was looked. */
struct chain_walk {
	struct dentry *dentry, *mount_root;
	struct vfsmount *mount;
	struct dentry *passed_dentry; /* whether this folder is among those that are walked by */
	struct vfsmount *passed_mount;
	__u64 found;
	__u32 passed;
	__u32 ended;
};

/* What loops change is kept here and not on the stack, where the verifier would follow each value round by round. */
struct filter_scratch {
	__u64 arguments[6]; /* of the call at hand */
	__s64 result;
	struct path_scan scan;
	struct chain_walk file, folder;
	__u8 text[TEXT_START + SAKER_BLOB_MAX + 8];
	__u8 name[TEXT_START + 256 + 8];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct filter_scratch);
} filter_scratch SEC(".maps");

/* How many of each kind were kept back. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct saker_counts);
} filtered_counts SEC(".maps");

/* A plain load where the kernel lets a program say what a pointer is (6.2 and later), and a helper's call else. */
#define FIELD(type, pointer, field) \
	(bpf_rdonly_cast ? ((type *)bpf_rdonly_cast((void *)(pointer), bpf_core_type_id_kernel(type)))->field \
			 : BPF_CORE_READ((type *)(pointer), field))

static __always_inline struct filter_scratch *own_filter_scratch(void)
{
	__u32 zero = 0;
	return bpf_map_lookup_elem(&filter_scratch, &zero);
}

static __always_inline __u64 needle(const struct saker_filter *filter, __u32 what, __u64 word)
{
	__u64 place = (word ^ (what * 0xff51afd7ed558ccdULL)) * SAKER_NEEDLE_MULTIPLIER >> (64 - SAKER_NEEDLE_BITS);
	return filter->needles[place & (SAKER_FILTER_NEEDLES - 1)];
}

static __always_inline __u64 absorb(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * SAKER_NEEDLE_MULTIPLIER;
	return hash ^ hash >> 29;
}

/* The alternatives that a name satisfies: `head` is its first word and `tail` its last, which of a short name begins before it. A
 * function that is not static is verified once and alone. */
__noinline __u64 satisfied(__u32 number, __u64 hash, __u32 length, __u64 head, __u64 tail)
{
	const struct saker_filter *filter = &filters.filter[number & 1];
	__u64 found = needle(filter, SAKER_NEEDLE_COMPONENT, hash ^ length);
	for (__u32 i = 0; i < 2; i++) {
		__u32 start = filter->start_bytes[i], end = filter->end_bytes[i];
		if (start && length >= start)
			found |= needle(filter, SAKER_NEEDLE_START + start, first_bytes(head, start));
		if (end && length >= end)
			found |= needle(filter, SAKER_NEEDLE_END + end, tail >> ((8 - end) * 8 & 63));
	}
	return found;
}

/* Eight bytes of a path, or fewer up to the end of a name. */
static long scan_step(__u32 index, __u32 *number)
{
	struct filter_scratch *scratch = own_filter_scratch();
	if (!scratch)
		return 1;
	struct path_scan *scan = &scratch->scan;
	__u32 place = scan->place;
	if (place < TEXT_START || place > SAKER_BLOB_MAX)
		return 1;
	__u64 word = *(const __u64 *)(scratch->text + place);
	__u64 slashes = word ^ SLASHES;
	__u64 ends = ((word - LOW_BITS) & ~word & HIGH_BITS) | ((slashes - LOW_BITS) & ~slashes & HIGH_BITS);
	__u64 below = ends ? ((ends & -ends) >> 7) - 1 : ~0ULL; /* the bytes before the first slash or NUL */
	__u32 count = ends ? (below & LOW_BITS) * LOW_BITS >> 56 : 8;
	asm volatile("" : "+r"(count));
	if (count > 8)
		return 1;
	word &= below;
	if (scan->length == 0)
		scan->head = word;
	if (count && scan->length < SAKER_COMPONENT_BYTES)
		scan->hash = absorb(scan->hash, word);
	scan->length += count;
	scan->place = place + count;
	if (!ends)
		return 0;
	if (scan->length) {
		__u64 tail = *(const __u64 *)(scratch->text + (place + count - 8));
		scan->found |= satisfied(*number, scan->hash, scan->length, scan->head, tail);
	}
	scan->place = place + count + 1;
	scan->length = 0;
	scan->hash = 0;
	if (scratch->text[place + count] != 0)
		return 0;
	scan->ended = true;
	return 1;
}

/* The alternatives that the names in the text satisfy. */
__noinline __u64 names_in_text(__u32 number)
{
	struct filter_scratch *scratch = own_filter_scratch();
	if (!scratch)
		return ALL_NAMES;
	__builtin_memset(&scratch->scan, 0, sizeof(scratch->scan));
	scratch->scan.place = TEXT_START;
	bpf_loop(SCAN_STEPS, scan_step, &number, 0);
	return scratch->scan.ended ? scratch->scan.found : ALL_NAMES;
}

static __always_inline __u64 names_in_dentry(__u32 number, struct filter_scratch *scratch, struct dentry *dentry)
{
	__u32 length = FIELD(struct dentry, dentry, d_name.len);
	const void *name = FIELD(struct dentry, dentry, d_name.name);
	length &= 0xff; /* NAME_MAX is 255 */
	asm volatile("" : "+r"(length));
	if (length > 255 || bpf_probe_read_kernel(scratch->name + TEXT_START, length, name) != 0)
		return ALL_NAMES;
	const __u64 *words = (const __u64 *)(scratch->name + TEXT_START);
	__u64 hash = 0;
	for (__u32 i = 0; i < SAKER_COMPONENT_BYTES / 8; i++)
		if (length > i * 8)
			hash = absorb(hash, first_bytes(words[i], length - i * 8));
	__u64 tail = *(const __u64 *)(scratch->name + (TEXT_START + length - 8));
	return satisfied(number, hash, length, words[0], tail);
}

/* One step up, across the root of a mount. */
static __always_inline long chain_step(__u32 number, struct filter_scratch *scratch, struct chain_walk *walk)
{
	struct dentry *dentry = walk->dentry;
	struct vfsmount *mount = walk->mount;
	if (dentry == walk->passed_dentry && mount == walk->passed_mount)
		walk->passed = true;
	if (dentry == walk->mount_root) {
		struct mount *whole = (void *)mount - bpf_core_field_offset(struct mount, mnt);
		struct mount *parent = FIELD(struct mount, whole, mnt_parent);
		if (!parent || parent == whole) {
			walk->ended = true;
			return 1;
		}
		walk->dentry = FIELD(struct mount, whole, mnt_mountpoint);
		mount = (void *)parent + bpf_core_field_offset(struct mount, mnt);
		walk->mount = mount;
		walk->mount_root = FIELD(struct vfsmount, mount, mnt_root);
		return 0;
	}
	struct dentry *parent = FIELD(struct dentry, dentry, d_parent);
	walk->found |= names_in_dentry(number, scratch, dentry);
	if (!parent || parent == dentry) {
		walk->ended = true;
		return 1;
	}
	walk->dentry = parent;
	return 0;
}

static long file_step(__u32 index, __u32 *number)
{
	struct filter_scratch *scratch = own_filter_scratch();
	return scratch ? chain_step(*number, scratch, &scratch->file) : 1;
}

static long folder_step(__u32 index, __u32 *number)
{
	struct filter_scratch *scratch = own_filter_scratch();
	return scratch ? chain_step(*number, scratch, &scratch->folder) : 1;
}

/* What is walked: the kernel's own path of an opened file, or the folder that a descriptor (AT_FDCWD: the working directory) stands
 * for. */
static __always_inline bool begin_walk(struct chain_walk *walk, struct task_struct *task, __s32 descriptor)
{
	if (descriptor == AT_FDCWD) {
		walk->mount = task->fs->pwd.mnt;
		walk->dentry = task->fs->pwd.dentry;
	} else {
		struct file *file = file_of(task, descriptor);
		if (!file)
			return false;
		walk->mount = FIELD(struct file, file, f_path.mnt);
		walk->dentry = FIELD(struct file, file, f_path.dentry);
	}
	if (!walk->mount || !walk->dentry)
		return false;
	struct vfsmount *mount = walk->mount; /* a relocation needs a variable of the kernel's type */
	walk->mount_root = FIELD(struct vfsmount, mount, mnt_root);
	return true;
}

/* The alternatives that the names in the kernel's paths satisfy: that of `opened` (-1: nothing was), and where a relative path begins
 * at the folder `start`, that folder's. */
__noinline __u64 names_in_chains(__u32 number, __s32 opened, __s32 start, bool is_relative)
{
	struct task_struct *task = readable(bpf_get_current_task_btf());
	struct filter_scratch *scratch = own_filter_scratch();
	if (!scratch)
		return ALL_NAMES;
	struct chain_walk *file = &scratch->file, *folder = &scratch->folder;
	__builtin_memset(file, 0, sizeof(*file));
	__builtin_memset(folder, 0, sizeof(*folder));
	if (is_relative && !begin_walk(folder, task, start))
		return ALL_NAMES;
	if (opened >= 0) {
		file->passed_dentry = folder->dentry;
		file->passed_mount = folder->mount;
		if (!begin_walk(file, task, opened))
			return ALL_NAMES;
		bpf_loop(CHAIN_STEPS, file_step, &number, 0);
		if (!file->ended)
			return ALL_NAMES;
	}
	if (is_relative && !file->passed) {
		bpf_loop(CHAIN_STEPS, folder_step, &number, 0);
		if (!folder->ended)
			return ALL_NAMES;
	}
	return file->found | folder->found;
}

static __always_inline __u32 access_of(__u8 kind, const struct asked_open *asked)
{
	__u32 access = asked->flags & 3;
	if (asked->flags & O_CREAT || (asked->flags & O_TMPFILE) == O_TMPFILE)
		access |= SAKER_ACCESS_CREATES;
	if (asked->mode & 0111)
		access |= SAKER_ACCESS_EXECUTABLE;
	return access;
}

static __always_inline __u32 object_of_family(__u16 family)
{
	switch (family) {
	case AF_INET:
		return SAKER_OBJECT_IPV4;
	case AF_INET6:
		return SAKER_OBJECT_IPV6;
	case AF_UNIX:
		return SAKER_OBJECT_UNIX;
	case AF_NETLINK:
		return SAKER_OBJECT_NETLINK;
	}
	return SAKER_OBJECT_OTHER_SOCKET;
}

static __always_inline __u32 object_of(struct file *file)
{
	struct inode *inode = file ? FIELD(struct file, file, f_inode) : NULL;
	if (!inode)
		return SAKER_OBJECT_UNKNOWN;
	__u16 mode = FIELD(struct inode, inode, i_mode);
	if ((mode & S_IFMT) != S_IFSOCK)
		return mode >> 12;
	struct socket *socket = FIELD(struct file, file, private_data);
	struct sock *sock = socket ? FIELD(struct socket, socket, sk) : NULL;
	return sock ? object_of_family(FIELD(struct sock, sock, __sk_common.skc_family)) : SAKER_OBJECT_UNKNOWN;
}

/* Whether the path, which is in the scratch memory, may be another than it was when the call began; one that was cut off may be. */
static __always_inline bool may_be_raced(__u8 kind, const struct filter_scratch *scratch)
{
	struct entry *entry = compared(kind) ? bpf_task_storage_get(&entries, bpf_get_current_task_btf(), NULL, 0) : NULL;
	if (!entry || entry->kind != kind)
		return false;
	__u32 length = entry->length[0];
	if (!(entry->known & 1) || length == 0)
		return false;
	if (length >= KEPT_BYTES || kept_text_differs(entry, 0, scratch->text + TEXT_START, length - 1))
		return true;
	entry->kind = 0; /* it is done with: a later call must not be compared with it */
	return false;
}

static __always_inline __u64 left_of_open(__u32 number, __u64 left, struct task_struct *task, __u8 kind, __s64 result,
	const __u64 *arguments)
{
	const struct saker_filter *filter = &filters.filter[number & 1];
	struct asked_open asked = {};
	if (!read_asked_open(&asked, kind, arguments))
		return left;
	if (left & ~filter->any_access)
		left &= filter->accesses[access_of(kind, &asked) & 15];
	if (left & ~filter->any_object)
		left &= filter->objects[result < 0 ? 0 : object_of(file_of(task, result)) & 31];
	if (!left || left & filter->any_name)
		return left;
	struct filter_scratch *scratch = own_filter_scratch();
	if (!scratch)
		return left;
	/* What cannot be read is told as it is. */
	if (bpf_probe_read_user_str(scratch->text + TEXT_START, SAKER_BLOB_MAX, asked.name) <= 0)
		return left;
	bool is_relative = scratch->text[TEXT_START] != '/';
	__u64 found = names_in_text(number);
	if (!(left & found) && (result >= 0 || is_relative))
		found |= names_in_chains(number, result < 0 ? -1 : result, asked.directory, is_relative);
	return left & found || !may_be_raced(kind, scratch) ? left & found : left;
}

static __always_inline __u32 remote_of(__u32 address)
{
	return (address & 0xff) == 127 ? SAKER_REMOTE_LOOPBACK : address == 0 ? SAKER_REMOTE_UNSPECIFIED : SAKER_REMOTE_OTHER;
}

/* The alternatives that one end of a connection satisfies: its class, and its port or address among the needles. */
static __always_inline __u64 left_of_peer(const struct saker_filter *filter, __u64 left, bool is_v6, const __u64 *address, __u16 port)
{
	__u32 remote = remote_of(address[0]);
	__u64 whole = (__u32)address[0];
	/* An IPv4 address within an IPv6 one is told as what it is. */
	bool is_mapped = is_v6 && address[0] == 0 && (__u32)address[1] == 0xffff0000;
	if (is_mapped) {
		whole = address[1] >> 32;
		remote = remote_of(whole);
	} else if (is_v6) {
		whole = address[0] * SAKER_NEEDLE_MULTIPLIER ^ address[1];
		remote = address[0] == 0 && address[1] == 1ULL << 56 ? SAKER_REMOTE_LOOPBACK_V6 : SAKER_REMOTE_OTHER;
	}
	__u64 found = needle(filter, SAKER_NEEDLE_PORT, port) | needle(filter, SAKER_NEEDLE_ADDRESS, whole);
	return left & filter->remotes[remote & 7] & (filter->any_peer | found);
}

/* Both the address that was passed and the peer that the socket has: the event is told by either. */
static __always_inline __u64 left_of_connect(__u32 number, __u64 left, struct task_struct *task, const __u64 *arguments)
{
	const struct saker_filter *filter = &filters.filter[number & 1];
	struct sock *sock = socket_of(task, arguments[0]);
	if (!sock)
		return left;
	__u16 family = FIELD(struct sock, sock, __sk_common.skc_family);
	if (left & ~filter->any_object)
		left &= filter->objects[object_of_family(family) & 31];
	if (!(left & ~(filter->any_remote & filter->any_peer)))
		return left;
	if (family != AF_INET && family != AF_INET6)
		return left & filter->any_peer; /* ports and addresses are of these alone */
	bool is_v6 = family == AF_INET6;
	struct {
		__u16 family, port;
		__u32 v4;
		__u64 v6[2];
	} asked = {};
	__u64 peer[2] = {};
	struct sock_common *common = &sock->__sk_common;
	if (bpf_probe_read_user(&asked, is_v6 ? 24 : 8, (void *)arguments[1]) != 0)
		return left;
	if (asked.family != family)
		return left;
	__u64 v4[2] = {asked.v4, 0};
	__u64 found = left_of_peer(filter, left, is_v6, is_v6 ? asked.v6 : v4, __builtin_bswap16(asked.port));
	__u16 port = BPF_CORE_READ(common, skc_dport);
	if (port == 0)
		return found;
	if (is_v6)
		bpf_core_read(peer, 16, &common->skc_v6_daddr);
	else
		bpf_core_read(peer, 4, &common->skc_daddr);
	return found | left_of_peer(filter, left, is_v6, peer, __builtin_bswap16(port));
}

/* The descriptor that a call is made on is its first argument, or what it returned. */
static __always_inline __u64 left_of_call(__u32 number, __u64 left, struct task_struct *task, __u8 kind, __s64 result,
	const __u64 *arguments)
{
	const struct saker_filter *filter = &filters.filter[number & 1];
	__u8 descriptor = plans[kind & (SAKER_KIND_LIMIT - 1)].descriptor[0];
	if (!(left & ~filter->any_object) || (descriptor != 1 && descriptor != RESULT))
		return left;
	return left & filter->objects[object_of(file_of(task, descriptor == 1 ? arguments[0] : result)) & 31];
}

/* Whether no rule can match the call in the scratch memory. A function that is not static is verified once and alone; inlined, the ways
 * through it would multiply with those through what tells the call. */
__noinline int judge(__u32 number, __u32 kind)
{
	struct task_struct *task = readable(bpf_get_current_task_btf());
	struct filter_scratch *scratch = own_filter_scratch();
	const struct saker_filter *filter = &filters.filter[number & 1];
	if (!scratch)
		return false;
	const __u64 *arguments = scratch->arguments;
	__s64 result = scratch->result;
	__u64 left = filter->kinds[kind & (SAKER_KIND_LIMIT - 1)];
	left &= filter->results[result >= 0 ? SAKER_RESULT_SUCCESS : result == -EINPROGRESS ? SAKER_RESULT_IN_PROGRESS : SAKER_RESULT_FAILURE];
	switch (left ? kind : 0) {
	case 0:
		break;
	case SAKER_OPEN:
	case SAKER_OPENAT:
	case SAKER_OPENAT2:
	case SAKER_CREAT:
		left = left_of_open(number, left, task, kind, result, arguments);
		break;
	case SAKER_CONNECT:
		left = left_of_connect(number, left, task, arguments);
		break;
	default:
		left = left_of_call(number, left, task, kind, result, arguments);
	}
	return left == 0;
}

/* True when no rule can match it. */
static __always_inline bool kept_back(__u8 kind, __s64 result, const __u64 *arguments)
{
	__u32 in_use = *(volatile __u32 *)&filters.in_use;
	if (in_use == 0 || filters.filter[(in_use - 1) & 1].kinds[kind & (SAKER_KIND_LIMIT - 1)] == SAKER_FILTER_ALL)
		return false;
	struct filter_scratch *scratch = own_filter_scratch();
	if (!scratch)
		return false;
	for (int i = 0; i < 6; i++)
		scratch->arguments[i] = arguments[i];
	scratch->result = result;
	return judge(in_use - 1, kind);
}

static __always_inline void count_filtered(__u8 kind)
{
	__u32 zero = 0;
	struct saker_counts *counts = bpf_map_lookup_elem(&filtered_counts, &zero);
	if (counts)
		counts->of_kind[kind & (SAKER_KIND_LIMIT - 1)] += 1; /* one CPU's own counter */
}

