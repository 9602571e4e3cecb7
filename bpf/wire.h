/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The one definition of a record, for the kernel side, the C shim and Swift: it includes nothing, and every layout is asserted.
 *
 * A record is one `struct saker_record` and then its blobs, back to back, in the order of the kind's enum below; `blob[i]` is the
 * length of blob i. Integers are little-endian, strings carry no terminating NUL. */
#ifndef SAKER_WIRE_H
#define SAKER_WIRE_H

typedef unsigned char saker_u8;
typedef unsigned short saker_u16;
typedef unsigned int saker_u32;
typedef int saker_s32;
typedef unsigned long long saker_u64;
typedef long long saker_s64;

/* Raised whenever the meaning of a byte changes: a recording of another version is refused, never guessed at. */
#define SAKER_WIRE_VERSION 4
/* The first version whose records this one still reads: what was added since then is empty in them. */
#define SAKER_WIRE_VERSION_READ 2

/* The numbers are those of EventKind in Swift. */
enum saker_kind {
	SAKER_EXECVE = 1,
	SAKER_EXECVEAT,
	SAKER_FORK,
	SAKER_VFORK,
	SAKER_CLONE,
	SAKER_CLONE3,
	SAKER_PROCEXIT,
	SAKER_OPEN,
	SAKER_OPENAT,
	SAKER_OPENAT2,
	SAKER_CREAT,
	SAKER_CONNECT,
	SAKER_SNAPSHOT,
	/* From here on each is told as a `saker_call`. */
	SAKER_UNLINK, SAKER_UNLINKAT, SAKER_RENAME, SAKER_RENAMEAT, SAKER_RENAMEAT2, SAKER_MKDIR, SAKER_MKDIRAT, SAKER_RMDIR,
	SAKER_LINK, SAKER_LINKAT, SAKER_SYMLINK, SAKER_SYMLINKAT, SAKER_CHMOD, SAKER_FCHMOD, SAKER_FCHMODAT, SAKER_CHOWN,
	SAKER_LCHOWN, SAKER_FCHOWN, SAKER_FCHOWNAT, SAKER_MKNOD, SAKER_MKNODAT, SAKER_CHDIR, SAKER_FCHDIR, SAKER_CHROOT,
	SAKER_MOUNT, SAKER_UMOUNT2, SAKER_SETUID, SAKER_SETGID, SAKER_SETREUID, SAKER_SETREGID, SAKER_SETRESUID, SAKER_SETRESGID,
	SAKER_SETSID, SAKER_SETPGID, SAKER_CAPSET, SAKER_PRCTL, SAKER_SETNS, SAKER_UNSHARE, SAKER_PTRACE, SAKER_KILL, SAKER_TKILL,
	SAKER_TGKILL, SAKER_SECCOMP, SAKER_BPF, SAKER_USERFAULTFD, SAKER_MEMFD_CREATE, SAKER_MPROTECT, SAKER_INIT_MODULE,
	SAKER_FINIT_MODULE, SAKER_DELETE_MODULE, SAKER_DUP, SAKER_DUP2, SAKER_DUP3, SAKER_PIDFD_OPEN, SAKER_PIDFD_GETFD,
	SAKER_IO_URING_SETUP, SAKER_SOCKET, SAKER_BIND, SAKER_LISTEN, SAKER_ACCEPT, SAKER_ACCEPT4, SAKER_SENDTO, SAKER_SENDMSG,
	SAKER_RECVFROM, SAKER_RECVMSG, SAKER_FCHMODAT2, SAKER_SENDMMSG, SAKER_RECVMMSG,
	SAKER_KIND_COUNT
};

/* What is not whole in a record, or not what it seems. */
enum saker_flag {
	SAKER_TRUNCATED = 1, /* a blob was cut */
	SAKER_FAULTED = 2,   /* memory could not be read; that field is empty */
	SAKER_RACED = 4,     /* a string was another one when the call began */
	SAKER_FILTERED = 32,    /* the filter would have kept it back: told all the same, since the filter is being checked */
	SAKER_RING = 8,      /* it was made through io_uring */
	SAKER_UNANSWERED = 16, /* the kernel was asked to tell nothing of its success: told when it was asked for, with 0 as its result */
};

/* Blobs of exec and snapshot; of fork; of open; of connect; of any other call. */
enum saker_image_blob {
	SAKER_IMAGE_RAW_PATH,
	SAKER_IMAGE_EXE_PATH,
	SAKER_IMAGE_ARGV,
	SAKER_IMAGE_ENVIRONMENT,
	SAKER_IMAGE_CWD,
	SAKER_IMAGE_CGROUP_V2,
	SAKER_IMAGE_CGROUP_V1,
};
enum saker_fork_blob { SAKER_FORK_CGROUP_V2, SAKER_FORK_CGROUP_V1 };
enum saker_open_blob {
	SAKER_OPEN_RAW_PATH,
	SAKER_OPEN_PATH,
	SAKER_OPEN_FOLDER, /* of a relative path that begins at a descriptor: a `saker_descriptor`, and then its path */
	SAKER_OPEN_ENTRY,  /* as SAKER_CALL_ENTRY */
};
enum saker_connect_blob { SAKER_CONNECT_UNIX_PATH };
enum saker_call_blob {
	SAKER_CALL_TEXT, /* the strings among the arguments, or the socket address that was passed or filled in */
	SAKER_CALL_TEXT_2,
	SAKER_CALL_TEXT_3,
	SAKER_CALL_DESCRIPTOR, /* a `saker_descriptor`, and then its path: of a UNIX socket the peer's name, else its own */
	SAKER_CALL_DESCRIPTOR_2,
	SAKER_CALL_DATA, /* whatever else the kind needs, such as the first bytes that were sent */
	SAKER_CALL_ENTRY, /* of a call that was raced or faulted, the first two strings as they were at its begin, each with its NUL */
};

#define SAKER_BLOB_COUNT 8
#define SAKER_BLOB_MAX 4096

/* The flags are those of Event.Image.Flags in Swift. */
enum saker_image_flag {
	SAKER_IMAGE_WRITABLE = 1,
	SAKER_IMAGE_UPPER_LAYER = 2,
	SAKER_IMAGE_LOWER_LAYER = 4,
	SAKER_IMAGE_MEMFD = 8,
};

struct saker_image {
	saker_u32 flags;
	saker_u32 padding;
};

struct saker_fork {
	saker_s32 child_pid;
	saker_s32 child_tid;
	saker_s32 child_vpid;
	saker_u32 padding;
	saker_u64 child_start_ns;
	saker_u64 flags;
};

struct saker_exit {
	saker_s32 code;
	saker_s32 signal;
};

struct saker_open {
	saker_u32 flags;
	saker_u32 mode;
	saker_s32 directory;
	saker_u32 file_type;
	saker_u32 device; /* as stat(2) numbers it: minor's low byte, major << 8, rest of minor << 20 */
	saker_u32 resolve; /* of openat2: RESOLVE_* */
	saker_u64 inode;
};

/* Ports are in host order, addresses in network order; an IPv4 address is in the first four bytes. */
struct saker_connect {
	saker_s32 descriptor;
	saker_u16 family;
	saker_u16 type;
	saker_u16 protocol;
	saker_u16 local_port;
	saker_u16 remote_port;
	saker_u16 remote_family; /* 0: no remote address is known */
	saker_u8 local[16];
	saker_u8 remote[16];
};

/* A call's arguments as they were passed; of a 32-bit call, the lower halves. For sendmsg and recvmsg the fourth is how many bytes
 * the message's parts have room for; sendmmsg and recvmmsg are told message by message, as if each were a call. */
struct saker_call {
	saker_u64 argument[6];
};

/* What a descriptor stands for once the call has returned; AT_FDCWD (-100) stands for the working directory. */
struct saker_descriptor {
	struct saker_connect socket; /* but for the number, 0 when it is none */
	saker_u32 file_type;         /* S_IFMT bits; of an anonymous inode 0 */
	saker_u32 device;
	saker_u64 inode;
	saker_u32 filesystem; /* its magic number */
	saker_u32 padding;
};

#define SAKER_DATA_MAX 80 /* of what is sent, received or loaded, as in Falco */

union saker_detail {
	struct saker_image image;
	struct saker_fork fork;
	struct saker_exit exit;
	struct saker_open open;
	struct saker_connect connect;
	struct saker_call call;
};

struct saker_record {
	saker_u16 version;
	saker_u8 kind;
	saker_u8 flags;
	saker_u32 length; /* of the whole record, blobs included */
	saker_u64 boot_ns; /* CLOCK_BOOTTIME */
	saker_s64 result;
	saker_s32 pid;
	saker_s32 tid;
	saker_s32 ppid;
	saker_s32 vpid;
	saker_s32 session;
	saker_s32 vpgid;
	saker_u32 uid;
	saker_u32 gid;
	saker_u32 euid;
	saker_u32 egid;
	saker_u32 loginuid;
	saker_u32 tty;
	saker_u64 cap_effective;
	saker_u64 cap_permitted;
	/* Of the thread group's leader, since boot, in whole clock ticks of 10 ms: then it equals what /proc/PID/stat tells, and
	 * whoever acts on a process can compare. */
	saker_u64 start_ns;
	saker_u64 cgroup_v2;
	saker_u64 cgroup_v1;
	saker_u8 comm[16];
	saker_u16 blob[SAKER_BLOB_COUNT];
	union saker_detail detail;
};

#define SAKER_COMM_OFFSET 112
#define SAKER_RECORD_HEADER 192
#define SAKER_TICK_NS 10000000ULL

_Static_assert(sizeof(struct saker_image) == 8, "layout of saker_image");
_Static_assert(sizeof(struct saker_fork) == 32, "layout of saker_fork");
_Static_assert(sizeof(struct saker_exit) == 8, "layout of saker_exit");
_Static_assert(sizeof(struct saker_open) == 32, "layout of saker_open");
_Static_assert(sizeof(struct saker_connect) == 48, "layout of saker_connect");
_Static_assert(sizeof(struct saker_call) == 48, "layout of saker_call");
_Static_assert(sizeof(struct saker_descriptor) == 72, "layout of saker_descriptor");
_Static_assert(__builtin_offsetof(struct saker_record, comm) == SAKER_COMM_OFFSET, "place of comm");
_Static_assert(__builtin_offsetof(struct saker_record, blob) == 128, "place of the blob lengths");
_Static_assert(__builtin_offsetof(struct saker_record, detail) == 144, "place of the detail");
_Static_assert(sizeof(struct saker_record) == SAKER_RECORD_HEADER, "layout of saker_record");

/* Why something is missing. The first group lost a record, the second left a gap in one. */
enum saker_drop {
	SAKER_DROP_RING_FULL,
	SAKER_DROP_SHED,        /* of the bulk, while the ring was nearly full */
	SAKER_DROP_THROTTLED,   /* beyond the share of whoever told it, while the ring was half full */
	SAKER_DROP_FOREIGN_ABI, /* an x32 call: its numbers are not ours */
	SAKER_DROP_REQUESTS,    /* more io_uring requests were under way than there is room for */
	SAKER_DROP_READ_FAULT,
	SAKER_DROP_TRUNCATED,
	SAKER_DROP_COUNT
};

#define SAKER_SYSCALL_COUNT 512
#define SAKER_KIND_LIMIT 128
#define SAKER_NAME_MAX 64
#define SAKER_NAME_COUNT 64

/* How a kind is treated when the reader falls behind. */
enum saker_class {
	SAKER_UNWANTED, /* never told at all */
	SAKER_BULK,     /* any program tells thousands a second: the first to go */
	SAKER_RARE,     /* told as far as whoever tells it keeps to its share */
	SAKER_STATE,    /* the process table lives on it: told as long as there is room */
};

/* The filter: what of the wanted kinds is told at all, made from the loaded rules (EventFilter in Swift).
 *
 * It is a list of at most 63 alternatives, and an event is told when one of them is left. Bit i of every word stands for alternative i;
 * each test is the lookup of a word, and all words are combined with `and`. So the whole list costs as much as one alternative. */
#define SAKER_FILTER_ALL (~0ULL)   /* of a kind: all are told */
#define SAKER_FILTER_NEEDLES 4096  /* a power of two; two needles that share a place only let more through */
#define SAKER_NEEDLE_BITS 12
#define SAKER_NEEDLE_MULTIPLIER 0x9e3779b97f4a7c15ULL
#define SAKER_COMPONENT_BYTES 32 /* that many of a name, and its length, are hashed */

/* What a needle is; of a start or an end, its number of bytes (1 to 8) is added. */
enum saker_needle {
	SAKER_NEEDLE_COMPONENT = 1, /* a name in a path */
	SAKER_NEEDLE_START = 0x10,  /* what a name in a path begins with */
	SAKER_NEEDLE_END = 0x20,
	SAKER_NEEDLE_PORT = 0x30,
	SAKER_NEEDLE_ADDRESS = 0x31,
};

enum saker_result {
	SAKER_RESULT_SUCCESS,
	SAKER_RESULT_IN_PROGRESS,
	SAKER_RESULT_FAILURE,
};

/* How a file is opened: the access mode in two bits, and these. */
#define SAKER_ACCESS_CREATES 4    /* O_CREAT or O_TMPFILE */
#define SAKER_ACCESS_EXECUTABLE 8 /* the mode lets somebody execute it */

/* What the descriptor stands for: the file type (S_IFMT >> 12) of what is no socket, 0 for nothing, or one of these. */
enum saker_object {
	SAKER_OBJECT_IPV4 = 16,
	SAKER_OBJECT_IPV6,
	SAKER_OBJECT_UNIX,
	SAKER_OBJECT_NETLINK,
	SAKER_OBJECT_OTHER_SOCKET,
	SAKER_OBJECT_UNKNOWN = 31,
};

enum saker_remote {
	SAKER_REMOTE_UNKNOWN,
	SAKER_REMOTE_LOOPBACK,    /* 127.0.0.0/8 */
	SAKER_REMOTE_UNSPECIFIED, /* 0.0.0.0 */
	SAKER_REMOTE_LOOPBACK_V6, /* ::1 */
	SAKER_REMOTE_OTHER,
};

struct saker_filter {
	saker_u64 kinds[128];   /* by kind: its alternatives; 0 for a kind of which nothing is told */
	saker_u64 results[4];   /* by saker_result: the alternatives that it satisfies; so on for the next three */
	saker_u64 accesses[16];
	saker_u64 objects[32];
	saker_u64 remotes[8];
	saker_u64 any_access, any_object, any_remote, any_name, any_peer; /* the alternatives that do not ask for it */
	saker_u8 start_bytes[2], end_bytes[2]; /* how many first and last bytes of a name are looked up; 0 for none */
	saker_u32 padding[5];
	saker_u64 needles[SAKER_FILTER_NEEDLES];
};

/* User space writes the one that is not in use, and then says that it is: an event is judged by one of them from beginning to end. */
struct saker_filters {
	saker_u32 in_use; /* 0: none, all is told; else its number, counted from 1 */
	saker_u32 padding;
	struct saker_filter filter[2];
};

_Static_assert(sizeof(struct saker_filter) == 8 * (196 + SAKER_FILTER_NEEDLES), "layout of saker_filter");

/* What user space tells the kernel side before it is loaded. */
struct saker_settings {
	saker_u32 ignored_tgid;      /* Saker itself; 0 for nobody */
	saker_u32 environment_names; /* how many names the map of names holds */
	saker_u32 ring_bytes;
	saker_u32 checks_filter; /* 1: what the filter would keep back is marked and told */
	saker_u8 kinds[SAKER_KIND_LIMIT]; /* by kind: its saker_class */
	saker_u8 compared[SAKER_KIND_LIMIT]; /* by kind: 1 when its strings are read when the call begins, too */
};

/* Of each reason to drop. */
struct saker_counts {
	saker_u64 of_kind[SAKER_KIND_LIMIT];
};

/* Who shares the ring: a cgroup, or a thread group where the cgroups are the roots. */
struct saker_flooder {
	saker_u64 cgroup_v2;
	saker_u64 cgroup_v1;
	saker_s32 pid; /* 0 for a cgroup */
	saker_u32 padding;
};

struct saker_flood {
	saker_u64 window; /* which ten milliseconds since boot */
	saker_u64 told;   /* in that window */
	saker_u64 held_back; /* since the probe was loaded */
	saker_u8 comm[16]; /* of whoever was held back last */
	saker_s32 pid;
	saker_u32 padding;
};

_Static_assert(sizeof(struct saker_settings) == 272, "layout of saker_settings");
_Static_assert(sizeof(struct saker_flooder) == 24, "layout of saker_flooder");
_Static_assert(sizeof(struct saker_flood) == 48, "layout of saker_flood");
_Static_assert(SAKER_KIND_COUNT <= SAKER_KIND_LIMIT, "kinds fit their table");

#endif
