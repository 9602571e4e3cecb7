// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc

/// The files of a spool: segments that are only appended to, and gone once nothing in them waits. Used by the spool's thread alone.
struct SpoolFolder: ~Copyable {
    /// Where a record's payload lies.
    struct Place: Hashable {
        var segment: UInt64
        var offset: Int
        var count: Int
    }

    private struct Segment {
        var bytes = 0
        var waiting = 0
    }

    private let path: String
    private let segmentBytes: Int
    private var lock: Int32
    private var segments: [UInt64: Segment] = [:]
    private var current: (id: UInt64, descriptor: Int32)?
    private var nextID: UInt64 = 1
    private var isDirty = false

    /// Makes the folder (0700) where it is missing, and holds it alone.
    init(_ path: String, segmentBytes: Int) throws(DeliveryError) {
        self.path = path
        self.segmentBytes = segmentBytes
        try? FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        lock = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw Self.error("cannot be opened", path, errno) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            Glibc.close(lock)
            throw DeliveryError(
                .cannotOpen, "The spool \(path) is held by another saker detect: stop it, or give this one another detect.spool.",
                errno: reason)
        }
    }

    deinit {
        if let current { Glibc.close(current.descriptor) }
        if lock >= 0 { Glibc.close(lock) }
    }

    /// Lets go of the folder; nothing may be appended afterwards.
    mutating func close() {
        if let current { Glibc.close(current.descriptor) }
        if lock >= 0 { Glibc.close(lock) }
        (current, lock) = (nil, -1)
    }

    /// The bytes of all files.
    var bytes: Int { segments.values.reduce(0) { $0 + $1.bytes } }

    /// Reads what an earlier run left, oldest first; `found` says whether the record waits. What a crash tore off is cut, and said.
    mutating func recover(_ found: (Place, [UInt8]) -> Bool, log: (String) -> Void) throws(DeliveryError) -> (damaged: Int, bytes: Int) {
        var damaged = 0
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] where name.hasSuffix(".spool") {
            guard let id = UInt64(name.dropLast(6), radix: 16) else { continue }
            guard let data = FileManager.default.contents(atPath: path + "/" + name) else {
                throw Self.error("cannot be read (\(name))", path, EIO)
            }
            let content = [UInt8](data)
            let scan = SpoolRecord.scan(content)
            if let torn = scan.tornAt {
                log("the spool's file \(name) ends within a record; cut \(content.count - torn) bytes at \(torn)")
                truncate(path + "/" + name, off_t(torn))
            }
            if let gap = scan.gaps.first {
                let bytes = scan.gaps.reduce(0) { $0 + $1.count }
                let place = "the spool's file \(name) is damaged from byte \(gap.lowerBound) on"
                log("\(place), \(bytes) bytes: \(scan.damaged) alerts in it are lost")
            }
            damaged += scan.damaged
            nextID = max(nextID, id + 1)
            segments[id] = Segment(bytes: scan.tornAt ?? content.count)
            for range in scan.payloads {
                let place = Place(segment: id, offset: range.lowerBound, count: range.count)
                if found(place, Array(content[range])) { segments[id]?.waiting += 1 } else { damaged += 1 }
            }
            _ = removeIfDone(id)
        }
        return (damaged, bytes)
    }

    /// Appends a record. Throws an errno, and then nothing of it is in the file.
    mutating func append(_ payload: [UInt8]) throws(Errno) -> Place {
        let record = SpoolRecord.framed(payload)
        let (id, descriptor) = try writable(record.count)
        let start = segments[id]?.bytes ?? 0
        var done = 0
        while done < record.count {
            let written = record.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + done, $0.count - done) }
            if written < 0, errno != EINTR {
                let reason = errno
                ftruncate(descriptor, off_t(start))
                throw Errno(number: reason)
            }
            done += max(0, written)
        }
        isDirty = true
        segments[id]?.bytes += record.count
        segments[id]?.waiting += 1
        return Place(segment: id, offset: start + SpoolRecord.headerBytes, count: payload.count)
    }

    /// Puts on the disk what was appended. Throws an errno when that fails.
    mutating func sync() throws(Errno) {
        guard isDirty, let current else { return }
        guard fdatasync(current.descriptor) == 0 else { throw Errno(number: errno) }
        isDirty = false
    }

    /// A payload; nil when it cannot be read.
    func read(_ place: Place) -> [UInt8]? {
        let descriptor = open(file(place.segment), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { Glibc.close(descriptor) }
        var payload = [UInt8](repeating: 0, count: place.count)
        let count = payload.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(place.offset)) }
        return count == place.count ? payload : nil
    }

    /// The record waits no more. Returns how many bytes became free: those of its file, when it was the last one there.
    mutating func settle(_ place: Place) -> Int {
        segments[place.segment]?.waiting -= 1
        return removeIfDone(place.segment)
    }

    private mutating func removeIfDone(_ id: UInt64) -> Int {
        guard let segment = segments[id], segment.waiting <= 0 else { return 0 }
        if let current, current.id == id {
            Glibc.close(current.descriptor)
            self.current = nil
        }
        unlink(file(id))
        segments[id] = nil
        return segment.bytes
    }

    private mutating func writable(_ count: Int) throws(Errno) -> (id: UInt64, descriptor: Int32) {
        if let current, (segments[current.id]?.bytes ?? 0) + count <= segmentBytes { return current }
        try sync()
        let id = nextID
        let descriptor = open(file(id), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Errno(number: errno) }
        if let current { Glibc.close(current.descriptor) }
        nextID += 1
        current = (id, descriptor)
        segments[id] = Segment()
        syncFolder()
        return (id, descriptor)
    }

    // Without this the file's name itself may be gone after a power cut.
    private func syncFolder() {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        Glibc.close(folder)
    }

    private func file(_ id: UInt64) -> String {
        let digits = String(id, radix: 16)
        return path + "/" + String(repeating: "0", count: max(0, 16 - digits.count)) + digits + ".spool"
    }

    private static func error(_ what: String, _ path: String, _ reason: Int32) -> DeliveryError {
        DeliveryError(.cannotOpen, "The spool \(path) \(what): \(String(cString: strerror(reason))).", errno: reason)
    }
}

/// The errno of a failed call.
struct Errno: Error, CustomStringConvertible {
    let number: Int32

    var description: String { String(cString: strerror(number)) }
}
