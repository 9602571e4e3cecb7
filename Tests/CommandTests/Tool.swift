// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Programs of others that tests ask, found in PATH; `scripts/setup-tests` installs them.
enum Tool {
    /// Whether the program is there; with SAKER_REQUIRE_ALL=1 a test must not be skipped for want of it.
    static func isThere(_ name: String) -> Bool {
        ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1" || path.contains { access("\($0)/\(name)", X_OK) == 0 }
    }

    /// Runs it in the repository's root, for at most so many seconds; output and errors are one text.
    static func run(_ arguments: String..., within seconds: Int = 60) throws -> (code: Int32, text: String) {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = [String(seconds)] + arguments
        process.currentDirectoryURL = ConfigurationTests.root
        // kubectl keeps what it discovered below HOME.
        process.environment = ["PATH": path.joined(separator: ":"), "HOME": FileManager.default.temporaryDirectory.path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    private static let path = [ConfigurationTests.root.appending(path: ".build-tools/path").path, "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
}
