// SPDX-License-Identifier: Apache-2.0
// libbpf made callable from Swift: the probe's object is opened from memory, set, loaded, attached, drained and counted.
//
// Every function takes the handle first and returns 0 (or a count) or -errno. Nothing prints; what libbpf has to say goes into the
// buffer given at open. A handle is used by one thread at a time, but for saker_probe_wake and the counters: any thread may call
// those while the handle is open.
#ifndef SAKER_CPROBE_H
#define SAKER_CPROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../bpf/wire.h"

struct saker_probe;

/// Parses the object. `log` keeps the tail of libbpf's messages for the life of the handle; it must outlive it.
int saker_probe_open(struct saker_probe **probe, const void *object, size_t object_bytes, char *log, size_t log_bytes);

/// Before the load: the settings, and the ring's size in bytes, a power of two of at least one page.
int saker_probe_set(struct saker_probe *probe, const struct saker_settings *settings, uint32_t ring_bytes);

int saker_probe_program_count(const struct saker_probe *probe);
/// NULL when there is no such program; good as long as the handle.
const char *saker_probe_program_name(const struct saker_probe *probe, int program);
/// Before the load: whether this program takes part.
int saker_probe_select(struct saker_probe *probe, int program, bool wanted);

/// Loads the selected programs, all or none, and maps the ring.
int saker_probe_load(struct saker_probe *probe);
/// After the load, before attaching: a name whose value may be copied from an environment; at most SAKER_NAME_MAX - 1 bytes.
int saker_probe_add_name(struct saker_probe *probe, const char *name);
int saker_probe_attach(struct saker_probe *probe, int program);

/// Before the load: the kernel functions that serve these calls, named as the kernel's source does (`unlinkat`), of 64 and of 32 bits, are
/// to be watched. How many there are, or -errno, and then this handle is good for nothing more.
int saker_probe_watch_calls(struct saker_probe *probe, const char *const *calls, int count);
/// After the load: watches them, all or some; -errno for some.
int saker_probe_attach_watches(struct saker_probe *probe);

/// Of an attached iterator: a descriptor from which all that it has to tell is read once, the caller's to close; or -errno.
int saker_probe_begin_walk(struct saker_probe *probe, int program);

/// After the load: which events are told from now on; NULL for all of them. At once and as a whole: each event is judged by one filter.
int saker_probe_use_filter(struct saker_probe *probe, const struct saker_filter *filter);
/// How many events the filters kept back so far, kind by kind, summed over the CPUs.
int saker_probe_filtered_counts(const struct saker_probe *probe, struct saker_counts *counts);

/// Waits until an urgent record came (when it sleeps, any record) or the timeout ran out (0), or saker_probe_wake was called (1).
int saker_probe_wait(struct saker_probe *probe, int timeout_ms, bool sleeps);
/// The next whole record, NULL when there is none; it stays in the ring until saker_probe_release.
const void *saker_probe_next(struct saker_probe *probe, size_t *bytes);
void saker_probe_release(struct saker_probe *probe);
/// Ends every wait from now on. Async-signal-safe.
int saker_probe_wake(struct saker_probe *probe);

/// Sums the drops of a reason, kind by kind, over the CPUs.
int saker_probe_drop_counts(const struct saker_probe *probe, enum saker_drop reason, struct saker_counts *counts);
/// The next of those that told more than their share, behind `who` (from the beginning for all zeros), into both; -ENOENT behind the last.
int saker_probe_next_flood(const struct saker_probe *probe, struct saker_flooder *who, struct saker_flood *flood);
/// What the kernel counted of a program since it was loaded.
struct saker_program_statistics {
	uint64_t runs;        // while statistics were enabled
	uint64_t nanoseconds; // that these runs took
	uint64_t missed;      // how often it was skipped because it was already running on that CPU
};

/// -ENOENT when this program was not loaded.
int saker_probe_statistics(const struct saker_probe *probe, int program, struct saker_program_statistics *statistics);
/// Of all watched functions together; -ENOENT when there are none.
int saker_probe_watch_statistics(const struct saker_probe *probe, struct saker_program_statistics *statistics);
/// Has the kernel count runs and time of all programs of the machine until the descriptor is closed: that, or -errno. Needs no handle.
int saker_enable_statistics(void);

void saker_probe_close(struct saker_probe *probe);

/// Whether this kernel makes a ring buffer for us: 0 or -errno. Needs no handle.
int saker_probe_ring_buffer_works(void);

/// Whether a policy of this kernel forbids to watch functions; else it may still lack what that takes. Asked for no function that there
/// is, which takes no time. Needs no handle.
bool saker_functions_are_refused(void);

enum saker_hook {
	SAKER_HOOK_FUNCTION, // fentry: where a kernel function is entered
	SAKER_HOOK_SECURITY, // LSM: where the kernel asks whether something is allowed
};

/// Whether this kernel lets us attach to such a hook: 0 or -errno. Tried with a program that does nothing and allows all, for a moment,
/// where the start of a program is judged. Needs no handle.
int saker_probe_hook_works(enum saker_hook hook);

#endif
