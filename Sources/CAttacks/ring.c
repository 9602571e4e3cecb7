// SPDX-License-Identifier: Apache-2.0
// Calls that are made through io_uring: no system call of theirs is ever entered.
#define _GNU_SOURCE
#include "attacks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// Makes one call through a ring of its own; its result.
static long ring_call(const struct io_uring_sqe *wanted) {
    struct io_uring_params parameters = {0};
    int ring = (int)syscall(SYS_io_uring_setup, 4, &parameters);
    if (ring < 0 && (errno == ENOSYS || errno == EPERM)) attack_impossible();
    attack_check(ring);
    size_t in_size = parameters.sq_off.array + parameters.sq_entries * sizeof(unsigned);
    size_t out_size = parameters.cq_off.cqes + parameters.cq_entries * sizeof(struct io_uring_cqe);
    int access = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_POPULATE;
    unsigned char *in = mmap(NULL, in_size, access, flags, ring, IORING_OFF_SQ_RING);
    unsigned char *out = mmap(NULL, out_size, access, flags, ring, IORING_OFF_CQ_RING);
    size_t entries = parameters.sq_entries * sizeof(struct io_uring_sqe);
    struct io_uring_sqe *calls = mmap(NULL, entries, access, flags, ring, IORING_OFF_SQES);
    if (in == MAP_FAILED || out == MAP_FAILED || calls == MAP_FAILED) attack_check(-1);
    calls[0] = *wanted;
    ((unsigned *)(in + parameters.sq_off.array))[0] = 0;
    __atomic_store_n((unsigned *)(in + parameters.sq_off.tail), 1, __ATOMIC_RELEASE);
    attack_check(syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0));
    return ((struct io_uring_cqe *)(out + parameters.cq_off.cqes))[0].res;
}

static void expect(long result) {
    if (result >= 0) return;
    errno = (int)-result;
    attack_check(-1);
}

void attack_ring_open(const struct attack *attack) {
    struct io_uring_sqe call = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)attack->secret, .open_flags = O_RDONLY};
    expect(ring_call(&call));
}

void attack_ring_connect(const struct attack *attack) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(attack->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int client = (int)attack_check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    struct io_uring_sqe call = {.opcode = IORING_OP_CONNECT, .fd = client, .addr = (uintptr_t)&address, .off = sizeof address};
    expect(ring_call(&call));
}
