// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc
internal import Synchronization

/// A request as the stub server read it.
public struct StubRequest: Sendable, Hashable {
    /// The method, such as `PATCH`.
    public let method: String
    /// The path with its query, as sent.
    public let target: String
    /// Header names in lower case, with their values.
    public let headers: [String: String]
    /// The body.
    public let body: String
    /// Counts the connections from 0: equal numbers mean that a connection was kept.
    public let connection: Int
}

/// What the stub server does to answer one request, step by step.
public enum StubStep: Sendable {
    /// Writes these bytes in one go.
    case send([UInt8])
    /// Lets time pass.
    case wait(milliseconds: Int)
    /// Waits until the test says so, at most ten seconds.
    case until(@Sendable () -> Bool)
    /// Writes this many bytes, counting how many the other side took.
    case flood(bytes: Int)
    /// Breaks the connection off.
    case close
    /// Carries bytes to and from that port of loopback until either side ends, as a proxy does after CONNECT.
    case tunnel(port: UInt16)
}

/// A real HTTP/1.1 peer on loopback that answers what a test scripted and records what it was asked.
public final class StubServer: Sendable {
    /// Its port.
    public let port: UInt16
    private let listener: Int32
    private let answer: @Sendable (StubRequest, Int) -> [StubStep]
    private let state = Mutex(State())

    private struct State {
        var requests: [StubRequest] = []
        var connections: [Int32] = []
        var accepted = 0
        var flooded = 0
        var isStopped = false
    }

    /// Listens at once; `answer` is given the request and how many came before it.
    public init(_ answer: @escaping @Sendable (StubRequest, Int) -> [StubStep]) {
        self.answer = answer
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        port = withUnsafeMutablePointer(to: &address) { [listener] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                precondition(bind(listener, generic, size) == 0 && listen(listener, 64) == 0, "no port on loopback")
                var length = size
                getsockname(listener, generic, &length)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        let thread = Thread { [self] in acceptAll() }
        thread.start()
    }

    /// Its address, such as `http://127.0.0.1:40123`.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// What it was asked, in order.
    public var requests: [StubRequest] { state.withLock { $0.requests } }

    /// How many bytes of floods the other side took so far.
    public var floodedBytes: Int { state.withLock { $0.flooded } }

    /// How many connections are open.
    public var openConnections: Int { state.withLock { $0.connections.count } }

    /// Stops listening and breaks all connections off.
    public func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(listener, Int32(SHUT_RDWR))
            state.connections.forEach { shutdown($0, Int32(SHUT_RDWR)) }
        }
    }

    private func acceptAll() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            let number: Int? = state.withLock { state in
                guard !state.isStopped else { return nil }
                state.connections.append(connection)
                state.accepted += 1
                return state.accepted - 1
            }
            guard let number else {
                close(connection)
                break
            }
            Thread { [self] in serve(connection, number) }.start()
        }
        close(listener)
    }

    private func serve(_ connection: Int32, _ number: Int) {
        var reader = StubRequestReader(connection: connection, number: number)
        serving: while let request = reader.next() {
            let count = state.withLock { state in
                state.requests.append(request)
                return state.requests.count - 1
            }
            for step in answer(request, count) {
                guard perform(step, connection) else { break serving }
            }
        }
        // Closed under the lock, so that `stop` never shuts down a number that was given to somebody else meanwhile.
        state.withLock { state in
            state.connections.removeAll { $0 == connection }
            _ = close(connection)
        }
    }

    private func perform(_ step: StubStep, _ connection: Int32) -> Bool {
        switch step {
        case .send(let bytes): return write(bytes, connection)
        case .wait(let milliseconds):
            usleep(UInt32(milliseconds) * 1000)
            return true
        case .until(let isTime):
            for _ in 0..<10_000 where !isTime() { usleep(1000) }
            return true
        case .flood(let total):
            let block = [UInt8](repeating: UInt8(ascii: "x"), count: 65_536)
            for _ in 0..<(total / block.count) {
                guard write(block, connection) else { return false }
                state.withLock { $0.flooded += block.count }
            }
            return true
        case .close: return false
        case .tunnel(let port):
            Tunnel(connection, port)?.run()
            return false
        }
    }

    private func write(_ bytes: [UInt8], _ connection: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}

extension StubStep {
    /// A whole answer with a length.
    public static func answer(_ status: Int, _ body: String, headers: [String] = []) -> StubStep {
        let lines = ["HTTP/1.1 \(status) Stub", "Content-Type: application/json", "Content-Length: \(body.utf8.count)"] + headers
        return .send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
    }

    /// The head of an answer whose body follows in chunks.
    public static var chunkedHead: StubStep {
        .send(Array("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".utf8))
    }

    /// One chunk of such a body; the empty text ends it.
    public static func chunk(_ text: String) -> StubStep {
        .send(Array((String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n").utf8))
    }
}
