// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Glibc
import Transport

/// `saker top`: what a running Saker sees and costs.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Show what a running saker sees, loses and costs: events, eBPF programs, rules.",
        discussion: """
            It asks the `saker run` or `saker detect` of this machine over the socket status.socket, which root alone can open. The time of
            eBPF programs is the kernel's own count, which is on only while somebody asks. The time of rules is an estimate: one event
            of 256, taken by chance, is judged with a clock round each rule; the table says from how many. --json prints one object a
            look, with all counts since the start.
            """)

    @Flag(help: "Look once, for a second, and end.") var once = false
    @Flag(help: "Print one JSON object a line instead of a table.") var json = false
    @Option(help: "Seconds between two looks.") var interval = 2.0
    @Option(help: "The socket to ask (default: status.socket of the configuration).") var socket: String?
    @OptionGroup var options: ConfigOptions

    // How far back the samples go that the time of rules is estimated from.
    private static let window: UInt64 = 60_000_000_000

    func validate() throws {
        guard (0.1...3_600).contains(interval) else { throw ValidationError("--interval takes 0.1 to 3600 seconds") }
    }

    func run() async throws {
        let source = try StatusSource(socket ?? options.read().status.socket)
        defer { source.close() }
        if once {
            let first = try await source.look()
            if json { return try Terminal.show(first.json + "\n") }
            try await Task.sleep(for: .seconds(1))
            return try show(TopTable(now: try await source.look(), last: first, past: first, width: Terminal.width ?? 120), nil)
        }
        var seen: [Status] = []
        while true {
            let now = try await source.look()
            seen.removeAll { now.time > $0.time + Self.window }
            if json {
                try Terminal.show(now.json + "\n")
            } else {
                let table = TopTable(now: now, last: seen.last, past: seen.first, width: Terminal.width ?? 120)
                try show(table, Terminal.height)
            }
            seen.append(now)
            try await Task.sleep(for: .seconds(interval))
        }
    }

    /// On a terminal of so many lines, over what it shows; elsewhere, one table after the other.
    private func show(_ table: TopTable, _ height: Int?) throws {
        let lines = table.lines(atMost: height.map { max($0 - 1, 10) } ?? .max)
        // Home, each line cleared behind its end, and all below.
        let text = height == nil ? lines.map { $0 + "\n" }.joined() : "\u{1b}[H" + lines.map { $0 + "\u{1b}[K\n" }.joined() + "\u{1b}[J"
        try Terminal.show(text)
    }
}

/// A running Saker that is asked for its figures.
struct StatusSource {
    private let socket: String
    private let client: HTTPClient

    /// Throws a `UserError` when nobody can be asked.
    init(_ socket: String) throws {
        guard !socket.isEmpty else { throw UserError("status.socket is empty, so a running saker cannot be asked: name one with --socket") }
        self.socket = socket
        client = HTTPClient()
    }

    func close() { client.shutDown() }

    /// The figures now. Throws a `UserError` that says what to do when there are none.
    func look() async throws -> Status {
        guard access(socket, F_OK) == 0 else {
            throw UserError("no saker runs here: there is no socket \(socket). Start `saker run`, or name its socket with --socket")
        }
        guard access(socket, R_OK | W_OK) == 0 else { throw UserError("you may not ask \(socket): run `saker top` as root") }
        let request = HTTPRequest(.get, "http://localhost/status", limits: HTTPLimits(total: .seconds(5)), socket: socket)
        do {
            let answer = try await client.send(request)
            guard answer.status == 200 else { throw UserError("\(socket) answers \(answer.status): is it saker's?") }
            return try Status(json: answer.body)
        } catch let error as TransportError {
            throw UserError("no saker answers on \(socket): \(error)")
        } catch let error as DecodingError {
            throw UserError("\(socket) answers with other figures than this saker knows; is another version running? \(error)")
        }
    }
}
