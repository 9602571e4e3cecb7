/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The whole probe as one object: process.bpf.c has the scheduler's tracepoints, this file has the programs for all syscalls.
 *
 * Arguments are read when the call returns: their pages are mapped by then (reads at entry miss a third of what a fresh child
 * passes). Paths of opened files and peers of sockets come from the kernel's own objects, and are safe from what another thread
 * writes over an argument while the call runs; other strings are compared with what they were when it began. What is done
 * through io_uring makes no call: io_uring.bpf.c. */
#include "process.bpf.c"
#include "task.bpf.c"
#include "entry.bpf.c"
#include "file.bpf.c"
#include "network.bpf.c"
#include "call.bpf.c"
#include "filter.bpf.c"
#include "io_uring.bpf.c"
#include "syscalls.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline void read_native(__u64 *arguments, struct pt_regs *regs)
{
	arguments[0] = regs->di;
	arguments[1] = regs->si;
	arguments[2] = regs->dx;
	arguments[3] = regs->r10;
	arguments[4] = regs->r8;
	arguments[5] = regs->r9;
}

static __always_inline void read_compat(__u64 *arguments, struct pt_regs *regs)
{
	arguments[0] = (__u32)regs->bx;
	arguments[1] = (__u32)regs->cx;
	arguments[2] = (__u32)regs->dx;
	arguments[3] = (__u32)regs->si;
	arguments[4] = (__u32)regs->di;
	arguments[5] = (__u32)regs->bp;
	if (regs->orig_ax != SOCKETCALL)
		return;
	/* How many there are depends on the call; what follows the last one may not be readable. */
	__u32 packed[6] = {};
	if (bpf_probe_read_user(packed, sizeof(packed), (void *)arguments[1]) != 0)
		bpf_probe_read_user(packed, 2 * sizeof(packed[0]), (void *)arguments[1]);
	for (int i = 0; i < 6; i++)
		arguments[i] = packed[i];
}

static __always_inline void finished(struct task_struct *task, __u8 kind, __s64 result, const __u64 *arguments,
	bool compat)
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
	case SAKER_OPEN:
	case SAKER_OPENAT:
	case SAKER_OPENAT2:
	case SAKER_CREAT:
		opened(task, kind, result, arguments);
		break;
	case SAKER_SENDMMSG:
	case SAKER_RECVMMSG:
		called_with_messages(task, kind, result, arguments, compat);
		break;
	default:
		called(task, kind, result, arguments, compat);
	}
}

static __always_inline void begun(struct pt_regs *regs, long number)
{
	struct task_struct *task = bpf_get_current_task_btf();
	bool compat = task->thread_info.status & TS_COMPAT;
	__u8 kind = compat ? compat_kind(number, (__u32)regs->bx) : native_kind(number);
	if (kind == 0 || !compared(kind) || ignored())
		return;
	__u64 arguments[8] = {};
	if (compat)
		read_compat(arguments, regs);
	else
		read_native(arguments, regs);
	note_call(kind, arguments);
}

/* Each call pays for this program, so it is attached only when rules ask for a call whose strings are to be compared, and only where the
 * next one cannot be. */
SEC("tp_btf/sys_enter")
int BPF_PROG(saker_enter, struct pt_regs *regs, long number)
{
	begun(regs, number);
	return 0;
}

static __noinline int begun_alone(struct pt_regs *regs)
{
	begun(regs, regs->orig_ax);
	return 0;
}

/* Where the kernel lets its functions be watched, one of these is put on each that serves such a call, and others pay nothing. A program
 * has one place, so there are as many as there are such functions, of 64 and of 32 bits. */
#define BEGIN(n) \
	SEC("?fentry") int BPF_PROG(saker_begin_##n, struct pt_regs *regs) \
	{ \
		return begun_alone(regs); \
	}
#define BEGIN_8(n) BEGIN(n##0) BEGIN(n##1) BEGIN(n##2) BEGIN(n##3) BEGIN(n##4) BEGIN(n##5) BEGIN(n##6) BEGIN(n##7)
BEGIN_8(0) BEGIN_8(1) BEGIN_8(2) BEGIN_8(3) BEGIN_8(4) BEGIN_8(5) BEGIN_8(6) BEGIN_8(7)

SEC("tp_btf/sys_exit")
int BPF_PROG(saker_syscall, struct pt_regs *regs, long result)
{
	__u64 number = regs->orig_ax;
	struct task_struct *task = readable(bpf_get_current_task_btf());
	bool compat = task->thread_info.status & TS_COMPAT;
	__u8 kind = compat ? compat_kind(number, (__u32)regs->bx) : native_kind(number);
	if (!compat && number != ~0ULL && number & X32_SYSCALL_BIT && wanted(x32_kind(number)) && x32_kind(number) != 0) {
		count_drop(SAKER_DROP_FOREIGN_ABI, x32_kind(number));
		return 0;
	}
	if (kind == 0 || !wanted(kind) || ignored())
		return 0;
	__u64 arguments[6];
	if (compat)
		read_compat(arguments, regs);
	else
		read_native(arguments, regs);
	bool is_kept_back = kept_back(kind, result, arguments);
	if (is_kept_back)
		count_filtered(kind);
	if (settings.checks_filter)
		judgement(is_kept_back ? SAKER_FILTERED : 0, true);
	else if (is_kept_back)
		return 0;
	if (held_back(kind, task))
		return 0;
	finished(task, kind, result, arguments, compat);
	return 0;
}
