// SPDX-License-Identifier: Apache-2.0

internal import Capture
public import EventModel
internal import Foundation
internal import Glibc

/// Writes wire records into a recording, block by block (`RecordingBlock`).
///
/// Whoever records writes the snapshot's records first, so that a replay knows the processes. Used by one thread.
public struct RecordingWriter: ~Copyable {
    /// How many records were given so far.
    public private(set) var count: UInt64 = 0

    private let file: UnsafeMutablePointer<FILE>
    private let path: String
    private let packer: BlockPacker
    private var content: [UInt8] = []
    private var block: [UInt8] = []
    // When the first record of the block was made, in nanoseconds since boot.
    private var began: UInt64 = 0

    // What is lost at most when the recorder is killed.
    private static let blockNanoseconds: UInt64 = 1_000_000_000

    /// Makes the file, readable by its owner only. Throws when it exists: a recording is never overwritten.
    public init(path: String, header: RecordingHeader) throws(RecordingError) {
        // All that can fail comes before the first property is set: a struct with a deinit cannot be given up half made.
        guard let packer = BlockPacker() else { throw RecordingError(.cannotWrite, "There is no memory to pack a recording in.") }
        file = try Self.made(path, header.bytes)
        self.packer = packer
        self.path = path
        content.reserveCapacity(RecordingBlock.contentLimit)
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

    /// Adds one record. Throws when it cannot be written, as on a full disk; the file then ends with a cut block.
    public mutating func append(_ record: UnsafeRawBufferPointer) throws(RecordingError) {
        precondition(record.count <= RecordingBlock.recordLimit, "a wire record has at most eight parts of 64 KiB")
        let time = WireDecoder.bootTime(of: record)
        if content.isEmpty { began = time }
        RecordingBlock.append(record, to: &content)
        count += 1
        if content.count >= RecordingBlock.target || time > began &+ Self.blockNanoseconds { try flush() }
    }

    /// Adds what is known beside records; it may come before or after the records that it is about. Throws when it cannot be written.
    public mutating func append(_ knowledge: RecordedKnowledge) throws(RecordingError) {
        guard let content = try? [UInt8](JSONEncoder().encode(knowledge)), content.count <= RecordingBlock.knowledgeLimit else {
            throw RecordingError(.cannotWrite, "What is known of containers and users does not fit into the recording \(path).")
        }
        packer.pack(content, mark: RecordingBlock.knowledgeMark, into: &block)
        guard fwrite(block, 1, block.count, file) == block.count, fflush(file) == 0 else { throw failure() }
    }

    /// Closes the block that was begun, and hands the kernel all that was added so far.
    public mutating func flush() throws(RecordingError) {
        if !content.isEmpty {
            packer.pack(content, into: &block)
            guard fwrite(block, 1, block.count, file) == block.count else { throw failure() }
            content.removeAll(keepingCapacity: true)
        }
        guard fflush(file) == 0 else { throw failure() }
    }

    /// Writes the end mark, without which a reader says that the recording was cut, and has the disk keep it all.
    public mutating func finish() throws(RecordingError) {
        try flush()
        let mark = [UInt8](repeating: 0, count: RecordingBlock.headLength) + RecordingHeader.bytes(of: count)
        guard fwrite(mark, 1, mark.count, file) == mark.count, fflush(file) == 0, fsync(fileno(file)) == 0 else { throw failure() }
    }

    private func failure() -> RecordingError {
        let reason = errno
        return RecordingError(
            .cannotWrite,
            "The recording \(path) cannot be written: \(String(cString: strerror(reason))). Its first \(count) records stand.",
            errno: reason)
    }
}
