// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What a child process left behind.
struct CommandResult: Sendable {
    var status: Int32
    var output: String
    var errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// What `timeout` exits with when it had to end its command.
let timedOut: Int32 = 124

/// A child process with a time limit, its output in files so that no pipe can fill up.
struct Command: Sendable {
    var arguments: [String]
    var environment: [String: String] = [:]
    var input: String?

    init(_ arguments: String..., environment: [String: String] = [:], input: String? = nil) {
        self.arguments = arguments
        self.environment = environment
        self.input = input
    }

    init(_ arguments: [String], environment: [String: String] = [:], input: String? = nil) {
        self.arguments = arguments
        self.environment = environment
        self.input = input
    }

    func run(within seconds: Int = 60) async throws -> CommandResult {
        let folder = try Scratch.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (output, errors, source) = (folder.appending(path: "out"), folder.appending(path: "err"), folder.appending(path: "in"))
        for file in [output, errors] { try Data().write(to: file) }
        try Data((input ?? "").utf8).write(to: source)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = [String(seconds)] + arguments
        process.environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"].merging(environment) { $1 }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        process.standardInput = try FileHandle(forReadingFrom: source)
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return CommandResult(
            status: status, output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }
}

/// Folders for one test each.
enum Scratch {
    static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "saker-kubesim-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        return folder
    }
}

/// Whether tests without their tool must fail instead of being skipped.
let everythingIsRequired = ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1"

/// Looks until the condition holds; false when it did not within the time.
func eventually(within seconds: Double = 20, _ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return false
}
