// SPDX-License-Identifier: Apache-2.0

/// Header lines, one by one, until the head of the final answer is whole.
struct HeadLines {
    private(set) var byteCount = 0
    private var status = 0
    private var headers: [HTTPHeader] = []

    /// Takes one line with its line break; returns the head at the empty line that ends it. Heads of 1xx answers are passed over.
    mutating func take(_ line: UnsafeRawBufferPointer) -> HTTPHead? {
        byteCount += line.count
        let text = String(decoding: line.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        if text.isEmpty {
            return status >= 200 ? HTTPHead(status: status, headers: headers) : nil
        }
        if text.hasPrefix("HTTP/") {
            status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            headers = []
        } else if let colon = text.firstIndex(of: ":") {
            headers.append(HTTPHeader(String(text[..<colon]), trimmed(text[text.index(after: colon)...])))
        }
        return nil
    }

    private func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        let kept = start.reversed().drop { $0 == " " || $0 == "\t" }
        return String(kept.reversed())
    }
}
