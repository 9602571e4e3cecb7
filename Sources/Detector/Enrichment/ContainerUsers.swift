// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Glibc

/// Names of containers' users, from the passwd file in each container's own root.
///
/// A container's root may be a file system that never answers, so it is read on a thread of its own. Whoever asks for a name waits for
/// a reading that is under way, but 20 ms at most, and not at all once a reading has taken longer.
final class ContainerUsers: @unchecked Sendable {
    // Sendable because everything below is only touched with the lock held, but for the two objects of pthread, which never move.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var known: [ContainerID: (names: [UInt32: String], time: Int)] = [:]
    private var waiting: Set<ContainerID> = []
    private var queue: [(container: ContainerID, processes: [Int32])] = []
    private var isSlow = false
    private var isRunning = false

    /// How many containers wait to be read, and are remembered, at most.
    private static let queueLimit = 64, memoryLimit = 4_096
    /// Seconds after which a container is read again, when it executes another program.
    private static let freshness = 10

    init() {
        pthread_mutex_init(lock, nil)
        pthread_cond_init(change, nil)
    }

    /// Tells of a container that executed a program: some of its processes, of which one that still runs shows its root.
    func notice(_ container: ContainerID, processes: @autoclosure () -> [Int32]) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        if let time = known[container]?.time, Self.seconds() < time + Self.freshness { return }
        guard queue.count < Self.queueLimit, waiting.insert(container).inserted else { return }
        queue.append((container, processes()))
        startReading()
        pthread_cond_broadcast(change)
    }

    /// The name that the container gives to a user; nil when it gives none, or could not be read in time.
    func name(of uid: UInt32, in container: ContainerID) -> String? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        var deadline = Self.deadline(nanoseconds: 20_000_000)
        while known[container] == nil, waiting.contains(container), !isSlow {
            if pthread_cond_timedwait(change, lock, &deadline) == ETIMEDOUT { isSlow = true }
        }
        return known[container]?.names[uid]
    }

    /// The names that were read so far, of one container or of all.
    func names(of container: ContainerID?) -> [(ContainerID, [UInt32: String])] {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        guard let container else { return known.map { ($0.key, $0.value.names) } }
        return known[container].map { [(container, $0.names)] } ?? []
    }

    private static func deadline(nanoseconds: Int) -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let sum = time.tv_nsec + nanoseconds
        return timespec(tv_sec: time.tv_sec + sum / 1_000_000_000, tv_nsec: sum % 1_000_000_000)
    }

    private static func seconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return time.tv_sec
    }

    private func startReading() {
        guard !isRunning else { return }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let failure = pthread_create(
            &thread, nil, { Unmanaged<ContainerUsers>.fromOpaque($0!).takeRetainedValue().read() }, context.toOpaque())
        isRunning = failure == 0
        if isRunning { pthread_detach(thread) } else { context.release() }
    }

    /// Reads until nothing is asked any more; the next question starts another thread.
    private func read() -> UnsafeMutableRawPointer? {
        pthread_mutex_lock(lock)
        while !queue.isEmpty {
            let next = queue.removeFirst()
            pthread_mutex_unlock(lock)
            let bytes = next.processes.lazy.compactMap { RootedFile.passwd(of: $0) }.first
            pthread_mutex_lock(lock)
            isSlow = false
            waiting.remove(next.container)
            if known.count >= Self.memoryLimit { known = [:] }
            if let bytes { known[next.container] = (UserDirectory.parse(bytes), Self.seconds()) }
            pthread_cond_broadcast(change)
        }
        isRunning = false
        pthread_mutex_unlock(lock)
        return nil
    }

    deinit {
        pthread_mutex_destroy(lock)
        pthread_cond_destroy(change)
        lock.deallocate()
        change.deallocate()
    }
}

/// A file below another process's root, reached without following a link: one could lead into this process's own root.
private enum RootedFile {
    /// What the process sees as /etc/passwd; nil when it has ended, has this process's own root still, or has no such plain file.
    static func passwd(of process: Int32) -> [UInt8]? {
        let root = open("/proc/\(process)/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { return nil }
        defer { close(root) }
        var its = stat(), ours = stat()
        guard fstat(root, &its) == 0, stat("/", &ours) == 0, (its.st_dev, its.st_ino) != (ours.st_dev, ours.st_ino) else { return nil }
        let folder = openat(root, "etc", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { return nil }
        defer { close(folder) }
        let file = openat(folder, "passwd", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard fstat(file, &its) == 0, its.st_mode & S_IFMT == S_IFREG else { return nil }
        return SmallFile.contents(of: file)
    }
}
