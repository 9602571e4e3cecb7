// SPDX-License-Identifier: Apache-2.0

/// Header lines, one by one: until the head of the final answer is whole, and those behind the body.
struct HeadLines {
    private(set) var byteCount = 0
    private var status = 0
    private var headers: [HTTPHeader] = []
    private var isWhole = false
    /// What came after the head.
    private(set) var trailers: [HTTPHeader] = []

    /// Takes one line with its line break; returns the head at the empty line that ends it. Heads of 1xx answers are passed over.
    mutating func take(_ line: UnsafeRawBufferPointer) -> HTTPHead? {
        byteCount += line.count
        let text = String(decoding: line.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        if isWhole {
            if let header = header(text) { trailers.append(header) }
            return nil
        }
        if text.isEmpty {
            isWhole = status >= 200
            return isWhole ? HTTPHead(status: status, headers: headers) : nil
        }
        if text.hasPrefix("HTTP/") {
            status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            headers = []
        } else if let header = header(text) {
            headers.append(header)
        }
        return nil
    }

    private func header(_ text: String) -> HTTPHeader? {
        text.firstIndex(of: ":").map { HTTPHeader(String(text[..<$0]), trimmed(text[text.index(after: $0)...])) }
    }

    private func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        let kept = start.reversed().drop { $0 == " " || $0 == "\t" }
        return String(kept.reversed())
    }
}
