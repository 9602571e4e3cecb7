// SPDX-License-Identifier: Apache-2.0
import Capture
import EventModel
import Glibc
import Testing

/// Why the live kernel cannot be tapped here; nil when it can.
func reasonAgainstLiveKernel() -> String? {
    if geteuid() != 0 { return "not root" }
    if access("/sys/kernel/btf/vmlinux", R_OK) != 0 { return "the kernel has no BTF" }
    return nil
}

/// True when a test on the live kernel is to run. Where all are required (`SAKER_REQUIRE_ALL=1`) it always is, and fails on a machine
/// that cannot do it with the tap's own reason.
func requireLiveKernel() -> Bool { everythingIsRequired || reasonAgainstLiveKernel() == nil }

/// Ends a test, as skipped, that found out on its way that this machine cannot do it; a failure where all are required.
func skip(_ reason: Comment) throws {
    try #require(!everythingIsRequired, reason)
    try Test.cancel(reason)
}

private let everythingIsRequired = getenv("SAKER_REQUIRE_ALL").map { String(cString: $0) } == "1"

/// A tap that runs on a thread of its own and keeps every record that a filter lets through.
final class LiveTap: @unchecked Sendable {
    // Sendable because `kept` is only touched with the lock held and the rest never changes.
    let tap: KernelTap
    private var thread = pthread_t()
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var kept: [[UInt8]] = []
    private let keep: @Sendable (Event) -> Bool

    init(
        _ kinds: Set<EventKind>, compared: Set<EventKind> = [], watchesFunctions: Bool = true,
        filter: EventFilter = EventFilter(), checksFilter: Bool = false, environmentNames: [String] = [], ringBytes: Int = 8 << 20,
        ignoring: Int32 = 0, keep: @escaping @Sendable (Event) -> Bool = { _ in true }
    ) throws {
        tap = try KernelTap(
            settings: CaptureSettings(
                kinds: kinds, compared: compared, watchesFunctions: watchesFunctions, filter: filter, checksFilter: checksFilter,
                environmentNames: environmentNames, ringBytes: ringBytes, ignoredProcess: ignoring))
        self.keep = keep
        lock = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        pthread_create(
            &thread, nil,
            { context in
                Unmanaged<LiveTap>.fromOpaque(context!).takeRetainedValue().drain()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
    }

    private func drain() {
        var decoder = WireDecoder(wallClockOffset: WireDecoder.currentOffset())
        tap.run { record in
            switch decoder.decode(record) {
            case .failure(let error): Issue.record("the probe wrote what is no record: \(error)")
            case .success(let event):
                guard keep(event) else { return }
                pthread_mutex_lock(lock)
                kept.append(Array(record))
                pthread_mutex_unlock(lock)
            }
        }
    }

    /// Stops and waits for the thread.
    func stop() {
        tap.stop()
        pthread_join(thread, nil)
    }

    /// What `read` makes of the first event that it makes something of; waits up to five seconds for one to come.
    func first<Value>(_ read: (Event) -> Value?) -> Value? {
        var seen = 0
        for _ in 0..<1000 {
            pthread_mutex_lock(lock)
            let records = kept[seen...]
            seen = kept.count
            pthread_mutex_unlock(lock)
            for record in records {
                let found = record.withUnsafeBytes { bytes -> Value? in
                    var decoder = WireDecoder(wallClockOffset: 0)
                    guard case .success(let event) = decoder.decode(bytes) else { return nil }
                    return read(event)
                }
                if let found { return found }
            }
            usleep(5_000)
        }
        return nil
    }

    /// What `read` makes of every event that was kept so far.
    func all<Value>(_ read: (Event) -> Value?) -> [Value] {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return kept.compactMap { record in
            record.withUnsafeBytes { bytes in
                var decoder = WireDecoder(wallClockOffset: 0)
                guard case .success(let event) = decoder.decode(bytes) else { return nil }
                return read(event)
            }
        }
    }
}

/// A program that a test starts.
struct Child {
    let pid: pid_t
    /// This process's PATH, for shells.
    static let searchPath = "PATH=" + (getenv("PATH").map { String(cString: $0) } ?? "/usr/sbin:/usr/bin:/sbin:/bin")

    /// Starts the program that the first argument names. Throws the errno of a failed start.
    init(_ arguments: [String], environment: [String] = [Child.searchPath]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let argv = arguments.map { strdup($0) } + [nil], envp = environment.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var started: pid_t = 0
        let failure = posix_spawn(&started, arguments[0], &actions, nil, argv, envp)
        guard failure == 0 else { throw StartFailure(errno: failure) }
        pid = started
    }

    /// Waits for its end; the raw wait status.
    @discardableResult func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status
    }

    /// Runs a shell command to its end.
    @discardableResult static func shell(_ command: String) throws -> Int32 { try Child(["/bin/sh", "-c", command]).wait() }
}

struct StartFailure: Error { let errno: Int32 }

/// A folder under /tmp that is removed with its owner.
final class Scratch: Sendable {
    let path: String
    init() {
        var name = Array("/tmp/saker-probe-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&name))
    }
    deinit { _ = try? Child(["/bin/rm", "-rf", path]).wait() }
}
