// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// What all cases of a run share: the actor's program, a list of users, cgroups of containers. Removed with its owner.
final class Theatre: Sendable {
    let folder: String
    let passwd: String
    private let users: [String: ActorScript.UserLine]
    private let cgroupRoots: [String]

    /// Compiles the actor, and adds the users that the cases ask for to a copy of this machine's list.
    init(cases: [SuiteCase]) throws {
        var name = Array("/tmp/saker-evtgen-XXXXXX".utf8CString)
        folder = String(cString: mkdtemp(&name))
        passwd = folder + "/passwd"
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Support/EvtgenActor").path
        // Linked with all it needs: it must start wherever a case puts it, as whatever user.
        let compiled = try Self.run("clang -O1 -static -Wall -Werror -o \(folder)/event-generator \(sources)/*.c")
        guard compiled.isEmpty else { throw SuiteError("the actor could not be compiled (scripts/setup-tests): \(compiled)") }
        let chains = cases.flatMap { $0.processes + $0.resources.compactMap(\.process) }
        let text = try String(contentsOfFile: "/etc/passwd", encoding: .utf8)
        let all = Self.adding(Set(chains.compactMap(\.user)), to: text)
        try all.write(toFile: passwd, atomically: true, encoding: .utf8)
        users = Self.users(all)
        cgroupRoots = Self.hierarchies().map { "\($0)/saker-evtgen-\(getpid())" }
    }

    deinit {
        for root in cgroupRoots { Self.removeCgroup(root) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static func adding(_ wanted: Set<String>, to text: String) -> String {
        let known = Set(users(text).keys)
        let lines = wanted.subtracting(known).sorted().enumerated().map { number, name in
            "\(name):x:\(61_000 + number):\(61_000 + number):\(name):/nonexistent:/usr/sbin/nologin\n"
        }
        return (text.hasSuffix("\n") ? text : text + "\n") + lines.joined()
    }

    private static func users(_ text: String) -> [String: ActorScript.UserLine] {
        let lines = text.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
        let pairs = lines.compactMap { line -> (String, ActorScript.UserLine)? in
            guard line.count > 3, let user = UInt32(line[2]), let group = UInt32(line[3]) else { return nil }
            return (String(line[0]), ActorScript.UserLine(user: user, group: group))
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// The hierarchies that readers of cgroups look at: v2, and of v1 those that a runtime names containers in.
    private static func hierarchies() -> [String] {
        let wanted: Set<Substring> = ["memory", "pids", "name=systemd"]
        let table = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        let lines = table.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.count > 3 }
        let unified = lines.filter { $0[2] == "cgroup2" }.prefix(1)
        let controllers = lines.filter { $0[2] == "cgroup" && !wanted.isDisjoint(with: $0[3].split(separator: ",")) }
        return (unified + controllers).map { String($0[1]) }
    }

    private static func removeCgroup(_ path: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            var facts = stat()
            if lstat("\(path)/\(name)", &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR { removeCgroup("\(path)/\(name)") }
        }
        // The kernel takes a process out of its cgroup a moment after it was waited for.
        for _ in 0..<200 where rmdir(path) != 0 && errno == EBUSY { usleep(5_000) }
    }

    /// Plays a case to its end; what the actor says went wrong.
    func play(_ suiteCase: SuiteCase, id: String, seconds: Double) throws -> String {
        let scratch = "\(folder)/\(id)"
        guard mkdir(scratch, 0o755) == 0 else { throw SuiteError("cannot make \(scratch)") }
        defer { rmdir(scratch) }
        var cgroups: [String] = []
        if suiteCase.container != nil { cgroups = try makeCgroups(Self.containerID(of: id)) }
        defer { for cgroup in cgroups { Self.removeCgroup(cgroup) } }
        let place = ActorScript.Place(
            scratch: scratch, passwd: passwd, cgroups: cgroups.map { $0 + "/cgroup.procs" }, users: users)
        return try perform(ActorScript(suiteCase, id: id, place: place).text, id, seconds)
    }

    /// 64 hex digits, as a runtime gives them.
    static func containerID(of id: String) -> String { String(repeating: "0", count: 64 - id.count) + id }

    private func makeCgroups(_ container: String) throws -> [String] {
        try cgroupRoots.map { root in
            let path = "\(root)/docker/\(container)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            return path
        }
    }

    private func perform(_ script: String, _ id: String, _ seconds: Double) throws -> String {
        let file = "\(folder)/\(id).script"
        try script.write(toFile: file, atomically: false, encoding: .utf8)
        defer { unlink(file) }
        let shell = "exec 250<\(file) 251>&1 >/dev/null 2>&1 </dev/null; exec \(folder)/event-generator"
        return try Self.run(shell, seconds: seconds)
    }

    /// Runs a shell command to its end, or ends it when its time is over; what it printed.
    private static func run(_ command: String, seconds: Double = 60) throws -> String {
        var ends: [Int32] = [0, 0]
        // No other case's actor may inherit an end.
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw SuiteError("no socket: errno \(errno)") }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        let words: [String] = ["/bin/bash", "-c", command], variables = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        let argv = words.map { strdup($0) } + [nil], envp = variables.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, "/bin/bash", &actions, nil, argv, envp)
        close(ends[1])
        guard failure == 0 else { throw SuiteError("cannot start bash: errno \(failure)") }
        var text = read(ends[0], seconds)
        if text == nil {
            kill(child, SIGKILL)
            text = "it had not ended after \(seconds) s"
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return text!.isEmpty && status != 0 ? "it ended with status \(status)" : text!
    }

    /// What comes out of a pipe until its end; nil when that does not come in time.
    private static func read(_ descriptor: Int32, _ seconds: Double) -> String? {
        let deadline = Date(timeIntervalSinceNow: seconds)
        var all: [UInt8] = []
        while true {
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, Int32(max(0, deadline.timeIntervalSinceNow * 1_000))) > 0 else { return nil }
            var bytes = [UInt8](repeating: 0, count: 4_096)
            let count = Glibc.read(descriptor, &bytes, bytes.count)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += bytes[..<count]
        }
    }
}

extension SuiteResource {
    /// The process that it is; nil for another kind.
    fileprivate var process: SuiteProcess? {
        guard case .process(let process) = kind else { return nil }
        return process
    }
}
