// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Files of /proc and /sys: small, made at the moment they are read, and gone when their process is.
enum ProcFile {
    /// The content, up to `limit` bytes; nil when the file is not there or may not be read.
    static func read(_ path: String, limit: Int = 1 << 16) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return readAll(file, limit: limit)
    }

    /// What is left of an open file, up to `limit` bytes; nil when it may not be read.
    static func readAll(_ file: Int32, limit: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        var length = 0
        while length < limit {
            if length == bytes.count { bytes += [UInt8](repeating: 0, count: bytes.count) }
            let got = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress! + length, min($0.count, limit) - length) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { return nil }
            guard got > 0 else { break }
            length += got
        }
        return Array(bytes[..<length])
    }

    /// Where a link of /proc points; nil when it cannot be read.
    static func link(_ path: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let length = bytes.withUnsafeMutableBytes { readlink(path, $0.baseAddress!, $0.count) }
        return length < 0 ? nil : Array(bytes[..<length])
    }

    /// The process ids that are there now.
    static func processes() -> [Int32] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var found: [Int32] = []
        while let entry = readdir(folder) {
            let pid = withUnsafeBytes(of: &entry.pointee.d_name) { Int32(String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)) }
            if let pid { found.append(pid) }
        }
        return found
    }

    /// The calling thread's effective capabilities, which are what the kernel asks for; none when they cannot be read.
    static var effectiveCapabilities: UInt64 { StatusFile(read("/proc/thread-self/status") ?? []).hexadecimal("CapEff") }

    /// Whether a seccomp filter decides over the calling thread's system calls.
    static var isFiltered: Bool { StatusFile(read("/proc/thread-self/status") ?? []).words("Seccomp") == ["2"] }
}

/// `/proc/PID/status`: lines of a name, a colon, and words.
struct StatusFile {
    private let lines: [Substring]

    init(_ bytes: [UInt8]) { lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n") }

    /// The words behind a name; none when it is not there.
    func words(_ name: String) -> [Substring] {
        guard let line = lines.first(where: { $0.hasPrefix(name + ":") }) else { return [] }
        return line.dropFirst(name.count + 1).split { $0 == "\t" || $0 == " " }
    }

    func hexadecimal(_ name: String) -> UInt64 { words(name).first.flatMap { UInt64($0, radix: 16) } ?? 0 }
}
