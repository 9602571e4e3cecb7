// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A program that was started, without Foundation: its `Process` takes a program for running as long as a grandchild runs, which a
/// runtime's containers are.
final class SpawnedProcess {
    private let id: pid_t
    private var status: Int32?

    /// Starts a program with its output and complaints in two files. Throws when it cannot be started.
    init(_ words: [String], environment: [String: String], output: String, log: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var arguments = words.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var id: pid_t = 0
        let result = posix_spawn(&id, words[0], &actions, nil, &arguments, &variables)
        guard result == 0 else { throw RuntimeMissing(description: "\(words[0]) cannot be started: \(String(cString: strerror(result)))") }
        self.id = id
    }

    /// False once it has ended.
    var isRunning: Bool {
        var found: Int32 = 0
        if status == nil, waitpid(id, &found, WNOHANG) == id { status = found }
        return status == nil
    }

    /// Waits for its end; true when it went well.
    func wait() -> Bool {
        var found: Int32 = 0
        if status == nil, waitpid(id, &found, 0) == id { status = found }
        return status == 0
    }

    /// Asks it to end, and waits until it has; after ten seconds it is made to.
    func end() {
        guard isRunning else { return }
        kill(id, SIGTERM)
        for _ in 0..<1_000 where isRunning { usleep(10_000) }
        if isRunning { kill(id, SIGKILL) }
        _ = wait()
    }
}
