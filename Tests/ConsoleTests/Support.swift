// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Synchronization
import Transport

@testable import Console

/// Keeps what the intake hands on, and plays the journal.
final class Book: Sendable {
    private struct State {
        var alerts: [Alert] = []
        var lines: [String] = []
        var trouble: String?
        var room = Int.max
    }

    private let state = Mutex(State())

    var alerts: [Alert] { state.withLock(\.alerts) }
    var lines: [String] { state.withLock(\.lines) }

    func setTrouble(_ trouble: String?) { state.withLock { $0.trouble = trouble } }
    func setRoom(_ room: Int) { state.withLock { $0.room = room } }

    var handlers: IntakeHandlers {
        IntakeHandlers(
            accept: { alerts in self.accept(alerts) }, trouble: { self.state.withLock(\.trouble) },
            log: { line in self.state.withLock { $0.lines.append(line) } })
    }

    private func accept(_ alerts: [Alert]) -> [Acceptance] {
        state.withLock { state in
            alerts.map { alert in
                if let trouble = state.trouble { return .unavailable(why: trouble) }
                if state.alerts.contains(where: { $0.trace == alert.trace }) { return .duplicate }
                guard state.alerts.count < state.room else { return .unavailable(why: "no room") }
                state.alerts.append(alert)
                return .accepted
            }
        }
    }
}

/// An intake on loopback with two senders, and a client for it.
struct Intake {
    static let token = "a-token-of-enough-length-0001"
    static let basicToken = "a-token-of-enough-length-0002"

    let server: IntakeServer
    let client: HTTPClient
    let book: Book
    let scheme: String

    static let entries = [
        SenderEntry(name: "bearer", proof: .bearer(tokenFile: "bearer"), nodes: .named(["n1"]), namespaces: nil),
        SenderEntry(name: "falco", proof: .basic(user: "falco", tokenFile: "basic"), nodes: .any, namespaces: ["shop"]),
        SenderEntry(name: "machines", proof: .certificate(name: "client*"), nodes: .own, namespaces: nil),
    ]

    static func run(
        _ change: (inout IntakeSettings) -> Void = { _ in }, client tls: TLSSettings = TLSSettings(), book: Book = Book(),
        review: TokenReviewer? = nil, entries: [SenderEntry] = entries, _ body: (Intake) async throws -> Void
    ) async throws {
        var settings = IntakeSettings(address: ListenAddress("127.0.0.1:0")!, tls: nil)
        change(&settings)
        let tokens = ["bearer": token, "basic": basicToken]
        let senders = SenderBook(
            entries, now: now, review: review, log: { line in book.handlers.log(line) },
            readTokens: { path in tokens[path].map { .success([SecretToken($0.utf8)]) } ?? .failure(TokenProblem(message: "no \(path)")) })
        let server = try await IntakeServer.start(settings, senders: senders, handlers: book.handlers, now: now)
        let intake = Intake(
            server: server, client: HTTPClient(tls: tls), book: book, scheme: settings.tls == nil ? "http" : "https")
        let result: Result<Void, any Error>
        do { result = .success(try await body(intake)) } catch { result = .failure(error) }
        intake.client.shutDown()
        await server.stop()
        try result.get()
    }

    static let now: @Sendable () -> Timestamp = { Timestamp(nanoseconds: UInt64(Date().timeIntervalSince1970 * 1e9)) }

    var url: String { "\(scheme)://127.0.0.1:\(server.port)/" }

    /// Posts a body; with the bearer's token unless told otherwise.
    func post(_ body: [UInt8], authorization: String? = "Bearer " + token, path: String = "") async throws -> Answer {
        let headers = authorization.map { [HTTPHeader("Authorization", $0)] } ?? []
        return Answer(try await client.send(HTTPRequest(.post, url + path, headers: headers, body: body)))
    }

    func post(_ body: String, authorization: String? = "Bearer " + token) async throws -> Answer {
        try await post(Array(body.utf8), authorization: authorization)
    }

    func get(_ path: String) async throws -> Answer { Answer(try await client.send(HTTPRequest(.get, url + path))) }
}

/// A status with its JSON.
struct Answer {
    let status: Int
    let json: JSONValue
    let retryAfter: String?

    init(_ response: HTTPResponse) {
        status = response.status
        json = (try? JSONParser.parse(response.body)) ?? .null
        retryAfter = response.head.header("Retry-After")
    }

    var results: [String] { (json["results"]?.array ?? []).compactMap { $0["result"]?.string } }
    var error: String { json["error"]?.string ?? "" }
}

/// Alerts as others write them.
enum Lines {
    static let falco = """
        {"hostname":"node-1","output":"22:13:20.000000000: Notice A shell was spawned (user=root)","output_fields":\
        {"container.id":"0123456789ab","evt.time":1700000000000000000,"k8s.ns.name":"shop","k8s.pod.name":"web-1","proc.pid":77,\
        "user.name":"<NA>"},"priority":"Notice","rule":"Terminal shell in container","source":"syscall",\
        "tags":["T1059","container"],"time":"2023-11-14T22:13:20.000000000Z"}
        """

    static func saker(_ number: Int) -> String {
        let id = String(repeating: "0", count: 32 - String(number).count) + String(number)
        return """
            {"hostname":"h","node":"n1","output":"12:00:00.000000000: Critical bad","output_fields":{},"priority":"Critical",\
            "rule":"r","source":"syscall","subject":{"container":"c","namespace":"shop","pid":7,"pod":"web-1","podUID":"u"},"tags":[],\
            "time":"2026-01-31T12:00:00.000000000Z","trace_id":"\(id)"}
            """
    }
}
