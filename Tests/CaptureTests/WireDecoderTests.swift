// SPDX-License-Identifier: Apache-2.0
import CProbe
import EventModel
import Testing

@testable import Capture

@Suite("Wire records")
struct WireDecoderTests {
    static func code(_ bytes: [UInt8]) -> WireError.Code? {
        bytes.withUnsafeBytes { record in
            var decoder = WireDecoder(wallClockOffset: 0)
            switch decoder.decode(record) {
            case .success: return nil
            case .failure(let error): return error.code
            }
        }
    }

    @Test("What rules may ask of environments is what fits the probe's table")
    func environmentLimit() {
        #expect(EnvironmentLimit.names == Int(SAKER_NAME_COUNT) && EnvironmentLimit.nameBytes == Int(SAKER_NAME_MAX) - 1)
    }

    @Test("A record of each kind comes back with what was put in")
    func allKinds() throws {
        for kind in EventKind.allCases {
            let record = SampleRecord.bytes(kind)
            try record.withUnsafeBytes { bytes in
                var decoder = WireDecoder(wallClockOffset: 1_000)
                let event = try decoder.decode(bytes).get()
                #expect(event.kind == kind && event.number == 1 && event.result == -2)
                #expect(event.bootTime == 77 && event.time.nanoseconds == 1_077)
                #expect(event.caller.comm.string == "sample" && event.caller.pid == 11 && event.caller.vpgid == 16)
                #expect(event.caller.capPermitted == 24 && event.caller.cgroupV1 == 27)
                #expect(Self.texts(event.detail) == SampleRecord.blobs(kind).map { String(decoding: $0, as: UTF8.self) })
            }
        }
    }

    static func texts(_ detail: Event.Detail) -> [String] {
        let views: [ByteView] =
            switch detail {
            case .exec(let image), .snapshot(let image):
                [
                    image.rawPath, image.exePath, image.argv, image.environment, image.cwd, image.cgroupPathV2, image.cgroupPathV1,
                ]
            case .fork(let fork): [fork.cgroupPathV2, fork.cgroupPathV1]
            case .exit: []
            case .open(let open): [open.rawPath, open.path, open.folder, open.entry]
            case .connect(let connect): [connect.unixPath]
            case .call(let call):
                [call.text, call.secondText, call.thirdText, call.descriptor, call.secondDescriptor, call.data, call.entry]
            }
        return views.map(\.string)
    }

    @Test("A record that is cut anywhere is refused")
    func truncated() {
        for kind in EventKind.allCases {
            let record = SampleRecord.bytes(kind)
            for length in 0..<record.count {
                let code = Self.code(Array(record[..<length]))
                #expect(code == (length < Int(SAKER_RECORD_HEADER) ? .tooShort : .wrongLength))
            }
        }
    }

    @Test("A record of another version is refused by name, however short it is")
    func version() {
        var record = SampleRecord.bytes(.execve)
        record[0] = UInt8(WireDecoder.version) + 1
        #expect(Self.code(record) == .unknownVersion)
        #expect(Self.code(Array(record[..<8])) == .unknownVersion)
        record[0] = UInt8(WireDecoder.readableVersions.lowerBound) - 1
        #expect(Self.code(record) == .unknownVersion)
    }

    @Test("Records of earlier versions that lack nothing but what was added since are read")
    func earlierVersions() {
        var record = SampleRecord.bytes(.execve)
        for version in WireDecoder.readableVersions {
            record[0] = UInt8(version)
            #expect(Self.code(record) == nil)
        }
    }

    @Test("Unknown kinds and parts that do not add up are refused")
    func inconsistent() {
        for kind in [0, UInt8(SAKER_KIND_COUNT.rawValue), 255] {
            var record = SampleRecord.bytes(.open)
            record[2] = kind
            #expect(Self.code(record) == .unknownKind)
        }
        var longer = SampleRecord.bytes(.open)
        longer[128] += 1
        #expect(Self.code(longer) == .wrongParts)
        // An end has no parts: a record with some is of another layout.
        var foreign = SampleRecord.bytes(.connect)
        foreign[2] = EventKind.procexit.rawValue
        #expect(Self.code(foreign) == .wrongParts)
    }

    @Test("No change of bytes makes the decoder read beyond a record")
    func mutations() {
        var random = SplitMix64(state: 20_261_122)
        var accepted = 0
        for round in 0..<20_000 {
            var record = SampleRecord.bytes(EventKind.allCases[round % EventKind.allCases.count])
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                record[Int.random(in: 0..<record.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            // Into memory of exactly that size, so that a tool such as valgrind or the address sanitizer sees a step too far.
            let exact = UnsafeMutableRawBufferPointer.allocate(byteCount: record.count, alignment: 1)
            defer { exact.deallocate() }
            exact.copyBytes(from: record)
            var decoder = WireDecoder(wallClockOffset: Int64.random(in: .min ... .max, using: &random))
            guard case .success(let event) = decoder.decode(UnsafeRawBufferPointer(exact)) else { continue }
            accepted += 1
            #expect(Self.texts(event.detail).reduce(0) { $0 + $1.utf8.count } >= 0)
        }
        #expect(accepted > 1_000 && accepted < 20_000)
    }

    @Test("Both sides count the same kinds")
    func kindCount() {
        #expect(EventKind.allCases.map(\.rawValue).sorted() == Array(1..<UInt8(SAKER_KIND_COUNT.rawValue)))
        #expect(EventKind.recvmsg.rawValue == UInt8(SAKER_RECVMSG.rawValue) && EventKind.unlink.rawValue == UInt8(SAKER_UNLINK.rawValue))
    }

    @Test("A descriptor's bytes are read as the kernel side lays them out, and written the same")
    func descriptor() throws {
        var fixed = saker_descriptor()
        fixed.socket.descriptor = 7
        (fixed.socket.family, fixed.socket.type, fixed.socket.`protocol`) = (2, 1, 6)
        (fixed.socket.local_port, fixed.socket.remote_port, fixed.socket.remote_family) = (4000, 443, 2)
        withUnsafeMutableBytes(of: &fixed.socket.local) { $0.copyBytes(from: [127, 0, 0, 1]) }
        withUnsafeMutableBytes(of: &fixed.socket.remote) { $0.copyBytes(from: [10, 1, 2, 3]) }
        (fixed.file_type, fixed.device, fixed.inode, fixed.filesystem) = (0o140000, 5, 6, 8)
        let bytes = withUnsafeBytes(of: fixed) { Array($0) }
        try bytes.withUnsafeBytes { raw in
            let read = try #require(Event.Descriptor(ByteView(raw)))
            #expect(read.number == 7 && read.localPort == 4000 && read.remotePort == 443 && read.ipProtocol == 6)
            #expect(read.local?.description == "127.0.0.1" && read.remote?.description == "10.1.2.3")
            #expect(read.device == 5 && read.inode == 6 && read.filesystem == 8 && read.isSocket)
            #expect(read.bytes == bytes)
            #expect(Event.Descriptor(ByteView(UnsafeRawBufferPointer(rebasing: raw[..<71]))) == nil)
        }
    }

    @Test("A mapped IPv4 peer of an IPv6 socket is told as IPv4")
    func mappedPeer() throws {
        var fixed = SampleRecord.fixed(.connect)
        fixed.detail.connect.family = 10
        fixed.detail.connect.remote_family = 10
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3]
        withUnsafeMutableBytes(of: &fixed.detail.connect.remote) { $0.copyBytes(from: mapped) }
        try WireRecord.bytes(fixed, blobs: [[]]).withUnsafeBytes { bytes in
            var decoder = WireDecoder(wallClockOffset: 0)
            guard case .connect(let connect) = try decoder.decode(bytes).get().detail else {
                Issue.record("no connect")
                return
            }
            #expect(connect.family == 2 && connect.remote?.description == "10.1.2.3")
        }
    }
}

/// Records with a different value in each field.
enum SampleRecord {
    static func fixed(_ kind: EventKind) -> saker_record {
        var fixed = saker_record()
        fixed.kind = kind.rawValue
        fixed.boot_ns = 77
        fixed.result = -2
        (fixed.pid, fixed.tid, fixed.ppid, fixed.vpid, fixed.session, fixed.vpgid) = (11, 12, 13, 14, 15, 16)
        (fixed.uid, fixed.gid, fixed.euid, fixed.egid, fixed.loginuid, fixed.tty) = (17, 18, 19, 20, 21, 22)
        (fixed.cap_effective, fixed.cap_permitted, fixed.start_ns, fixed.cgroup_v2, fixed.cgroup_v1) = (23, 24, 25, 26, 27)
        withUnsafeMutableBytes(of: &fixed.comm) { $0.copyBytes(from: Array("sample".utf8)) }
        return fixed
    }

    static func blobs(_ kind: EventKind) -> [[UInt8]] {
        (0..<kind.blobCount).map { Array(repeating: UInt8(ascii: "a") + UInt8($0), count: 3 + $0 * 2) }
    }

    static func bytes(_ kind: EventKind) -> [UInt8] { WireRecord.bytes(fixed(kind), blobs: blobs(kind)) }
}

/// Sebastiano Vigna's SplitMix64: the same numbers in every run.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
