// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc

/// Another program, run to its end under limits of time and output. Blocking: to be called on a thread of its own.
struct ChildProcess {
    /// What a run may take.
    struct Limits {
        var time: Duration
        /// Of standard output; beyond it the program is ended.
        var outputBytes = 1 << 20
        /// Of standard error; what comes beyond it is read and dropped.
        var complaintBytes = 16 << 10
    }

    /// How a run ended.
    enum End: Hashable {
        case exited(Int32)
        case killed(signal: Int32)
        case timedOut
        case wroteTooMuch
        /// It never began: `posix_spawn`'s error number.
        case notStarted(Int32)
    }

    private(set) var output: [UInt8] = []
    private(set) var complaint: [UInt8] = []
    private(set) var end = End.notStarted(0)

    private let limits: Limits

    /// Runs the program at `path` with nothing on its standard input and no descriptor of ours, in a process group of its own.
    static func run(_ path: String, _ arguments: [String], environment: [String: String], limits: Limits) -> ChildProcess {
        var child = ChildProcess(limits: limits)
        guard let pipes = Pipes() else {
            child.end = .notStarted(errno)
            return child
        }
        var pid = pid_t()
        let code = pipes.spawn(&pid, path, arguments, environment)
        pipes.closeWriters()
        if code == 0 { child.end = child.follow(pid, pipes) } else { child.end = .notStarted(code) }
        pipes.closeReaders()
        return child
    }

    private init(limits: Limits) { self.limits = limits }

    private mutating func follow(_ pid: pid_t, _ pipes: Pipes) -> End {
        let deadline = ContinuousClock.now + limits.time
        while ContinuousClock.now < deadline {
            // A grandchild may hold the pipes for ever: the program's own end counts, not theirs.
            pipes.wait(milliseconds: 20)
            let status = Self.reap(pid, WNOHANG)
            take(pipes)
            guard output.count <= limits.outputBytes else { return kill(pid, status, .wroteTooMuch) }
            guard let status else { continue }
            let signal = status & 0x7f
            return signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: signal)
        }
        return kill(pid, nil, .timedOut)
    }

    private mutating func take(_ pipes: Pipes) {
        output += pipes.read(pipes.output.reader, most: limits.outputBytes + 1 - output.count)
        complaint += pipes.read(pipes.complaint.reader, most: 1 << 20).prefix(limits.complaintBytes - complaint.count)
    }

    private func kill(_ pid: pid_t, _ status: Int32?, _ end: End) -> End {
        // The group's id cannot belong to others while its leader is not reaped.
        guard status == nil else { return end }
        Glibc.kill(-pid, SIGKILL)
        _ = Self.reap(pid, 0)
        return end
    }

    /// The wait status; nil while the program runs.
    private static func reap(_ pid: pid_t, _ options: Int32) -> Int32? {
        var status: Int32 = 0
        while true {
            let found = waitpid(pid, &status, options)
            if found == pid { return status }
            guard found < 0, errno == EINTR else { return nil }
        }
    }
}

/// The two pipes between us and a child, our ends not blocking.
private struct Pipes {
    typealias Ends = (reader: Int32, writer: Int32)
    let output: Ends
    let complaint: Ends

    init?() {
        guard let output = Self.pipe() else { return nil }
        guard let complaint = Self.pipe() else {
            close(output.reader)
            close(output.writer)
            return nil
        }
        self.output = output
        self.complaint = complaint
    }

    private static func pipe() -> Ends? {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { return nil }
        ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        // Only our end: the child must be able to wait for room.
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        return (ends[0], ends[1])
    }

    func closeWriters() { [output, complaint].forEach { close($0.writer) } }

    func closeReaders() { [output, complaint].forEach { close($0.reader) } }

    func spawn(_ pid: inout pid_t, _ path: String, _ arguments: [String], _ environment: [String: String]) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writer, 1)
        posix_spawn_file_actions_adddup2(&actions, complaint.writer, 2)
        // Those that others opened without CLOEXEC too: a plugin has no business with our journal or our sockets.
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in open.compactMap({ Int32($0) }) where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A thread that blocks signals would hand that on, and TERM could not end the child.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        return Self.withTexts([path] + arguments) { arguments in
            Self.withTexts(environment.map { $0.key + "=" + $0.value }) { environment in
                posix_spawn(&pid, path, &actions, &attributes, arguments, environment)
            }
        }
    }

    private static func withTexts<Value>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value) -> Value {
        let pointers = texts.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        return body(pointers + [nil])
    }

    func wait(milliseconds: Int32) {
        var polled = [output.reader, complaint.reader].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // Both at their end: poll would return at once, again and again, until the child is gone.
        if poll(&polled, nfds_t(polled.count), milliseconds) > 0, polled.allSatisfy({ $0.revents & Int16(POLLIN) == 0 }) {
            usleep(useconds_t(milliseconds) * 100)
        }
    }

    func read(_ descriptor: Int32, most: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < most {
            let count = Glibc.read(descriptor, &room, min(room.count, most - bytes.count))
            guard count > 0 else { break }
            bytes += room[..<count]
        }
        return bytes
    }
}

/// Runs blocking work on a thread of its own, so that no thread of the cooperative pool waits.
func onOwnThread<Value: Sendable>(_ name: String, _ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        let thread = Thread { continuation.resume(returning: work()) }
        thread.name = name
        thread.start()
    }
}
