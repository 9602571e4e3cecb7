// SPDX-License-Identifier: Apache-2.0

internal import CCurl
internal import Glibc

/// A connection that libcurl made, TLS included, as a stream of bytes; used by one thread, which another may wake.
final class WebSocketLine {
    /// What came of an attempt to read.
    enum Reading {
        case bytes(ArraySlice<UInt8>)
        case nothingYet
        case end
    }

    private let handle = EasyHandle()
    private let request: HTTPRequest
    private let wakeUp: WakeUp
    private var socket: curl_socket_t = -1
    private var room = [UInt8](repeating: 0, count: 64 * 1024)

    /// What the Host header must say, where that is not the address's own host.
    let authority: String?

    init(_ request: HTTPRequest, tls: TLSSettings, proxy: String?, wakeUp: WakeUp) {
        self.request = request
        self.wakeUp = wakeUp
        handle.setConnection(request, proxy: proxy)
        authority = handle.setTarget(request.url, request.tls ?? tls)
        handle.set(CURLOPT_CONNECT_ONLY, 1)
        if proxy != nil { handle.set(CURLOPT_HTTPPROXYTUNNEL, 1) }
    }

    /// Makes the connection; waits as long as the request's limits allow, or until `isGivenUp`, which is asked about once a second.
    func connect(_ isGivenUp: @escaping () -> Bool) throws(TransportError) {
        let question = Unmanaged.passRetained(Question(isGivenUp))
        defer { question.release() }
        ccurl_set_progress_function(
            handle.easy, { context, _, _, _, _ in
                guard let context else { return 0 }
                return Unmanaged<Question>.fromOpaque(context).takeUnretainedValue().ask() ? 1 : 0
            }, question.toOpaque())
        let code = curl_easy_perform(handle.easy)
        guard code == CURLE_OK else { throw TransportError(handle.end(code), of: request).knownUnsent }
        guard ccurl_get_socket(handle.easy, &socket) == CURLE_OK, socket >= 0 else {
            let address = request.url.prefix { $0 != "?" }
            throw TransportError(.connect, "\(address): the connection ended as soon as it was made.", isKnownUnsent: true)
        }
    }

    /// Sends what the connection takes now, and says how much that was.
    func send(_ bytes: ArraySlice<UInt8>) throws(TransportError) -> Int {
        var sent = 0
        let code = bytes.withUnsafeBytes { curl_easy_send(handle.easy, $0.baseAddress, $0.count, &sent) }
        guard code == CURLE_OK || code == CURLE_AGAIN else { throw TransportError(handle.end(code), of: request) }
        return code == CURLE_OK ? sent : 0
    }

    func receive() throws(TransportError) -> Reading {
        var count = 0
        let code = room.withUnsafeMutableBytes { curl_easy_recv(handle.easy, $0.baseAddress, $0.count, &count) }
        if code == CURLE_AGAIN { return .nothingYet }
        guard code == CURLE_OK else { throw TransportError(handle.end(code), of: request) }
        return count == 0 ? .end : .bytes(room[..<count])
    }

    /// Waits until something can be read or written, or was asked for from another thread, at most that many milliseconds.
    func wait(reading: Bool, writing: Bool, milliseconds: Int) {
        let wanted = (reading ? POLLIN : 0) | (writing ? POLLOUT : 0)
        // Poll leaves a negative descriptor out; asked for nothing, it would tell of a hang-up again and again.
        var places = [
            pollfd(fd: wanted == 0 ? -1 : socket, events: Int16(wanted), revents: 0),
            pollfd(fd: wakeUp.reading, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&places, nfds_t(places.count), Int32(clamping: max(1, milliseconds)))
        wakeUp.clear()
    }

    private final class Question {
        let ask: () -> Bool

        init(_ ask: @escaping () -> Bool) { self.ask = ask }
    }
}

/// A pipe by which one thread wakes another that waits in `poll`.
final class WakeUp: Sendable {
    let reading: Int32
    private let writing: Int32

    init() throws(TransportError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw TransportError(.connect, "No pipe for a connection: \(String(cString: strerror(errno))).", isKnownUnsent: true)
        }
        (reading, writing) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// A full pipe wakes as well as one with one byte in it.
    func ring() {
        var byte: UInt8 = 1
        _ = write(writing, &byte, 1)
    }

    func clear() {
        var bytes = [UInt8](repeating: 0, count: 256)
        while read(reading, &bytes, bytes.count) > 0 {}
    }
}

extension TransportError {
    /// The same failure, of a request that had not begun.
    fileprivate var knownUnsent: TransportError { TransportError(code, message, isKnownUnsent: true) }
}
