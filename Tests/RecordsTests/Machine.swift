// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// A small file system of the test's own on a folder of the test's own, gone when the test is.
final class SmallDisk {
    private let folder: String

    /// Mounts it; nil when this process may not mount. With SAKER_REQUIRE_ALL=1 that fails the test.
    init?(on folder: String, mebibytes: Int) {
        self.folder = folder
        guard mount("tmpfs", folder, "tmpfs", 0, "size=\(mebibytes)m") == 0 else {
            unavailable("mounting a small file system: \(String(cString: strerror(errno)))")
            return nil
        }
    }

    deinit { umount2(folder, Int32(MNT_DETACH)) }

    func makeReadOnly() { #expect(mount("tmpfs", folder, nil, UInt(MS_REMOUNT | MS_RDONLY), nil) == 0) }

    /// Takes all the room that is left.
    func fill(_ path: String) {
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        let block = [UInt8](repeating: 1, count: 4_096)
        while write(file, block, block.count) == block.count {}
        #expect(errno == ENOSPC)
        close(file)
    }
}

/// Says why a test does not run here; fails it where everything must run.
func unavailable(_ why: String) {
    if ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1" {
        Issue.record("not possible here, and SAKER_REQUIRE_ALL=1 asks for it: \(why)")
    } else {
        print("skipped: \(why)")
    }
}

/// strace on this very process: which syscalls come between two marks. Every thread is slowed down, so it is for exit tests.
final class SyscallTracer {
    private let process = Process()
    private let log: String

    /// Nil when this machine refuses ptrace or has no strace; with SAKER_REQUIRE_ALL=1 that fails the test.
    init?(log: String) throws {
        self.log = log
        process.executableURL = URL(fileURLWithPath: "/usr/bin/strace")
        process.arguments = ["-f", "-y", "-e", "trace=fdatasync,fsync,write", "-s", "40", "-o", log, "-p", String(getpid())]
        process.standardError = FileHandle.nullDevice
        let isThere = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")
        if isThere { try process.run() }
        let deadline = Date(timeIntervalSinceNow: 10)
        while isThere, process.isRunning, Date() < deadline {
            mark("hello")
            if try lines().contains(where: { $0.contains("hello") }) { return }
            usleep(20_000)
        }
        unavailable("strace cannot attach to this process")
        return nil
    }

    /// Leaves a line in the trace.
    func mark(_ text: String) {
        let sink = open("/dev/null", O_WRONLY | O_CLOEXEC)
        _ = text.withCString { write(sink, $0, strlen($0)) }
        close(sink)
    }

    /// Lets go of this process and returns the trace.
    func finish() throws -> [String] {
        let all = try lines()
        process.terminate()
        let deadline = Date(timeIntervalSinceNow: 5)
        while process.isRunning, Date() < deadline { usleep(10_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        return all
    }

    private func lines() throws -> [String] {
        guard let text = FileManager.default.contents(atPath: log) else { return [] }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
