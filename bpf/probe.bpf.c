/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The whole probe as one object: process.bpf.c has the scheduler's tracepoints, this file has the one program for all syscalls.
 *
 * Arguments are read when the call returns: their pages are mapped by then (reads at entry miss a third of what a fresh child
 * passes). Not seen: what io_uring does, and what another thread writes over an argument while the call runs; paths of opened
 * files and peers of sockets come from the kernel's own objects and are safe from that. */
#include "process.bpf.c"
#include "file.bpf.c"
#include "network.bpf.c"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define SOCKETCALL_CONNECT 3

static __always_inline __u8 native_kind(__u64 number)
{
	switch (number) {
	case 2: return SAKER_OPEN;
	case 42: return SAKER_CONNECT;
	case 59: return SAKER_EXECVE;
	case 85: return SAKER_CREAT;
	case 257: return SAKER_OPENAT;
	case 322: return SAKER_EXECVEAT;
	case 437: return SAKER_OPENAT2;
	default: return 0;
	}
}

/* The 32-bit calls of an x86-64 kernel (int 0x80 and 32-bit programs); socketcall is told apart by its first argument. */
static __always_inline __u8 compat_kind(__u64 number, __u64 first)
{
	switch (number) {
	case 5: return SAKER_OPEN;
	case 8: return SAKER_CREAT;
	case 11: return SAKER_EXECVE;
	case 102: return first == SOCKETCALL_CONNECT ? SAKER_CONNECT : 0;
	case 295: return SAKER_OPENAT;
	case 358: return SAKER_EXECVEAT;
	case 362: return SAKER_CONNECT;
	case 437: return SAKER_OPENAT2;
	default: return 0;
	}
}

/* x32 shares the native numbers but for exec's. */
static __always_inline __u8 x32_kind(__u64 number)
{
	switch (number & ~(__u64)X32_SYSCALL_BIT) {
	case 520: return SAKER_EXECVE;
	case 545: return SAKER_EXECVEAT;
	default: return native_kind(number & ~(__u64)X32_SYSCALL_BIT);
	}
}

static __always_inline void read_native(__u64 *arguments, struct pt_regs *regs)
{
	arguments[0] = regs->di;
	arguments[1] = regs->si;
	arguments[2] = regs->dx;
	arguments[3] = regs->r10;
}

static __always_inline void read_compat(__u64 *arguments, struct pt_regs *regs)
{
	arguments[0] = (__u32)regs->bx;
	arguments[1] = (__u32)regs->cx;
	arguments[2] = (__u32)regs->dx;
	arguments[3] = (__u32)regs->si;
	__u32 packed[3] = {};
	if (regs->orig_ax == 102 && bpf_probe_read_user(packed, sizeof(packed), (void *)arguments[1]) == 0)
		for (int i = 0; i < 3; i++)
			arguments[i] = packed[i];
}

static __always_inline void finished(struct task_struct *task, __u8 kind, __s64 result, const __u64 *arguments)
{
	switch (kind) {
	case SAKER_EXECVE:
		if (result < 0) /* a success has its own tracepoint */
			failed_exec(task, kind, result, (void *)arguments[0]);
		break;
	case SAKER_EXECVEAT:
		if (result < 0)
			failed_exec(task, kind, result, (void *)arguments[1]);
		break;
	case SAKER_CONNECT:
		connected(task, result, arguments);
		break;
	default:
		opened(task, kind, result, arguments);
	}
}

SEC("tp_btf/sys_exit")
int BPF_PROG(saker_syscall, struct pt_regs *regs, long result)
{
	__u64 number = regs->orig_ax;
	struct task_struct *task = readable(bpf_get_current_task_btf());
	bool compat = task->thread_info.status & TS_COMPAT;
	__u8 kind = compat ? compat_kind(number, (__u32)regs->bx) : native_kind(number);
	if (!compat && number != ~0ULL && number & X32_SYSCALL_BIT && wanted(x32_kind(number)) && x32_kind(number) != 0) {
		count_drop(SAKER_DROP_FOREIGN_ABI);
		return 0;
	}
	if (kind == 0 || !wanted(kind) || ignored())
		return 0;
	__u64 arguments[4];
	if (compat)
		read_compat(arguments, regs);
	else
		read_native(arguments, regs);
	finished(task, kind, result, arguments);
	return 0;
}
