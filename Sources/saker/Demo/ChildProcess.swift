// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Glibc

/// A process that the demo started: known by its id and its start time, ended only by them.
///
/// It gets a minimal environment and none of our file descriptors.
// The Process object is touched by `init` only; later calls read the immutable `pid`, the semaphore and the file.
final class ChildProcess: @unchecked Sendable {
    let pid: Int32
    let output: URL
    private let input: FileHandle
    private let process: Process
    private let ended = DispatchSemaphore(value: 0)

    /// Starts `arguments` with an open standard input and with its output, errors included, in the file `output`.
    init(_ arguments: [String], output: URL, environment: [String: String] = ["PATH": ChildProcess.searchPath]) throws(DemoError) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["--default-signal"] + arguments
        process.environment = environment
        process.standardInput = pipe
        process.terminationHandler = { [ended] _ in ended.signal() }
        do {
            try Data().write(to: output)
            let handle = try FileHandle(forWritingTo: output)
            process.standardOutput = handle
            process.standardError = handle
            try Self.withNothingBlocked { try process.run() }
        } catch {
            throw DemoError(code: .command, message: "cannot start \(arguments.joined(separator: " ")): \(error)")
        }
        self.process = process
        self.output = output
        pid = process.processIdentifier
        input = pipe.fileHandleForWriting
    }

    /// A child inherits the calling thread's signal mask, and Dispatch's threads block TERM: a pod would not hear it.
    private static func withNothingBlocked(_ work: () throws -> Void) rethrows {
        var none = sigset_t(), before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try work()
    }

    static let searchPath = "/usr/sbin:/usr/bin:/sbin:/bin"

    /// What it has written so far.
    var text: String { (try? String(decoding: Data(contentsOf: output), as: UTF8.self)) ?? "" }

    /// Writes to its standard input; a process that has ended ignores it.
    func write(_ text: String) { try? input.write(contentsOf: Data(text.utf8)) }

    /// Closes its standard input.
    func closeInput() { try? input.close() }

    /// Waits until it has ended; false when that took longer than `seconds`.
    func wait(seconds: Double) -> Bool {
        guard ended.wait(timeout: .now() + seconds) == .success else { return false }
        ended.signal()
        return true
    }

    /// The exit code; 128 and the signal's number when a signal ended it. Only after `wait` said true.
    var status: Int32 { process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus }

    /// Ends it at once.
    func kill() {
        if !wait(seconds: 0) { Glibc.kill(pid, SIGKILL) }
        _ = wait(seconds: 5)
    }
}

/// A command that runs to its end.
struct Command {
    /// What became of a command.
    struct Result {
        var status: Int32
        var output: String
    }

    /// Runs to the end, at most `seconds` long.
    static func run(_ arguments: [String], input: String = "", seconds: Double = 10) throws(DemoError) -> Result {
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("saker-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        let child = try ChildProcess(arguments, output: output)
        child.write(input)
        child.closeInput()
        guard child.wait(seconds: seconds) else {
            child.kill()
            throw DemoError(code: .command, message: "\(arguments.joined(separator: " ")) had not ended after \(seconds) s")
        }
        return Result(status: child.status, output: child.text)
    }

    /// Runs to the end and expects success.
    static func check(_ arguments: [String], input: String = "") throws(DemoError) {
        let result = try run(arguments, input: input)
        guard result.status == 0 else {
            let said = result.output.trimmingCharacters(in: .whitespacesAndNewlines)
            throw DemoError(code: .command, message: "\(arguments.joined(separator: " ")) ended with \(result.status): \(said)")
        }
    }
}
