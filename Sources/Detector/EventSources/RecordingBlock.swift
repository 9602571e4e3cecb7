// SPDX-License-Identifier: Apache-2.0

internal import CZstd

/// What records are kept in: a block is the length of its content (4 bytes), of the frame (4), and a frame of zstd, which carries a
/// checksum of the content. The content is records back to back, each behind its length (4 bytes); where the highest bit of the block's
/// length is set, it is a `RecordedKnowledge` as JSON instead, which may stand anywhere.
public enum RecordingBlock {
    /// A block is closed when it has so much; then what a killed recorder loses is small, and a frame has enough to learn from.
    static let target = 256 << 10
    /// No record is longer: it has at most eight parts of 64 KiB.
    static let recordLimit = 1 << 20
    /// No content is longer.
    static let contentLimit = target + recordLimit + 4
    /// Marks, in a content's length, that it is knowledge.
    static let knowledgeMark: UInt32 = 1 << 31
    /// No knowledge is longer: a passwd file has at most 1 MiB, a runtime's answer 4 MiB.
    static let knowledgeLimit = 16 << 20
    /// Both lengths.
    static let headLength = 8

    /// No frame of a content so long is longer.
    static func frameLimit(_ length: Int) -> Int { ZSTD_compressBound(length) }

    /// Adds a record to a content.
    @inlinable public static func append(_ record: UnsafeRawBufferPointer, to content: inout [UInt8]) {
        withUnsafeBytes(of: UInt32(record.count).littleEndian) { content.append(contentsOf: $0) }
        content.append(contentsOf: record)
    }

    /// Where the record is that begins, with its length, at a place of a content; nil when it does not end within it.
    @inline(__always)
    static func record(at place: Int, in content: UnsafeRawBufferPointer) -> Range<Int>? {
        guard place + 4 <= content.count else { return nil }
        let start = place + 4, count = Int(UInt32(littleEndian: content.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
        return count <= content.count - start ? start..<start + count : nil
    }
}

/// What stands before a frame.
struct BlockLengths {
    let content: Int
    let packed: Int
    let isKnowledge: Bool

    init(_ head: [UInt8]) {
        let number = RecordingHeader.number(head, at: 0, as: UInt32.self)
        isKnowledge = number & RecordingBlock.knowledgeMark != 0
        content = Int(number & ~RecordingBlock.knowledgeMark)
        packed = Int(RecordingHeader.number(head, at: 4, as: UInt32.self))
    }

    /// True for the end mark.
    var areZero: Bool { content == 0 && packed == 0 && !isKnowledge }

    /// True when a block can be so long.
    var areSound: Bool {
        let limit = isKnowledge ? RecordingBlock.knowledgeLimit : RecordingBlock.contentLimit
        return (1...limit).contains(content) && (1...RecordingBlock.frameLimit(limit)).contains(packed)
    }
}

/// Makes frames; owned by one writer.
struct BlockPacker: ~Copyable {
    private let context: OpaquePointer

    // Level 1 packs the records of a live mix into a twelfth, at 400 MB/s a core (zstd -b1 -B256KB on what bench/match records).
    private static let level: Int32 = 1

    init?() {
        guard let context = ZSTD_createCCtx() else { return nil }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.level)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit { ZSTD_freeCCtx(context) }

    /// The whole block of a content, into `bytes`.
    func pack(_ content: [UInt8], mark: UInt32 = 0, into bytes: inout [UInt8]) {
        let bound = RecordingBlock.headLength + ZSTD_compressBound(content.count)
        if bytes.count < bound { bytes = [UInt8](repeating: 0, count: bound) }
        let length = bytes.withUnsafeMutableBytes { bytes in
            ZSTD_compress2(
                context, bytes.baseAddress! + RecordingBlock.headLength, bytes.count - RecordingBlock.headLength, content, content.count)
        }
        precondition(ZSTD_isError(length) == 0, "a frame within its bound can only fail for want of memory")
        bytes.replaceSubrange(0..<4, with: RecordingHeader.bytes(of: UInt32(content.count) | mark))
        bytes.replaceSubrange(4..<8, with: RecordingHeader.bytes(of: UInt32(length)))
        bytes.removeLast(bytes.count - RecordingBlock.headLength - length)
    }
}

/// Opens frames; owned by one reader.
struct BlockOpener: ~Copyable {
    private let context: OpaquePointer

    init?() {
        guard let context = ZSTD_createDCtx() else { return nil }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Puts the content of a frame into `content`; false when it is not whole, not what was written, or of another length.
    func open(_ frame: [UInt8], of length: Int, into content: inout [UInt8]) -> Bool {
        if content.count < length { content = [UInt8](repeating: 0, count: length) }
        return content.withUnsafeMutableBytes { content in
            ZSTD_decompressDCtx(context, content.baseAddress, length, frame, frame.count) == length
        }
    }
}
