// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Writes wire records into a recording: each as its length (4 bytes), its checksum (4 bytes) and itself.
///
/// Whoever records writes the snapshot's records first, so that a replay knows the processes. Used by one thread.
public struct RecordingWriter: ~Copyable {
    /// How many records were given so far.
    public private(set) var count: UInt64 = 0

    private let file: UnsafeMutablePointer<FILE>
    private let path: String
    private var unflushed = 0

    // What is lost at most when the machine stops between two flushes that the caller asks for.
    private static let flushLimit = 1 << 20

    /// Makes the file, readable by its owner only. Throws when it exists: a recording is never overwritten.
    public init(path: String, header: RecordingHeader) throws(RecordingError) {
        // All that can fail comes before the first property is set: a struct with a deinit cannot be given up half made.
        file = try Self.made(path, header.bytes)
        self.path = path
    }

    private static func made(_ path: String, _ header: [UInt8]) throws(RecordingError) -> UnsafeMutablePointer<FILE> {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        let reason = errno
        guard descriptor >= 0, let file = fdopen(descriptor, "w") else {
            if descriptor >= 0 { close(descriptor) }
            let advice = reason == EEXIST ? "it exists; remove it or name another" : String(cString: strerror(reason))
            throw RecordingError(.cannotOpen, "The recording \(path) cannot be made: \(advice).", errno: reason)
        }
        guard fwrite(header, 1, header.count, file) == header.count, fflush(file) == 0 else {
            let reason = errno
            fclose(file)
            throw RecordingError(
                .cannotWrite, "The recording \(path) cannot be written: \(String(cString: strerror(reason))).", errno: reason)
        }
        return file
    }

    deinit { fclose(file) }

    /// Adds one record. Throws when it cannot be written, as on a full disk; the file then ends with a cut record.
    public mutating func append(_ record: UnsafeRawBufferPointer) throws(RecordingError) {
        let frame = RecordingHeader.bytes(of: UInt32(record.count)) + RecordingHeader.bytes(of: RecordingChecksum.of(record))
        guard write(frame), write(record) else { throw failure() }
        count += 1
        unflushed += 8 + record.count
        if unflushed >= Self.flushLimit { try flush() }
    }

    /// Hands what was added so far to the kernel.
    public mutating func flush() throws(RecordingError) {
        guard fflush(file) == 0 else { throw failure() }
        unflushed = 0
    }

    /// Writes the end mark, without which a reader says that the recording was cut, and has the disk keep it all.
    public mutating func finish() throws(RecordingError) {
        guard write([UInt8](repeating: 0, count: 8) + RecordingHeader.bytes(of: count)) else { throw failure() }
        try flush()
        guard fsync(fileno(file)) == 0 else { throw failure() }
    }

    private func write(_ bytes: [UInt8]) -> Bool { fwrite(bytes, 1, bytes.count, file) == bytes.count }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.isEmpty || fwrite(bytes.baseAddress!, 1, bytes.count, file) == bytes.count
    }

    private func failure() -> RecordingError {
        let reason = errno
        return RecordingError(
            .cannotWrite,
            "The recording \(path) cannot be written: \(String(cString: strerror(reason))). Its first \(count) records stand.",
            errno: reason)
    }
}
