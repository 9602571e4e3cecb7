// SPDX-License-Identifier: Apache-2.0
import Capture
import EventModel
import Glibc
import Testing

@Suite("The probe sees connections", .serialized, .enabled(if: requireLiveKernel(), "needs root and BTF"))
struct ProbeNetworkTests {
    /// What a test compares of a connect.
    struct Seen: Equatable {
        var family: Int32, type: UInt32, ipProtocol: Int
        var remote: String?, remotePort: UInt16
        var unixPath = ""
        var result: Int64 = 0
    }

    func seen(_ event: Event, on descriptor: Int32) -> Seen? {
        guard case .connect(let connect) = event.detail, connect.descriptor == descriptor else { return nil }
        return Seen(
            family: Int32(connect.family), type: UInt32(connect.socketType), ipProtocol: Int(connect.ipProtocol),
            remote: connect.remote?.description, remotePort: connect.remotePort, unixPath: connect.unixPath.string, result: event.result)
    }

    let stream = SOCK_STREAM.rawValue, datagram = SOCK_DGRAM.rawValue

    func connecting(_ socket: Int32, to address: TestAddress) throws -> (seen: Seen?, local: UInt16?) {
        let tap = try LiveTap([.connect]) { $0.caller.pid == getpid() }
        defer { tap.stop() }
        address.withPointer { _ = connect(socket, $0, $1) }
        let found = tap.first { event -> (Seen, UInt16)? in
            guard let seen = seen(event, on: socket), case .connect(let connect) = event.detail else { return nil }
            return (seen, connect.localPort)
        }
        return (found?.0, found?.1)
    }

    @Test("A connection over IPv4 or IPv6 is told with the socket's own tuple", arguments: [
        (TestAddress.v4(127, 0, 0, 1, port: 0), "127.0.0.1"), (.v6Loopback(port: 0), "::1"),
    ])
    func overIP(listenOn: TestAddress, remote: String) throws {
        let listener = socket(listenOn.family, Int32(stream), 0)
        listenOn.withPointer { _ = bind(listener, $0, $1) }
        listen(listener, 1)
        let address = TestAddress.bound(to: listener)
        let client = socket(listenOn.family, Int32(stream), 0)
        defer { [listener, client].forEach { close($0) } }
        let (seen, local) = try connecting(client, to: address)
        #expect(seen == Seen(family: listenOn.family, type: stream, ipProtocol: IPPROTO_TCP, remote: remote, remotePort: address.port))
        #expect(local == TestAddress.bound(to: client).port)
    }

    @Test("A refused connection is told with the address that was asked for")
    func refused() throws {
        let listener = socket(AF_INET, Int32(stream), 0)
        TestAddress.v4(127, 0, 0, 1, port: 0).withPointer { _ = bind(listener, $0, $1) }
        let address = TestAddress.bound(to: listener)
        close(listener)
        let client = socket(AF_INET, Int32(stream), 0)
        defer { close(client) }
        let seen = try connecting(client, to: address).seen
        #expect(
            seen
                == Seen(
                    family: AF_INET, type: stream, ipProtocol: IPPROTO_TCP, remote: "127.0.0.1", remotePort: address.port,
                    result: Int64(-ECONNREFUSED)))
    }

    @Test("A connected datagram socket and a mapped address are told as what they are")
    func datagramToMapped() throws {
        let client = socket(AF_INET6, Int32(datagram), 0)
        defer { close(client) }
        let seen = try connecting(client, to: .v6([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1], port: 53)).seen
        #expect(seen == Seen(family: AF_INET, type: datagram, ipProtocol: IPPROTO_UDP, remote: "127.0.0.1", remotePort: 53))
    }

    @Test("A UNIX socket is told by the name that its peer is bound to, whatever link led there")
    func unix() throws {
        let scratch = Scratch()
        let listener = socket(AF_UNIX, Int32(stream), 0)
        TestAddress.unix("\(scratch.path)/real").withPointer { _ = bind(listener, $0, $1) }
        listen(listener, 1)
        symlink("real", "\(scratch.path)/link")
        let client = socket(AF_UNIX, Int32(stream), 0)
        defer { [listener, client].forEach { close($0) } }
        let seen = try connecting(client, to: .unix("\(scratch.path)/link")).seen
        #expect(seen?.unixPath == "\(scratch.path)/real" && seen?.result == 0)
    }

    @Test("A UNIX socket that is not there is told by what was asked for")
    func unixMissing() throws {
        let client = socket(AF_UNIX, Int32(stream), 0)
        defer { close(client) }
        let seen = try connecting(client, to: .unix("/nonexistent/socket")).seen
        #expect(seen?.unixPath == "/nonexistent/socket" && seen?.result == Int64(-ENOENT))
    }

    @Test("What is no socket is told with the address that was asked for")
    func noSocket() throws {
        let file = open("/dev/null", O_RDONLY)
        defer { close(file) }
        let seen = try connecting(file, to: .v4(127, 0, 0, 9, port: 99)).seen
        #expect(
            seen == Seen(family: AF_INET, type: 0, ipProtocol: 0, remote: "127.0.0.9", remotePort: 99, result: Int64(-ENOTSOCK)))
    }
}

/// A socket address as bytes.
struct TestAddress: Sendable {
    var bytes: [UInt8]

    var family: Int32 { Int32(bytes[0]) }
    var port: UInt16 { UInt16(bytes[2]) << 8 | UInt16(bytes[3]) }

    static func v4(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, port: UInt16) -> TestAddress {
        TestAddress(bytes: [UInt8(AF_INET), 0, UInt8(port >> 8), UInt8(port & 0xff), a, b, c, d] + [UInt8](repeating: 0, count: 8))
    }

    static func v6(_ address: [UInt8], port: UInt16) -> TestAddress {
        TestAddress(bytes: [UInt8(AF_INET6), 0, UInt8(port >> 8), UInt8(port & 0xff), 0, 0, 0, 0] + address + [0, 0, 0, 0])
    }

    static func v6Loopback(port: UInt16) -> TestAddress { v6([UInt8](repeating: 0, count: 15) + [1], port: port) }

    static func unix(_ path: String) -> TestAddress { TestAddress(bytes: [UInt8(AF_UNIX), 0] + Array(path.utf8) + [0]) }

    static func bound(to socket: Int32) -> TestAddress {
        var bytes = [UInt8](repeating: 0, count: 128)
        var length = socklen_t(bytes.count)
        bytes.withUnsafeMutableBytes { _ = getsockname(socket, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length) }
        return TestAddress(bytes: Array(bytes[..<Int(length)]))
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        bytes.withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count)) }
    }
}
