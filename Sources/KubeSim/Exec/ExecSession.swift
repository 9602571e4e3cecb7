// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Glibc
internal import NIOCore
internal import NIOWebSocket
internal import Synchronization

/// The plan between the two steps of an upgrade.
final class PlanBox: Sendable {
    private let box = Mutex<ExecPlan?>(nil)

    var plan: ExecPlan? { box.withLock { $0 } }

    func set(_ plan: ExecPlan) { box.withLock { $0 = plan } }
}

/// The scratch folders in which commands run, one a container; made when first needed, gone when the simulator stops.
final class ExecRooms: Sendable {
    private let folders = Mutex<[String: String]>([:])

    func folder(of plan: ExecPlan) -> String? {
        let name = "\(plan.pod.uid)/\(plan.container)"
        return folders.withLock { folders in
            if let known = folders[name] { return known }
            var template = Array("\(NSTemporaryDirectory())/kubesim-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { return nil }
            let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            folders[name] = made
            return made
        }
    }

    func removeAll() {
        for folder in folders.withLock({ $0.values }) { try? FileManager.default.removeItem(atPath: folder) }
    }
}

/// One command as a process of this machine, and its channels on the WebSocket. The process group ends with the connection.
final class ExecSession: Sendable {
    private struct State {
        var process: pid_t = 0
        var isClosed = false
    }

    private let plan: ExecPlan
    private let channel: any Channel
    private let folder: String?
    private let state = Mutex(State())
    private let input: ExecPipe
    private let writer = DispatchQueue(label: "kubesim.exec.input")

    init(_ plan: ExecPlan, _ channel: any Channel, folder: String?) {
        self.plan = plan
        self.channel = channel
        self.folder = folder
        input = ExecPipe()
        channel.closeFuture.whenComplete { [self] _ in end() }
    }

    func feed(_ bytes: [UInt8]) {
        writer.async { [input] in input.write(bytes) }
    }

    func endInput() {
        writer.async { [input] in input.closeWriting() }
    }

    /// Runs the command on a thread of its own, until it has ended and all it said was sent.
    func run() {
        let output = ExecPipe(), errors = ExecPipe()
        let code = state.withLock { state -> Int32 in
            guard !state.isClosed else { return ECANCELED }
            return spawn(output, errors, &state.process)
        }
        for pipe in [output, errors] { pipe.closeWriting() }
        input.closeReading()
        if !plan.hasInput { input.closeWriting() }
        guard code == 0 else { return finish(Self.refusal(plan.words[0])) }
        let group = DispatchGroup()
        for (pipe, number) in [(output, UInt8(1)), (errors, UInt8(2))] {
            group.enter()
            Thread.detachNewThread { [self] in
                while let bytes = pipe.read(), send(number, bytes) {}
                pipe.closeReading()
                group.leave()
            }
        }
        group.wait()
        finish(Self.verdict(reap()))
    }

    private func spawn(_ output: ExecPipe, _ errors: ExecPipe, _ process: inout pid_t) -> Int32 {
        guard let folder, let program = program(plan.words[0], folder) else { return ENOENT }
        var actions = posix_spawn_file_actions_t(), attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, input.reading, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writing, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.writing, 2)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        // env is there on every machine and enters a folder, which posix_spawn does not do everywhere.
        let words = (["/usr/bin/env", "-C", folder, program] + plan.words.dropFirst()).map { text in strdup(text) } + [nil]
        let texts = [Self.path, "HOME=\(folder)", "TMPDIR=\(folder)", "HOSTNAME=\(plan.pod.name)"]
        let surroundings = texts.map { text in strdup(text) } + [nil]
        defer { (words + surroundings).forEach { free($0) } }
        return posix_spawn(&process, "/usr/bin/env", &actions, &attributes, words, surroundings)
    }

    private static let path = "PATH=/usr/local/bin:/usr/bin:/bin"

    private func program(_ word: String, _ folder: String) -> String? {
        let own = word.hasPrefix("/") ? word : folder + "/" + word
        let places = word.contains("/") ? [own] : Self.path.dropFirst(5).split(separator: ":").map { "\($0)/\(word)" }
        return places.first { access($0, X_OK) == 0 }
    }

    /// Waits for the process; from then on its number is not used any more.
    private func reap() -> Int32 {
        let process = state.withLock(\.process)
        var info = siginfo_t()
        while waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        return state.withLock { state in
            var status: Int32 = 0
            waitpid(process, &status, 0)
            state.process = 0
            return status
        }
    }

    private func end() {
        state.withLock { state in
            state.isClosed = true
            if state.process > 0 { kill(-state.process, SIGKILL) }
        }
        endInput()
    }

    private func finish(_ verdict: JSON) {
        guard send(3, Array(verdict.text.utf8)) else { return }
        var code = channel.allocator.buffer(capacity: 2)
        code.write(webSocketErrorCode: .normalClosure)
        try? channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .connectionClose, data: code)).wait()
        channel.eventLoop.scheduleTask(in: .seconds(5)) { [channel] in channel.close(promise: nil) }
    }

    private func send(_ number: UInt8, _ bytes: [UInt8]) -> Bool {
        let buffer = ByteBuffer(bytes: [number] + bytes)
        return (try? channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .binary, data: buffer)).wait()) != nil
    }

    private static func refusal(_ word: String) -> JSON {
        [
            "metadata": [:], "status": "Failure", "reason": "InternalError", "code": 500,
            "message": .string(
                "Internal error occurred: error executing command in container: exec: \"\(word)\": executable file not found in $PATH"),
        ]
    }

    private static func verdict(_ status: Int32) -> JSON {
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
        guard code != 0 else { return ["metadata": [:], "status": "Success"] }
        return [
            "metadata": [:], "status": "Failure", "reason": "NonZeroExitCode",
            "message": .string("command terminated with non-zero exit code: exit code \(code)"),
            "details": ["causes": [["reason": "ExitCode", "message": .string(String(code))]]],
        ]
    }
}
