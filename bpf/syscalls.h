/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which call is which kind, by the numbers of each table; 0 for a call that is never told. Looked up at the end of every call of the
 * machine, so it is one load, and the next one (is the kind wanted?) decides. */
#ifndef SAKER_SYSCALLS_H
#define SAKER_SYSCALLS_H

#include "kernel.h"
#include "wire.h"

const __u8 native_kinds[SAKER_SYSCALL_COUNT] SEC(".rodata.calls") = {
	[2] = SAKER_OPEN, [10] = SAKER_MPROTECT, [32] = SAKER_DUP, [33] = SAKER_DUP2, [41] = SAKER_SOCKET, [42] = SAKER_CONNECT,
	[43] = SAKER_ACCEPT, [44] = SAKER_SENDTO, [45] = SAKER_RECVFROM, [46] = SAKER_SENDMSG, [47] = SAKER_RECVMSG,
	[49] = SAKER_BIND, [50] = SAKER_LISTEN, [59] = SAKER_EXECVE, [62] = SAKER_KILL, [80] = SAKER_CHDIR, [81] = SAKER_FCHDIR,
	[82] = SAKER_RENAME, [83] = SAKER_MKDIR, [84] = SAKER_RMDIR, [85] = SAKER_CREAT, [86] = SAKER_LINK, [87] = SAKER_UNLINK,
	[88] = SAKER_SYMLINK, [90] = SAKER_CHMOD, [91] = SAKER_FCHMOD, [92] = SAKER_CHOWN, [93] = SAKER_FCHOWN, [94] = SAKER_LCHOWN,
	[101] = SAKER_PTRACE, [105] = SAKER_SETUID, [106] = SAKER_SETGID, [109] = SAKER_SETPGID, [112] = SAKER_SETSID,
	[113] = SAKER_SETREUID, [114] = SAKER_SETREGID, [117] = SAKER_SETRESUID, [119] = SAKER_SETRESGID, [126] = SAKER_CAPSET,
	[133] = SAKER_MKNOD, [157] = SAKER_PRCTL, [161] = SAKER_CHROOT, [165] = SAKER_MOUNT, [166] = SAKER_UMOUNT2,
	[175] = SAKER_INIT_MODULE, [176] = SAKER_DELETE_MODULE, [200] = SAKER_TKILL, [234] = SAKER_TGKILL, [257] = SAKER_OPENAT,
	[258] = SAKER_MKDIRAT, [259] = SAKER_MKNODAT, [260] = SAKER_FCHOWNAT, [263] = SAKER_UNLINKAT, [264] = SAKER_RENAMEAT,
	[265] = SAKER_LINKAT, [266] = SAKER_SYMLINKAT, [268] = SAKER_FCHMODAT, [272] = SAKER_UNSHARE, [288] = SAKER_ACCEPT4,
	[292] = SAKER_DUP3, [308] = SAKER_SETNS, [313] = SAKER_FINIT_MODULE, [316] = SAKER_RENAMEAT2, [317] = SAKER_SECCOMP,
	[319] = SAKER_MEMFD_CREATE, [321] = SAKER_BPF, [322] = SAKER_EXECVEAT, [323] = SAKER_USERFAULTFD,
	[425] = SAKER_IO_URING_SETUP, [434] = SAKER_PIDFD_OPEN, [437] = SAKER_OPENAT2, [438] = SAKER_PIDFD_GETFD,
};

/* The 32-bit calls of an x86-64 kernel (int 0x80 and 32-bit programs). A call that has a 16-bit and a 32-bit form has two numbers. */
const __u8 compat_kinds[SAKER_SYSCALL_COUNT] SEC(".rodata.calls") = {
	[5] = SAKER_OPEN, [8] = SAKER_CREAT, [9] = SAKER_LINK, [10] = SAKER_UNLINK, [11] = SAKER_EXECVE, [12] = SAKER_CHDIR,
	[14] = SAKER_MKNOD, [15] = SAKER_CHMOD, [16] = SAKER_LCHOWN, [21] = SAKER_MOUNT, [23] = SAKER_SETUID, [26] = SAKER_PTRACE,
	[37] = SAKER_KILL, [38] = SAKER_RENAME, [39] = SAKER_MKDIR, [40] = SAKER_RMDIR, [41] = SAKER_DUP, [46] = SAKER_SETGID,
	[52] = SAKER_UMOUNT2, [57] = SAKER_SETPGID, [61] = SAKER_CHROOT, [63] = SAKER_DUP2, [66] = SAKER_SETSID,
	[70] = SAKER_SETREUID, [71] = SAKER_SETREGID, [83] = SAKER_SYMLINK, [94] = SAKER_FCHMOD, [95] = SAKER_FCHOWN,
	[125] = SAKER_MPROTECT, [128] = SAKER_INIT_MODULE, [129] = SAKER_DELETE_MODULE, [133] = SAKER_FCHDIR,
	[164] = SAKER_SETRESUID, [170] = SAKER_SETRESGID, [172] = SAKER_PRCTL, [182] = SAKER_CHOWN, [185] = SAKER_CAPSET,
	[198] = SAKER_LCHOWN, [203] = SAKER_SETREUID, [204] = SAKER_SETREGID, [207] = SAKER_FCHOWN, [208] = SAKER_SETRESUID,
	[210] = SAKER_SETRESGID, [212] = SAKER_CHOWN, [213] = SAKER_SETUID, [214] = SAKER_SETGID, [238] = SAKER_TKILL,
	[270] = SAKER_TGKILL, [295] = SAKER_OPENAT, [296] = SAKER_MKDIRAT, [297] = SAKER_MKNODAT, [298] = SAKER_FCHOWNAT,
	[301] = SAKER_UNLINKAT, [302] = SAKER_RENAMEAT, [303] = SAKER_LINKAT, [304] = SAKER_SYMLINKAT, [306] = SAKER_FCHMODAT,
	[310] = SAKER_UNSHARE, [330] = SAKER_DUP3, [346] = SAKER_SETNS, [350] = SAKER_FINIT_MODULE, [353] = SAKER_RENAMEAT2,
	[354] = SAKER_SECCOMP, [356] = SAKER_MEMFD_CREATE, [357] = SAKER_BPF, [358] = SAKER_EXECVEAT, [359] = SAKER_SOCKET,
	[361] = SAKER_BIND, [362] = SAKER_CONNECT, [363] = SAKER_LISTEN, [364] = SAKER_ACCEPT4, [369] = SAKER_SENDTO,
	[370] = SAKER_SENDMSG, [371] = SAKER_RECVFROM, [372] = SAKER_RECVMSG, [374] = SAKER_USERFAULTFD,
	[425] = SAKER_IO_URING_SETUP, [434] = SAKER_PIDFD_OPEN, [437] = SAKER_OPENAT2, [438] = SAKER_PIDFD_GETFD,
};

/* The 32-bit call that stands for all of sockets, by its first argument (linux/net.h). */
#define SOCKETCALL 102
#define SOCKETCALL_COUNT 32
const __u8 socketcall_kinds[SOCKETCALL_COUNT] SEC(".rodata.calls") = {
	[1] = SAKER_SOCKET, [2] = SAKER_BIND, [3] = SAKER_CONNECT, [4] = SAKER_LISTEN, [5] = SAKER_ACCEPT, [11] = SAKER_SENDTO,
	[12] = SAKER_RECVFROM, [16] = SAKER_SENDMSG, [17] = SAKER_RECVMSG, [18] = SAKER_ACCEPT4,
};

static __always_inline __u8 native_kind(__u64 number)
{
	return number < SAKER_SYSCALL_COUNT ? native_kinds[number] : 0;
}

static __always_inline __u8 compat_kind(__u64 number, __u64 first)
{
	if (number == SOCKETCALL)
		return first < SOCKETCALL_COUNT ? socketcall_kinds[first] : 0;
	return number < SAKER_SYSCALL_COUNT ? compat_kinds[number] : 0;
}

/* x32 shares the native numbers but for those of 512 and above (arch/x86/entry/syscalls/syscall_64.tbl). */
static __always_inline __u8 x32_kind(__u64 number)
{
	switch (number & ~(__u64)X32_SYSCALL_BIT) {
	case 517: return SAKER_RECVFROM;
	case 518: return SAKER_SENDMSG;
	case 519: return SAKER_RECVMSG;
	case 520: return SAKER_EXECVE;
	case 521: return SAKER_PTRACE;
	case 545: return SAKER_EXECVEAT;
	default: return native_kind(number & ~(__u64)X32_SYSCALL_BIT);
	}
}

#endif
