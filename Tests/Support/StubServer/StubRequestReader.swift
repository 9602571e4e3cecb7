// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Reads requests off a connection: a head, then as many bytes as its Content-Length says.
struct StubRequestReader {
    let connection: Int32
    let number: Int
    private var pending: [UInt8] = []

    init(connection: Int32, number: Int) {
        self.connection = connection
        self.number = number
    }

    /// The next request; nil when the connection ended.
    mutating func next() -> StubRequest? {
        var end = headEnd()
        while end == nil {
            guard fill() else { return nil }
            end = headEnd()
        }
        guard let end else { return nil }
        let lines = String(decoding: pending[..<end], as: UTF8.self).split(separator: "\r\n").map(String.init)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        while pending.count < end + 4 + length {
            guard fill() else { return nil }
        }
        let body = String(decoding: pending[(end + 4)..<(end + 4 + length)], as: UTF8.self)
        pending.removeFirst(end + 4 + length)
        let words = (lines.first ?? "").split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        return StubRequest(method: words[0], target: words[1], headers: headers, body: body, connection: number)
    }

    private func headEnd() -> Int? {
        guard pending.count >= 4 else { return nil }
        return (0...(pending.count - 4)).first { Array(pending[$0..<($0 + 4)]) == [13, 10, 13, 10] }
    }

    private mutating func fill() -> Bool {
        var room = [UInt8](repeating: 0, count: 16_384)
        let count = recv(connection, &room, room.count, 0)
        guard count > 0 else { return false }
        pending += room[..<count]
        return true
    }
}
