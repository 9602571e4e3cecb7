// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE // vasprintf
#include "cprobe.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PROGRAMS_MAX 16
#define WATCHERS_MAX 64

struct ring {
	uint64_t *consumer;
	const uint64_t *producer;
	const uint8_t *data;
	size_t data_bytes;
	size_t page_bytes;
	uint8_t *joined; // where a record that wraps is put together
	uint64_t at;     // where the reader is
	uint64_t next;   // behind the record that was handed out
	int fd;
};

struct saker_probe {
	struct bpf_object *object;
	struct bpf_program *programs[PROGRAMS_MAX];
	struct bpf_link *links[PROGRAMS_MAX];
	int program_count;
	struct bpf_program *watchers[WATCHERS_MAX];
	struct bpf_link *watches[WATCHERS_MAX];
	int watcher_count; // all that there are
	int watch_count;   // those that have a place, the first ones
	struct ring ring;
	int drops_fd;
	int floods_fd;
	int names_fd;
	int filtered_fd;
	struct saker_filters *filters; // mapped: what is written here, the programs see
	int wake_fd;
	int epoll_fd;
	uint32_t *reader_sleeps; // the kernel side's variable, a page of its own
	char *log;
	size_t log_bytes;
};

// libbpf's print callback takes no context: the handle that a call is for is left here while that call runs on this thread.
static _Thread_local struct saker_probe *speaking;

// The last words explain a failure, so what does not fit is cut off at the front.
static void keep_words(struct saker_probe *probe, const char *words)
{
	size_t have = strlen(probe->log), more = strlen(words), room = probe->log_bytes - 1;
	if (more > room) {
		words += more - room;
		more = room;
	}
	size_t kept = have + more > room ? room - more : have;
	memmove(probe->log, probe->log + have - kept, kept);
	memcpy(probe->log + kept, words, more + 1);
}

static int on_print(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char *words = NULL;
	if (level != LIBBPF_DEBUG && speaking && speaking->log_bytes && vasprintf(&words, format, arguments) >= 0) {
		keep_words(speaking, words);
		free(words);
	}
	return 0;
}

static void list_programs(struct saker_probe *probe)
{
	struct bpf_program *program;
	bpf_object__for_each_program(program, probe->object) {
		bool watches = strncmp(bpf_program__name(program), "saker_begin_", 12) == 0;
		if (watches && probe->watcher_count < WATCHERS_MAX)
			probe->watchers[probe->watcher_count++] = program;
		else if (!watches && probe->program_count < PROGRAMS_MAX)
			probe->programs[probe->program_count++] = program;
	}
}

int saker_probe_open(struct saker_probe **out, const void *object, size_t object_bytes, char *log, size_t log_bytes)
{
	*out = NULL;
	struct saker_probe *probe = calloc(1, sizeof *probe);
	if (!probe)
		return -ENOMEM;
	probe->log = log;
	probe->log_bytes = log_bytes;
	if (log_bytes)
		log[0] = 0;
	probe->ring.fd = probe->drops_fd = probe->floods_fd = probe->names_fd = probe->filtered_fd = -1;
	probe->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	probe->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	libbpf_set_print(on_print);
	speaking = probe;
	// Named, though it is where libbpf looks anyway: else a type that this kernel does not have is looked for in all modules too, which takes
	// CAP_SYS_ADMIN.
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "saker", .btf_custom_path = "/sys/kernel/btf/vmlinux");
	probe->object = probe->wake_fd < 0 || probe->epoll_fd < 0 ? NULL : bpf_object__open_mem(object, object_bytes, &options);
	int error = errno;
	speaking = NULL;
	if (!probe->object) {
		saker_probe_close(probe);
		return error ? -error : -EINVAL;
	}
	list_programs(probe);
	*out = probe;
	return 0;
}

int saker_probe_set(struct saker_probe *probe, const struct saker_settings *settings, uint32_t ring_bytes)
{
	struct bpf_map *constants = bpf_object__find_map_by_name(probe->object, ".rodata");
	struct bpf_map *ring = bpf_object__find_map_by_name(probe->object, "ring");
	if (!constants || !ring)
		return -EINVAL;
	struct saker_settings whole = *settings;
	whole.ring_bytes = ring_bytes;
	int error = bpf_map__set_initial_value(constants, &whole, sizeof whole);
	if (error)
		return error;
	return bpf_map__set_max_entries(ring, ring_bytes);
}

int saker_probe_program_count(const struct saker_probe *probe)
{
	return probe->program_count;
}

const char *saker_probe_program_name(const struct saker_probe *probe, int program)
{
	return program >= 0 && program < probe->program_count ? bpf_program__name(probe->programs[program]) : NULL;
}

// What a program is attached to has an older name on kernels before 6.3; its first argument is the same.
static void choose_target(struct bpf_program *program)
{
	if (strcmp(bpf_program__name(program), "saker_ring_ask") == 0 && bpf_program__set_attach_target(program, 0, "io_uring_submit_req") != 0)
		bpf_program__set_attach_target(program, 0, "io_uring_submit_sqe"); // a failure is told when it is loaded
}

// What is kept of requests takes room as soon as it is made.
static void leave_out_requests(struct saker_probe *probe)
{
	for (int program = 0; program < probe->program_count; program++)
		if (strncmp(bpf_program__name(probe->programs[program]), "saker_ring", 10) == 0 && bpf_program__autoload(probe->programs[program]))
			return;
	bpf_map__set_autocreate(bpf_object__find_map_by_name(probe->object, "requests"), false);
	bpf_map__set_autocreate(bpf_object__find_map_by_name(probe->object, "long_requests"), false);
}

int saker_probe_select(struct saker_probe *probe, int program, bool wanted)
{
	if (program < 0 || program >= probe->program_count)
		return -EINVAL;
	if (wanted)
		choose_target(probe->programs[program]);
	return bpf_program__set_autoload(probe->programs[program], wanted);
}

// The kernel's layout: a page that the consumer writes, a page that the producer writes, then the data. The kernel would map the data
// twice in a row, so that no record wraps; each mapping counts as resident memory in full, and one record in thousands wraps.
static int map_ring(struct ring *ring, size_t data_bytes)
{
	ring->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	ring->data_bytes = data_bytes;
	void *consumer = mmap(NULL, ring->page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
	if (consumer == MAP_FAILED)
		return -errno;
	ring->consumer = consumer;
	ring->joined = malloc(data_bytes); // touched only as far as the longest record that wraps
	if (!ring->joined)
		return -ENOMEM;
	void *producer = mmap(NULL, ring->page_bytes + data_bytes, PROT_READ, MAP_SHARED, ring->fd, (off_t)ring->page_bytes);
	if (producer == MAP_FAILED)
		return -errno;
	ring->producer = producer;
	ring->data = (const uint8_t *)producer + ring->page_bytes;
	return 0;
}

// The ring is watched by its edges: level-triggered, a reader would never sleep while records come that ask for no wakeup.
static int watch(struct saker_probe *probe)
{
	struct epoll_event ring = {.events = EPOLLIN | EPOLLET, .data.fd = probe->ring.fd};
	struct epoll_event wake = {.events = EPOLLIN, .data.fd = probe->wake_fd};
	if (epoll_ctl(probe->epoll_fd, EPOLL_CTL_ADD, probe->ring.fd, &ring) != 0
	    || epoll_ctl(probe->epoll_fd, EPOLL_CTL_ADD, probe->wake_fd, &wake) != 0)
		return -errno;
	return 0;
}

int saker_probe_load(struct saker_probe *probe)
{
	leave_out_requests(probe);
	speaking = probe;
	int error = bpf_object__load(probe->object);
	speaking = NULL;
	if (error)
		return error;
	struct bpf_map *ring = bpf_object__find_map_by_name(probe->object, "ring");
	struct bpf_map *drops = bpf_object__find_map_by_name(probe->object, "drops");
	struct bpf_map *floods = bpf_object__find_map_by_name(probe->object, "floods");
	struct bpf_map *names = bpf_object__find_map_by_name(probe->object, "environment_names");
	struct bpf_map *reader = bpf_object__find_map_by_name(probe->object, ".bss.reader");
	struct bpf_map *filtered = bpf_object__find_map_by_name(probe->object, "filtered_counts");
	struct bpf_map *filters = bpf_object__find_map_by_name(probe->object, ".bss");
	if (!ring || !drops || !floods || !names || !reader || !filtered || !filters)
		return -EINVAL;
	if (bpf_map__value_size(filters) != sizeof *probe->filters)
		return -EINVAL;
	void *mapped = mmap(NULL, sizeof *probe->filters, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(filters), 0);
	if (mapped == MAP_FAILED)
		return -errno;
	probe->filters = mapped;
	probe->filtered_fd = bpf_map__fd(filtered);
	probe->ring.fd = bpf_map__fd(ring);
	probe->drops_fd = bpf_map__fd(drops);
	probe->floods_fd = bpf_map__fd(floods);
	probe->names_fd = bpf_map__fd(names);
	void *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(reader), 0);
	if (page == MAP_FAILED)
		return -errno;
	probe->reader_sleeps = page;
	int unmapped = map_ring(&probe->ring, bpf_map__max_entries(ring));
	return unmapped ? unmapped : watch(probe);
}

int saker_probe_add_name(struct saker_probe *probe, const char *name)
{
	char key[SAKER_NAME_MAX] = {0};
	uint8_t value = 1;
	if (strlen(name) >= sizeof key)
		return -ENAMETOOLONG;
	memcpy(key, name, strlen(name));
	return bpf_map_update_elem(probe->names_fd, key, &value, BPF_ANY);
}

int saker_probe_attach(struct saker_probe *probe, int program)
{
	if (program < 0 || program >= probe->program_count)
		return -EINVAL;
	speaking = probe;
	struct bpf_link *link = bpf_program__attach(probe->programs[program]);
	int error = link ? 0 : -errno;
	speaking = NULL;
	probe->links[program] = link;
	return error;
}

// What the name of a function that serves calls begins with: calls of 64 bits, of 32, and of 32 where arguments differ.
static const char *const call_prefixes[] = {"__x64_sys_", "__ia32_sys_", "__ia32_compat_sys_"};

static bool serves_one(const char *function, const char *const *calls, int count)
{
	for (size_t i = 0; i < sizeof call_prefixes / sizeof *call_prefixes; i++) {
		size_t length = strlen(call_prefixes[i]);
		if (strncmp(function, call_prefixes[i], length) != 0)
			continue;
		for (int call = 0; call < count; call++)
			if (strcmp(function + length, calls[call]) == 0)
				return true;
	}
	return false;
}

static int place_watcher(struct saker_probe *probe, const char *function)
{
	if (probe->watch_count == probe->watcher_count)
		return -E2BIG;
	struct bpf_program *watcher = probe->watchers[probe->watch_count++];
	int error = bpf_program__set_attach_target(watcher, 0, function);
	return error ? error : bpf_program__set_autoload(watcher, true);
}

int saker_probe_watch_calls(struct saker_probe *probe, const char *const *calls, int count)
{
	speaking = probe;
	struct btf *types = btf__load_vmlinux_btf();
	int error = types ? 0 : -errno;
	for (uint32_t type = 1; types && type < btf__type_cnt(types) && !error; type++) {
		const struct btf_type *function = btf__type_by_id(types, type);
		const char *name = btf__name_by_offset(types, function->name_off);
		if (btf_is_func(function) && serves_one(name, calls, count))
			error = place_watcher(probe, name);
	}
	btf__free(types);
	speaking = NULL;
	return error ? error : probe->watch_count;
}

int saker_probe_attach_watches(struct saker_probe *probe)
{
	int error = 0;
	speaking = probe;
	for (int watch = 0; watch < probe->watch_count && !error; watch++) {
		probe->watches[watch] = bpf_program__attach(probe->watchers[watch]);
		error = probe->watches[watch] ? 0 : -errno;
	}
	speaking = NULL;
	return error;
}

int saker_probe_begin_walk(struct saker_probe *probe, int program)
{
	if (program < 0 || program >= probe->program_count || !probe->links[program])
		return -EINVAL;
	int fd = bpf_iter_create(bpf_link__fd(probe->links[program]));
	return fd < 0 ? -errno : fd;
}

int saker_probe_use_filter(struct saker_probe *probe, const struct saker_filter *filter)
{
	struct saker_filters *filters = probe->filters;
	if (!filters)
		return -EINVAL;
	uint32_t next = filters->in_use == 1 ? 2 : 1;
	if (filter) {
		// A program that still reads what was here two filters ago is done within microseconds.
		struct timespec pause = {.tv_nsec = 1000000};
		nanosleep(&pause, NULL);
		memcpy(&filters->filter[next - 1], filter, sizeof *filter);
	}
	__atomic_store_n(&filters->in_use, filter ? next : 0, __ATOMIC_RELEASE);
	return 0;
}

int saker_probe_wait(struct saker_probe *probe, int timeout_ms, bool sleeps)
{
	struct epoll_event events[2];
	__atomic_store_n(probe->reader_sleeps, sleeps, __ATOMIC_SEQ_CST);
	if (sleeps && probe->ring.at < __atomic_load_n(probe->ring.producer, __ATOMIC_ACQUIRE))
		timeout_ms = 0;
	int ready = epoll_wait(probe->epoll_fd, events, 2, timeout_ms);
	if (ready < 0) { // interrupted, or out of memory: a pause, never a spin
		struct timespec pause = {.tv_nsec = timeout_ms * 1000000L};
		nanosleep(&pause, NULL);
	}
	for (int event = 0; event < ready; event++)
		if (events[event].data.fd == probe->wake_fd)
			return 1;
	return 0;
}

// The bytes of a record in one piece.
static const void *whole(struct ring *ring, uint64_t start, size_t bytes)
{
	start &= ring->data_bytes - 1;
	if (start + bytes <= ring->data_bytes)
		return ring->data + start;
	size_t first = ring->data_bytes - start;
	memcpy(ring->joined, ring->data + start, first);
	memcpy(ring->joined + first, ring->data, bytes - first);
	return ring->joined;
}

const void *saker_probe_next(struct saker_probe *probe, size_t *bytes)
{
	struct ring *ring = &probe->ring;
	while (ring->at < __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE)) {
		const uint8_t *header = ring->data + (ring->at & (ring->data_bytes - 1));
		uint32_t length = __atomic_load_n((const uint32_t *)header, __ATOMIC_ACQUIRE);
		if (length & BPF_RINGBUF_BUSY_BIT)
			return NULL;
		uint32_t payload = length & ~BPF_RINGBUF_DISCARD_BIT;
		ring->next = ring->at + ((payload + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8);
		if (!(length & BPF_RINGBUF_DISCARD_BIT)) {
			*bytes = payload;
			return whole(ring, ring->at + BPF_RINGBUF_HDR_SZ, payload);
		}
		saker_probe_release(probe);
	}
	return NULL;
}

void saker_probe_release(struct saker_probe *probe)
{
	probe->ring.at = probe->ring.next;
	__atomic_store_n(probe->ring.consumer, probe->ring.at, __ATOMIC_RELEASE);
}

int saker_probe_wake(struct saker_probe *probe)
{
	uint64_t one = 1;
	return write(probe->wake_fd, &one, sizeof one) == sizeof one ? 0 : -errno;
}

static int sum_counts(int map, uint32_t key, struct saker_counts *counts)
{
	int cpus = libbpf_num_possible_cpus();
	if (cpus < 0)
		return cpus;
	struct saker_counts *values = calloc((size_t)cpus, sizeof *values);
	if (!values)
		return -ENOMEM;
	int error = bpf_map_lookup_elem(map, &key, values);
	*counts = (struct saker_counts){0};
	for (int cpu = 0; cpu < cpus && !error; cpu++)
		for (int kind = 0; kind < SAKER_KIND_LIMIT; kind++)
			counts->of_kind[kind] += values[cpu].of_kind[kind];
	free(values);
	return error;
}

int saker_probe_drop_counts(const struct saker_probe *probe, enum saker_drop reason, struct saker_counts *counts)
{
	return sum_counts(probe->drops_fd, (uint32_t)reason, counts);
}

int saker_probe_filtered_counts(const struct saker_probe *probe, struct saker_counts *counts)
{
	return sum_counts(probe->filtered_fd, 0, counts);
}

int saker_probe_next_flood(const struct saker_probe *probe, struct saker_flooder *who, struct saker_flood *flood)
{
	const struct saker_flooder nobody = {0};
	struct saker_flooder before = *who;
	bool first = memcmp(&before, &nobody, sizeof nobody) == 0;
	int error = bpf_map_get_next_key(probe->floods_fd, first ? NULL : &before, who);
	return error ? error : bpf_map_lookup_elem(probe->floods_fd, who, flood);
}

static int add_statistics(int fd, struct saker_program_statistics *statistics)
{
	struct bpf_prog_info info = {0};
	uint32_t bytes = sizeof info;
	int error = bpf_obj_get_info_by_fd(fd, &info, &bytes);
	if (error)
		return error;
	statistics->runs += info.run_cnt;
	statistics->nanoseconds += info.run_time_ns;
	statistics->missed += info.recursion_misses;
	return 0;
}

int saker_probe_statistics(const struct saker_probe *probe, int program, struct saker_program_statistics *statistics)
{
	if (program < 0 || program >= probe->program_count)
		return -EINVAL;
	int fd = bpf_program__fd(probe->programs[program]);
	if (fd < 0)
		return -ENOENT;
	*statistics = (struct saker_program_statistics){0};
	return add_statistics(fd, statistics);
}

int saker_probe_watch_statistics(const struct saker_probe *probe, struct saker_program_statistics *statistics)
{
	*statistics = (struct saker_program_statistics){0};
	int error = probe->watch_count ? 0 : -ENOENT;
	for (int watch = 0; watch < probe->watch_count && !error; watch++)
		error = add_statistics(bpf_program__fd(probe->watchers[watch]), statistics);
	return error;
}

int saker_enable_statistics(void)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	return fd < 0 ? -errno : fd;
}

void saker_probe_close(struct saker_probe *probe)
{
	if (!probe)
		return;
	speaking = probe;
	for (int watch = 0; watch < probe->watch_count; watch++)
		bpf_link__destroy(probe->watches[watch]);
	for (int program = 0; program < probe->program_count; program++)
		bpf_link__destroy(probe->links[program]);
	if (probe->reader_sleeps)
		munmap(probe->reader_sleeps, (size_t)sysconf(_SC_PAGESIZE));
	if (probe->ring.consumer)
		munmap(probe->ring.consumer, probe->ring.page_bytes);
	if (probe->ring.producer)
		munmap((void *)probe->ring.producer, probe->ring.page_bytes + probe->ring.data_bytes);
	if (probe->filters)
		munmap(probe->filters, sizeof *probe->filters);
	free(probe->ring.joined);
	bpf_object__close(probe->object);
	speaking = NULL;
	if (probe->epoll_fd >= 0)
		close(probe->epoll_fd);
	if (probe->wake_fd >= 0)
		close(probe->wake_fd);
	free(probe);
}

int saker_probe_ring_buffer_works(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "saker_try", 0, 0, (uint32_t)sysconf(_SC_PAGESIZE), NULL);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

bool saker_functions_are_refused(void)
{
	const struct bpf_insn return_zero[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FENTRY, .attach_btf_id = 1);
	int program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "saker_try", "GPL", return_zero, 2, &options);
	if (program >= 0)
		close(program);
	return program == -EPERM || program == -EACCES;
}

int saker_probe_hook_works(enum saker_hook hook)
{
	const struct bpf_insn return_zero[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	bool security = hook == SAKER_HOOK_SECURITY;
	enum bpf_attach_type attach = security ? BPF_LSM_MAC : BPF_TRACE_FENTRY;
	libbpf_set_print(on_print);
	int function = libbpf_find_vmlinux_btf_id(security ? "bprm_check_security" : "security_bprm_check", attach);
	if (function < 0)
		return function;
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = attach, .attach_btf_id = (uint32_t)function);
	enum bpf_prog_type type = security ? BPF_PROG_TYPE_LSM : BPF_PROG_TYPE_TRACING;
	int program = bpf_prog_load(type, "saker_try", "GPL", return_zero, 2, &options);
	if (program < 0)
		return program;
	int link = bpf_raw_tracepoint_open(NULL, program);
	if (link >= 0)
		close(link);
	close(program);
	return link < 0 ? link : 0;
}
