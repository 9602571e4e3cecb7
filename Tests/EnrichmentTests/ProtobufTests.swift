// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Enrichment

@Suite("Protobuf's wire format")
struct ProtobufTests {
    private func message(_ bytes: [UInt8]) throws -> ProtobufMessage { try ProtobufMessage(bytes[...]) }

    @Test("Numbers, texts, messages and maps are read by field number; what is not known is passed over")
    func read() throws {
        // protoc's own example: field 1 is 150, field 2 "testing"; then a message in 3, a map entry in 12, and fields of fixed width.
        var bytes: [UInt8] = [0x08, 0x96, 0x01, 0x12, 0x07] + Array("testing".utf8)
        bytes += [0x1a, 0x03, 0x08, 0x96, 0x01]
        bytes += [0x62, 0x06, 0x0a, 0x01, 0x61, 0x12, 0x01, 0x62]
        bytes += [0x21, 1, 2, 3, 4, 5, 6, 7, 8, 0x2d, 1, 2, 3, 4]
        let read = try message(bytes)
        #expect(read.number(1) == 150)
        #expect(read.text(2) == "testing")
        #expect(try read.message(3).number(1) == 150)
        #expect(try read.map(12) == ["a": "b"])
        #expect(read.number(4) == 0 && read.text(9).isEmpty && !read.has(9))
    }

    @Test("Of a field that comes twice the last counts, and a list keeps its order")
    func repeated() throws {
        let read = try message([0x08, 1, 0x08, 2, 0x12, 2, 0x08, 7, 0x12, 2, 0x08, 8])
        #expect(read.number(1) == 2)
        #expect(try read.messages(2).map { $0.number(1) } == [7, 8])
    }

    @Test(
        "What is cut off, too long or of an unknown type is refused",
        arguments: [
            [0x08], [0x08, 0x80], [0x12, 0x05, 0x61], [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0x0b],
            [0x00, 0x01],
            [0x09, 1, 2], [0x0d, 1], [UInt8](repeating: 0x80, count: 12),
        ] as [[UInt8]])
    func refused(bytes: [UInt8]) {
        #expect(throws: ProtobufMessage.Malformed.self) { try message(bytes) }
    }

    @Test("No bytes whatever crash the reader")
    func random() {
        var state: UInt64 = 7
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            state = state &* 6_364_136_223_846_793_005 &+ 1
            for _ in 0..<Int(state >> 59) {
                state = state &* 6_364_136_223_846_793_005 &+ 1
                bytes.append(UInt8(truncatingIfNeeded: state >> 33))
            }
            guard let read = try? message(bytes) else { continue }
            _ = (try? read.messages(1), try? read.map(2), read.text(3), read.number(4))
        }
    }

    @Test("More fields than any honest answer has are refused")
    func tooMany() {
        let bytes = [UInt8](repeating: 0x08, count: 2 * (ProtobufMessage.fieldLimit + 1))
        #expect(throws: ProtobufMessage.Malformed(problem: "more than 65536 fields")) { try message(bytes) }
    }

    @Test("What is written is what python's protobuf writes")
    func write() {
        // ContainerStatusRequest(container_id="abc", verbose=True).SerializeToString()
        var request = ProtobufWriter()
        request.add(1, "abc")
        request.add(2, 1)
        #expect(request.bytes == [0x0a, 0x03, 0x61, 0x62, 0x63, 0x10, 0x01])
        var outer = ProtobufWriter()
        outer.add(1, "")
        outer.add(2, 0)
        outer.add(3, 300)
        outer.add(16, request)
        #expect(outer.bytes == [0x18, 0xac, 0x02, 0x82, 0x01, 0x07] + request.bytes)
    }

    @Test("A frame holds one message of the announced length that is not compressed")
    func frame() throws {
        #expect(GRPCFrame.bytes(of: [1, 2, 3]) == [0, 0, 0, 0, 3, 1, 2, 3])
        #expect(try Array(GRPCFrame.message(in: [0, 0, 0, 0, 3, 1, 2, 3])) == [1, 2, 3])
        for bytes in [[], [0, 0, 0, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 2, 1], [0, 0, 0, 0, 1, 1, 1]] as [[UInt8]] {
            #expect(throws: ProtobufMessage.Malformed.self) { try GRPCFrame.message(in: bytes) }
        }
    }
}
