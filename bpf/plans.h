/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is read of each call when it returns: a table, so that a new kind is a line here and a line in Swift. */
#ifndef SAKER_PLANS_H
#define SAKER_PLANS_H

#include "kernel.h"
#include "wire.h"

#define TEXT_COUNT 3
#define DESCRIPTOR_COUNT 2

/* In place of an argument's number. */
#define RESULT 7
#define WORKING_DIRECTORY 8

/* What only some kinds have. */
enum extra {
	EXTRA_NONE,
	EXTRA_BOUND,        /* the address that was passed */
	EXTRA_QUEUE,        /* what waits at the listening socket, and how much may */
	EXTRA_SENT,         /* the address that was passed, and the first bytes */
	EXTRA_RECEIVED,     /* the address that was filled in, and the first bytes */
	EXTRA_MESSAGE,      /* the same of a message header, and its size */
	EXTRA_IMAGE,        /* the first bytes of a module */
	EXTRA_CAPABILITIES, /* the inheritable set; the others are told of every caller */
	EXTRA_RING,         /* the parameters of an io_uring */
	EXTRA_TRACED,       /* the word that was read out of the other process */
	EXTRA_PROCESS,      /* the name, or the number that was filled in, of prctl */
};

/* Arguments are counted from 1; 0 is none. Each descriptor may be AT_FDCWD. */
struct plan {
	__u8 text[TEXT_COUNT];
	__u8 descriptor[DESCRIPTOR_COUNT];
	__u8 extra;
};

#define ONE_PATH(argument) {.text = {argument}, .descriptor = {WORKING_DIRECTORY}}
#define ONE_PATH_AT(argument, from) {.text = {argument}, .descriptor = {from}}
#define ON_DESCRIPTOR(argument) {.descriptor = {argument}}

/* Kinds that are not named take nothing but their arguments. */
const struct plan plans[SAKER_KIND_LIMIT] SEC(".rodata.calls") = {
	/* These have a record of their own; the string alone is compared with what it was when the call began. */
	[SAKER_OPEN] = {.text = {1}},
	[SAKER_OPENAT] = {.text = {2}},
	[SAKER_OPENAT2] = {.text = {2}},
	[SAKER_CREAT] = {.text = {1}},
	[SAKER_UNLINK] = ONE_PATH(1),
	[SAKER_UNLINKAT] = ONE_PATH_AT(2, 1),
	[SAKER_RENAME] = {.text = {1, 2}, .descriptor = {WORKING_DIRECTORY}},
	[SAKER_RENAMEAT] = {.text = {2, 4}, .descriptor = {1, 3}},
	[SAKER_RENAMEAT2] = {.text = {2, 4}, .descriptor = {1, 3}},
	[SAKER_MKDIR] = ONE_PATH(1),
	[SAKER_MKDIRAT] = ONE_PATH_AT(2, 1),
	[SAKER_RMDIR] = ONE_PATH(1),
	[SAKER_LINK] = {.text = {1, 2}, .descriptor = {WORKING_DIRECTORY}},
	[SAKER_LINKAT] = {.text = {2, 4}, .descriptor = {1, 3}},
	[SAKER_SYMLINK] = {.text = {1, 2}, .descriptor = {WORKING_DIRECTORY}},
	[SAKER_SYMLINKAT] = {.text = {1, 3}, .descriptor = {2}},
	[SAKER_CHMOD] = ONE_PATH(1),
	[SAKER_FCHMOD] = ON_DESCRIPTOR(1),
	[SAKER_FCHMODAT] = ONE_PATH_AT(2, 1),
	[SAKER_FCHMODAT2] = ONE_PATH_AT(2, 1),
	[SAKER_CHOWN] = ONE_PATH(1),
	[SAKER_LCHOWN] = ONE_PATH(1),
	[SAKER_FCHOWN] = ON_DESCRIPTOR(1),
	[SAKER_FCHOWNAT] = ONE_PATH_AT(2, 1),
	[SAKER_MKNOD] = ONE_PATH(1),
	[SAKER_MKNODAT] = ONE_PATH_AT(2, 1),
	[SAKER_CHDIR] = ONE_PATH(1),
	[SAKER_FCHDIR] = ON_DESCRIPTOR(1),
	[SAKER_CHROOT] = ONE_PATH(1),
	[SAKER_MOUNT] = {.text = {1, 2, 3}, .descriptor = {WORKING_DIRECTORY}},
	[SAKER_UMOUNT2] = ONE_PATH(1),
	[SAKER_CAPSET] = {.extra = EXTRA_CAPABILITIES},
	[SAKER_PRCTL] = {.extra = EXTRA_PROCESS},
	[SAKER_SETNS] = ON_DESCRIPTOR(1),
	[SAKER_PTRACE] = {.extra = EXTRA_TRACED},
	[SAKER_BPF] = ON_DESCRIPTOR(RESULT),
	[SAKER_USERFAULTFD] = ON_DESCRIPTOR(RESULT),
	[SAKER_MEMFD_CREATE] = {.text = {1}, .descriptor = {RESULT}},
	[SAKER_INIT_MODULE] = {.text = {3}, .extra = EXTRA_IMAGE},
	[SAKER_FINIT_MODULE] = {.text = {2}, .descriptor = {1}},
	[SAKER_DELETE_MODULE] = {.text = {1}},
	[SAKER_DUP] = ON_DESCRIPTOR(1),
	[SAKER_DUP2] = ON_DESCRIPTOR(1),
	[SAKER_DUP3] = ON_DESCRIPTOR(1),
	[SAKER_PIDFD_OPEN] = ON_DESCRIPTOR(RESULT),
	[SAKER_PIDFD_GETFD] = {.descriptor = {RESULT, 1}},
	[SAKER_IO_URING_SETUP] = {.descriptor = {RESULT}, .extra = EXTRA_RING},
	[SAKER_SOCKET] = ON_DESCRIPTOR(RESULT),
	[SAKER_BIND] = {.descriptor = {1}, .extra = EXTRA_BOUND},
	[SAKER_LISTEN] = ON_DESCRIPTOR(1),
	[SAKER_ACCEPT] = {.descriptor = {RESULT}, .extra = EXTRA_QUEUE},
	[SAKER_ACCEPT4] = {.descriptor = {RESULT}, .extra = EXTRA_QUEUE},
	[SAKER_SENDTO] = {.descriptor = {1}, .extra = EXTRA_SENT},
	[SAKER_SENDMSG] = {.descriptor = {1}, .extra = EXTRA_MESSAGE},
	[SAKER_RECVFROM] = {.descriptor = {1}, .extra = EXTRA_RECEIVED},
	[SAKER_RECVMSG] = {.descriptor = {1}, .extra = EXTRA_MESSAGE},
	[SAKER_SENDMMSG] = ON_DESCRIPTOR(1),
	[SAKER_RECVMMSG] = ON_DESCRIPTOR(1),
};

#endif
