// SPDX-License-Identifier: Apache-2.0
// Makes requests of io_uring, one after the other, for Tests/KernelTests/ProbeRingTests.swift, which has what each is to be told as.
// Arguments: how they are made (plain, async, poll), then a folder with a file `f`, a folder `d` and a link `l` to the file.
// Ends with 0, or with 255 where the kernel has no bind and listen, or with half the number of the line where something went wrong.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { BIND = 56, LISTEN = 57, UNSUPPORTED = 255 };
#define MUST(what) do { if (!(what)) _exit(__LINE__ / 2); } while (0)

struct ring {
    int descriptor;
    struct io_uring_params parameters;
    unsigned char *in, *out;
    struct io_uring_sqe *calls;
    unsigned char flags;
};

static struct ring make(unsigned entries, const char *way) {
    struct ring ring = {.flags = strcmp(way, "async") ? 0 : IOSQE_ASYNC};
    struct io_uring_params *parameters = &ring.parameters;
    if (!strcmp(way, "poll")) {
        parameters->flags = IORING_SETUP_SQPOLL;
        parameters->sq_thread_idle = 50;
    }
    ring.descriptor = (int)syscall(SYS_io_uring_setup, entries, parameters);
    MUST(ring.descriptor >= 0);
    int access = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_POPULATE;
    ring.in = mmap(NULL, parameters->sq_off.array + parameters->sq_entries * 4, access, flags, ring.descriptor, IORING_OFF_SQ_RING);
    ring.out = mmap(NULL, parameters->cq_off.cqes + parameters->cq_entries * 16, access, flags, ring.descriptor, IORING_OFF_CQ_RING);
    ring.calls = mmap(NULL, parameters->sq_entries * sizeof *ring.calls, access, flags, ring.descriptor, IORING_OFF_SQES);
    MUST(ring.in != MAP_FAILED && ring.out != MAP_FAILED && (void *)ring.calls != MAP_FAILED);
    return ring;
}

// Hands a request in, and waits for `answers` of them.
static void submit(struct ring *ring, struct io_uring_sqe call, unsigned answers) {
    unsigned *tail = (unsigned *)(ring->in + ring->parameters.sq_off.tail), mask = ring->parameters.sq_entries - 1;
    call.flags |= ring->flags;
    ring->calls[*tail & mask] = call;
    ((unsigned *)(ring->in + ring->parameters.sq_off.array))[*tail & mask] = *tail & mask;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    unsigned flags = (answers ? IORING_ENTER_GETEVENTS : 0) | (ring->parameters.flags & IORING_SETUP_SQPOLL ? IORING_ENTER_SQ_WAKEUP : 0);
    long result;
    do result = syscall(SYS_io_uring_enter, ring->descriptor, 1, answers, flags, NULL, 0);
    while (result < 0 && errno == EINTR);
    MUST(result >= 0);
}

static int answer(struct ring *ring) {
    unsigned *head = (unsigned *)(ring->out + ring->parameters.cq_off.head);
    MUST(*head != __atomic_load_n((unsigned *)(ring->out + ring->parameters.cq_off.tail), __ATOMIC_ACQUIRE));
    int result = ((struct io_uring_cqe *)(ring->out + ring->parameters.cq_off.cqes))[*head & (ring->parameters.cq_entries - 1)].res;
    __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
    return result;
}

static int perform(struct ring *ring, struct io_uring_sqe call) {
    submit(ring, call, 1);
    return answer(ring);
}
#define CALL(...) perform(&ring, (struct io_uring_sqe){__VA_ARGS__})
#define PLACE(pointer) ((uintptr_t)(pointer))

static void files(struct ring ring) {
    struct open_how how = {.flags = O_RDWR | O_CREAT, .mode = 0600, .resolve = RESOLVE_NO_SYMLINKS}, bad = how;
    bad.resolve = RESOLVE_IN_ROOT;
    MUST(CALL(.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = PLACE("f"), .open_flags = O_RDWR) > 0);
    MUST(CALL(.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = PLACE("none"), .open_flags = O_RDONLY) == -ENOENT);
    MUST(CALL(.opcode = IORING_OP_OPENAT, .fd = 50, .addr = PLACE("../l"), .open_flags = O_RDONLY) > 0);
    MUST(CALL(.opcode = IORING_OP_OPENAT2, .fd = AT_FDCWD, .addr = PLACE("new"), .len = sizeof how, .off = PLACE(&how)) > 0);
    MUST(CALL(.opcode = IORING_OP_OPENAT2, .fd = 50, .addr = PLACE("../none/x"), .len = sizeof bad, .off = PLACE(&bad)) == -ENOENT);
    MUST(CALL(.opcode = IORING_OP_MKDIRAT, .fd = AT_FDCWD, .addr = PLACE("made"), .len = 0750) == 0);
    MUST(CALL(.opcode = IORING_OP_MKDIRAT, .fd = 50, .addr = PLACE("../made"), .len = 0700) == -EEXIST);
    MUST(CALL(.opcode = IORING_OP_SYMLINKAT, .fd = 50, .addr = PLACE("/etc/shadow"), .addr2 = PLACE("link")) == 0);
    MUST(CALL(.opcode = IORING_OP_SYMLINKAT, .fd = AT_FDCWD, .addr = PLACE("x"), .addr2 = PLACE("f")) == -EEXIST);
    MUST(CALL(.opcode = IORING_OP_LINKAT, .fd = AT_FDCWD, .len = (unsigned)AT_FDCWD, .addr = PLACE("f"), .addr2 = PLACE("g")) == 0);
    MUST(CALL(.opcode = IORING_OP_LINKAT, .fd = 50, .len = (unsigned)AT_FDCWD, .addr = PLACE("none"), .addr2 = PLACE("h"),
        .hardlink_flags = AT_SYMLINK_FOLLOW) == -ENOENT);
    MUST(CALL(.opcode = IORING_OP_RENAMEAT, .fd = AT_FDCWD, .len = 50, .addr = PLACE("g"), .addr2 = PLACE("moved")) == 0);
    MUST(CALL(.opcode = IORING_OP_RENAMEAT, .fd = AT_FDCWD, .len = (unsigned)AT_FDCWD, .addr = PLACE("f"), .addr2 = PLACE("new"),
        .rename_flags = 1) == -EEXIST);
    MUST(CALL(.opcode = IORING_OP_UNLINKAT, .fd = 50, .addr = PLACE("moved")) == 0);
    MUST(CALL(.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = PLACE("none"), .unlink_flags = AT_REMOVEDIR) == -ENOENT);
}

static struct sockaddr_in address_of(int socket) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    MUST(getsockname(socket, (struct sockaddr *)&address, &length) == 0);
    return address;
}

// 60 listens, 61 connects to it and 62 is what was accepted; 63 is a datagram socket.
static int sockets(struct ring ring, const char *folder) {
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, closed = any;
    struct sockaddr_un path = {.sun_family = AF_UNIX};
    closed.sin_port = htons(1);
    MUST(snprintf(path.sun_path, sizeof path.sun_path, "%s/none", folder) < (int)sizeof path.sun_path);
    MUST(CALL(.opcode = IORING_OP_SOCKET, .fd = AF_INET, .off = SOCK_STREAM, .len = IPPROTO_TCP) > 0);
    MUST(CALL(.opcode = IORING_OP_SOCKET, .fd = 99, .off = SOCK_STREAM) == -EAFNOSUPPORT);
    int kinds[] = {SOCK_STREAM, SOCK_STREAM, 0, SOCK_DGRAM};
    for (int i = 0; i < 4; i++)
        if (kinds[i]) MUST(dup2(socket(AF_INET, kinds[i], 0), 60 + i) == 60 + i);
    int bound = CALL(.opcode = BIND, .fd = 60, .addr = PLACE(&any), .off = sizeof any);
    MUST(bound == 0 || bound == -EINVAL);
    if (bound) {
        MUST(bind(60, (struct sockaddr *)&any, sizeof any) == 0 && listen(60, 5) == 0);
    } else {
        MUST(CALL(.opcode = BIND, .fd = 99, .addr = PLACE(&any), .off = sizeof any) == -EBADF);
        MUST(CALL(.opcode = LISTEN, .fd = 60, .len = 5) == 0);
        MUST(CALL(.opcode = LISTEN, .fd = 99, .len = 1) == -EBADF);
    }
    struct sockaddr_in open = address_of(60);
    MUST(CALL(.opcode = IORING_OP_CONNECT, .fd = 61, .addr = PLACE(&open), .off = sizeof open) == 0);
    MUST(dup2(socket(AF_INET, SOCK_STREAM, 0), 64) == 64);
    MUST(CALL(.opcode = IORING_OP_CONNECT, .fd = 64, .addr = PLACE(&closed), .off = sizeof closed) == -ECONNREFUSED);
    MUST(dup2(socket(AF_UNIX, SOCK_STREAM, 0), 65) == 65);
    MUST(CALL(.opcode = IORING_OP_CONNECT, .fd = 65, .addr = PLACE(&path), .off = sizeof path) == -ENOENT);
    int accepted = CALL(.opcode = IORING_OP_ACCEPT, .fd = 60, .accept_flags = SOCK_CLOEXEC);
    MUST(accepted > 0 && dup2(accepted, 62) == 62);
    MUST(CALL(.opcode = IORING_OP_ACCEPT, .fd = 99) == -EBADF);
    char room[20] = {0};
    struct iovec part = {.iov_base = "message", .iov_len = 7}, place = {.iov_base = room, .iov_len = sizeof room};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1}, taken = {.msg_iov = &place, .msg_iovlen = 1};
    MUST(CALL(.opcode = IORING_OP_SEND, .fd = 61, .addr = PLACE("hello\1world"), .len = 11) == 11);
    MUST(CALL(.opcode = IORING_OP_RECV, .fd = 62, .addr = PLACE(room), .len = sizeof room) == 11);
    MUST(CALL(.opcode = IORING_OP_SENDMSG, .fd = 61, .addr = PLACE(&message)) == 7);
    MUST(CALL(.opcode = IORING_OP_RECVMSG, .fd = 62, .addr = PLACE(&taken)) == 7);
    MUST(CALL(.opcode = IORING_OP_SEND, .fd = 99, .addr = PLACE("y"), .len = 1) == -EBADF);
    MUST(CALL(.opcode = IORING_OP_RECV, .fd = 99, .addr = PLACE(room), .len = 1) == -EBADF);
    message.msg_name = &closed;
    message.msg_namelen = sizeof closed;
    MUST(CALL(.opcode = IORING_OP_SENDMSG, .fd = 63, .addr = PLACE(&message)) == 7);
    return bound ? UNSUPPORTED : 0;
}

// What would be told of no request, or of another, if only answers were looked at.
static void ways(struct ring ring, const char *way) {
    int slots[] = {-1, -1};
    MUST(syscall(SYS_io_uring_register, ring.descriptor, IORING_REGISTER_FILES, slots, 2) == 0);
    // A file that gets a place among the ring's own and never a descriptor, and a socket that has one.
    MUST(CALL(.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = PLACE("l"), .open_flags = O_RDONLY, .file_index = 2) == 0);
    MUST(CALL(.opcode = IORING_OP_SOCKET, .fd = AF_INET, .off = SOCK_DGRAM, .file_index = 1) == 0);
    struct sockaddr_in closed = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(1)};
    MUST(CALL(.opcode = IORING_OP_CONNECT, .flags = IOSQE_FIXED_FILE, .fd = 0, .addr = PLACE(&closed), .off = sizeof closed) == 0);
    // A request that is to have no answer; the next one has it.
    struct io_uring_sqe silent = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = PLACE("l"), .flags = IOSQE_CQE_SKIP_SUCCESS};
    submit(&ring, silent, 0);
    MUST(CALL(.opcode = IORING_OP_NOP) == 0);
    // An answer for which there is no room.
    struct ring full = make(1, way);
    for (int i = 0; i < (int)full.parameters.cq_entries; i++) submit(&full, (struct io_uring_sqe){.opcode = IORING_OP_NOP}, i + 1);
    struct io_uring_sqe late = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = PLACE("l")};
    submit(&full, late, full.parameters.cq_entries);
    unsigned *flags = (unsigned *)(full.in + full.parameters.sq_off.flags);
    while (!(__atomic_load_n(flags, __ATOMIC_ACQUIRE) & IORING_SQ_CQ_OVERFLOW)) usleep(1000);
    // A path of nearly 4096 bytes.
    char path[4096];
    for (int i = 0; i < 4090; i++) path[i] = i % 2 ? '/' : '.';
    strcpy(path + 4090, "none!");
    MUST(CALL(.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = PLACE(path)) == -ENOENT);
    // A ring that ends while something is under way.
    struct ring last = make(4, way);
    submit(&last, (struct io_uring_sqe){.opcode = IORING_OP_ACCEPT, .fd = 60}, 0);
    while (!__atomic_load_n((unsigned *)(last.in + last.parameters.sq_off.head), __ATOMIC_ACQUIRE)) usleep(1000);
    close(last.descriptor);
}

int main(int count, char **arguments) {
    MUST(count == 3 && chdir(arguments[2]) == 0);
    syscall(SYS_close_range, 3, ~0U, 0); // what whoever started it left open
    int folder = open("d", O_RDONLY | O_DIRECTORY);
    MUST(folder >= 0 && dup2(folder, 50) == 50);
    struct ring ring = make(8, arguments[1]);
    files(ring);
    int end = sockets(ring, arguments[2]);
    ways(ring, arguments[1]);
    return end;
}
