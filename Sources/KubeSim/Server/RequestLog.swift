// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Glibc
internal import Synchronization

/// One request as the simulator saw and answered it; one line of JSON in the log file.
public struct RequestRecord: Codable, Sendable, Hashable {
    /// Counts from 1 in the order of answers.
    public var sequence: Int
    /// When the request's head had arrived, in nanoseconds since 1970.
    public var time: Int64
    /// From that moment to the answer, in nanoseconds; for a watch to its first byte.
    public var durationNanoseconds: Int64 = 0
    /// Who asked; empty when nobody could be recognised.
    public var user = ""
    /// get, list, watch, create, update, patch or delete; for paths outside the kinds the method in lower case.
    public var verb: String
    /// The HTTP method.
    public var method: String
    /// The path without its query.
    public var path: String
    /// The query as it was sent, without the question mark.
    public var query = ""
    /// Whether the request asked for `dryRun=All`.
    public var dryRun = false
    /// The plural name of the kind; nil outside the kinds.
    public var resource: String?
    /// The namespace in the path.
    public var namespace: String?
    /// The object's name, from the path or, after a create, from the object.
    public var name: String?
    /// The object's uid; nil when the answer was no single object.
    public var uid: String?
    /// The request's content type.
    public var contentType: String?
    /// The request's body, when it is text of at most 4096 bytes.
    public var body: String?
    /// The SHA-256 of a request body, in hexadecimal.
    public var bodySHA256: String?
    /// The HTTP status of the answer; 0 when the connection was cut instead.
    public var status = 0

    init(sequence: Int, time: Int64, verb: String, method: String, path: String) {
        self.sequence = sequence
        self.time = time
        self.verb = verb
        self.method = method
        self.path = path
    }
}

/// The request log: in memory and, line by line before each answer is sent, in a file.
final class RequestLog: Sendable {
    private struct Book {
        var records: [RequestRecord] = []
        var next = 1
        var descriptor: Int32 = -1
    }

    private let book: Mutex<Book>
    private let limit: Int

    init(path: String?, limit: Int) throws(KubeSimError) {
        self.limit = limit
        var book = Book()
        if let path {
            book.descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard book.descriptor >= 0 else {
                throw KubeSimError(.file, "cannot open the request log \(path): \(String(cString: strerror(errno)))")
            }
        }
        self.book = Mutex(book)
    }

    var records: [RequestRecord] { book.withLock(\.records) }

    /// Gives the record its number and writes it down; false when the file did not take it.
    func add(_ record: RequestRecord) -> Bool {
        book.withLock { book in
            var record = record
            record.sequence = book.next
            book.next += 1
            book.records.append(record)
            if book.records.count > limit { book.records.removeFirst(book.records.count - limit) }
            return book.descriptor < 0 || RequestLog.write(record, to: book.descriptor)
        }
    }

    func close() {
        book.withLock { book in
            if book.descriptor >= 0 { _ = Glibc.close(book.descriptor) }
            book.descriptor = -1
        }
    }

    private static func write(_ record: RequestRecord, to descriptor: Int32) -> Bool {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var line = try? encoder.encode(record) else { return false }
        line.append(0x0A)
        return line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) == $0.count }
    }
}
