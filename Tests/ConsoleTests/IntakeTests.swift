// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Glibc
import StubServer
import Testing
import Transport

@testable import Console

@Suite("The intake, over HTTP")
struct IntakeTests {
    @Test("An alert is accepted once, with its sender beside it, and a replayed id is a duplicate")
    func once() async throws {
        try await Intake.run { intake in
            let first = try await intake.post(Lines.falco), second = try await intake.post(Lines.falco)
            #expect(first.status == 200 && first.results == ["accepted"])
            #expect(second.status == 200 && second.results == ["duplicate"])
            #expect(intake.book.alerts.map(\.sender) == [Sender(name: "bearer", nodes: ["n1"], namespaces: nil)])
        }
    }

    @Test("Of an array each alert has its own result, and a wrong one among right ones takes nothing from them")
    func mixed() async throws {
        try await Intake.run { intake in
            let answer = try await intake.post("[\(Lines.saker(1)), {\"rule\":\"r\"}, \(Lines.saker(2)), \(Lines.saker(1))]")
            #expect(answer.status == 200)
            #expect(answer.results == ["accepted", "refused", "accepted", "duplicate"])
            #expect(intake.book.alerts.map { $0.trace.text.suffix(1) } == ["1", "2"])
            #expect(intake.book.lines.contains { $0.contains("sender bearer: refused an alert: 'time' is missing") })
        }
    }

    @Test("What cannot be read is answered with 400, what is wrong and where, and nothing of it is taken", arguments: [
        "", "null", "[", "{\"rule\":", String(repeating: "[", count: 10_000), "[]", "\u{0}",
    ])
    func unreadable(body: String) async throws {
        try await Intake.run { intake in
            let answer = try await intake.post(body)
            #expect(answer.status == 400)
            #expect(answer.error != "" || answer.results == ["refused"])
            let first = try await intake.post(Lines.saker(1) + "\n{\"broken")
            #expect(first.status == 400 && first.json["offset"]?.int != nil)
            #expect(intake.book.alerts.isEmpty)
        }
    }

    @Test("A hundred megabytes are answered with 413 and a closed connection, said or unsaid beforehand")
    func large() async throws {
        try await Intake.run { intake in
            let answer = try await intake.post([UInt8](repeating: 0x20, count: (1 << 20) + 1))
            #expect(answer.status == 413)
            let announced = try RawConnection(intake.server.port)
            announced.send("POST / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer \(Intake.token)\r\nContent-Length: 104857600\r\n\r\n")
            #expect(announced.answer(within: 5).hasPrefix("HTTP/1.1 413"))
            let chunked = try RawConnection(intake.server.port)
            chunked.send("POST / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer \(Intake.token)\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "10000\r\n" + String(repeating: " ", count: 0x10000) + "\r\n"
            let began = ContinuousClock.now
            while chunked.send(chunk), began.duration(to: .now) < .seconds(10) {}
            #expect(began.duration(to: .now) < .seconds(5))
            #expect(intake.book.alerts.isEmpty)
        }
    }

    @Test("A head and a body that trickle in are cut off at their deadlines, and others are served meanwhile")
    func slowLoris() async throws {
        try await Intake.run({ ($0.headSeconds, $0.bodySeconds) = (0.5, 0.5) }) { intake in
            let slow = [
                "POST / HTTP/1.1\r\nHost: h\r\n",
                "POST / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer \(Intake.token)\r\nContent-Length: 1000\r\n\r\n{",
            ]
            for opening in slow {
                let connection = try RawConnection(intake.server.port)
                connection.send(opening)
                let began = ContinuousClock.now
                var isOpen = true
                while isOpen, began.duration(to: .now) < .seconds(5) { isOpen = connection.send("X") && !connection.isClosed(within: 0.05) }
                #expect(began.duration(to: .now) < .seconds(3))
                #expect(try await intake.post(Lines.saker(1)).status == 200)
            }
        }
    }

    @Test("More connections than allowed wait, and are served when others go")
    func connections() async throws {
        try await Intake.run({ $0.connections = 2 }) { intake in
            var idle: [RawConnection] = [try RawConnection(intake.server.port), try RawConnection(intake.server.port)]
            for connection in idle {
                connection.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(connection.answer(within: 5).hasPrefix("HTTP/1.1 200"))
            }
            let late = try RawConnection(intake.server.port)
            late.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(late.answer(within: 0.3) == "")
            idle = []
            #expect(late.answer(within: 5).hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test("A stranger is told 401 and no more; the log says why and who")
    func strangers() async throws {
        try await Intake.run { intake in
            let wrong = Data("falco:wrong-token-of-enough-length".utf8).base64EncodedString()
            for authorization in [nil, "Bearer x", "Bearer \(Intake.basicToken)", "Basic \(wrong)", "Basic ?", "Digest x"] as [String?] {
                let answer = try await intake.post(Lines.falco, authorization: authorization)
                #expect(answer.status == 401)
                #expect(answer.json == ["error": "who are you?"])
            }
            #expect(intake.book.alerts.isEmpty)
            #expect(intake.book.lines.contains("intake: 401 to 127.0.0.1: a wrong token (Bearer)"))
            #expect(!intake.book.lines.contains { $0.contains("wrong-token-of-enough-length") || $0.contains(Intake.basicToken) })
        }
    }

    @Test("curl posts as Falco does, with user and token in the address")
    func curl() async throws {
        try await Intake.run { intake in
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/curl")
            process.arguments = [
                "--silent", "--show-error", "--data", Lines.falco, "--header", "Content-Type: application/json", "--write-out",
                "%{http_code}", "--output", "/dev/null", "http://falco:\(Intake.basicToken)@127.0.0.1:\(intake.server.port)/",
            ]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(said == "200")
            #expect(intake.book.alerts.map(\.sender?.name) == ["falco"])
            #expect(intake.book.alerts.map(\.sender?.namespaces) == [["shop"]])
        }
    }

    @Test("Without room the sender is told when to come again, and what was taken is not taken back")
    func noRoom() async throws {
        let book = Book()
        book.setRoom(1)
        try await Intake.run(book: book) { intake in
            let answer = try await intake.post(Lines.saker(1) + "\n" + Lines.saker(2))
            #expect(answer.status == 503 && answer.retryAfter == "2")
            #expect(answer.results == ["accepted", "unavailable"])
            book.setRoom(2)
            #expect(try await intake.post(Lines.saker(1) + "\n" + Lines.saker(2)).results == ["duplicate", "accepted"])
        }
    }

    @Test("Trouble makes /readyz 503 with its reason, while /healthz goes on")
    func readiness() async throws {
        let book = Book()
        try await Intake.run(book: book) { intake in
            #expect(try await intake.get("readyz").status == 200)
            book.setTrouble("the disk is full")
            let ready = try await intake.get("readyz")
            #expect(ready.status == 503 && ready.json["reason"] == "the disk is full")
            #expect(try await intake.get("healthz").status == 200)
            #expect(try await intake.post(Lines.falco).status == 503)
        }
    }

    @Test("Other paths, methods and encodings are refused with the right word")
    func misuse() async throws {
        try await Intake.run { intake in
            let (root, other) = (try await intake.get(""), try await intake.get("metrics/x"))
            #expect(root.status == 405 && other.status == 404)
            let packed = HTTPRequest(
                .post, intake.url,
                headers: [HTTPHeader("Authorization", "Bearer " + Intake.token), HTTPHeader("Content-Encoding", "gzip")], body: [1])
            #expect(try await intake.client.send(packed).status == 415)
        }
    }

    @Test("Over TLS a client's certificate is its proof, and its name its node; a stranger's is turned away in the handshake")
    func certificates() async throws {
        let files = try TestCertificates()
        let tls = IntakeSettings.TLSFiles(
            certificate: files.directory + "/server.crt", key: files.directory + "/server.key",
            clientAuthority: files.directory + "/ca.crt")
        let known = TLSSettings(
            authorities: try files.pem("ca.crt"), certificate: try files.pem("client.crt"), key: try files.pem("client.key"))
        try await Intake.run({ $0.tls = tls }, client: known) { intake in
            let answer = try await intake.post(Lines.saker(1), authorization: nil)
            #expect(answer.status == 200)
            #expect(intake.book.alerts.map(\.sender) == [Sender(name: "machines", nodes: ["client"], namespaces: nil)])
        }
        let stranger = TLSSettings(
            authorities: try files.pem("ca.crt"), certificate: try files.pem("stranger.crt"), key: try files.pem("stranger.key"))
        try await Intake.run({ $0.tls = tls }, client: stranger) { intake in
            await #expect(throws: TransportError.self) { try await intake.post(Lines.saker(1), authorization: nil) }
        }
        try await Intake.run({ $0.tls = tls }, client: TLSSettings(authorities: try files.pem("ca.crt"))) { intake in
            let (nobody, bearer) = (try await intake.post(Lines.saker(1), authorization: nil), try await intake.post(Lines.saker(1)))
            #expect(nobody.status == 401 && bearer.status == 200)
        }
    }

    @Test("A renewed certificate is shown from the next connection on; one that cannot be used leaves the former in use")
    func renewal() async throws {
        let first = try TestCertificates(), second = try TestCertificates()
        let tls = IntakeSettings.TLSFiles(
            certificate: first.directory + "/server.crt", key: first.directory + "/server.key", clientAuthority: nil)
        let former = TLSSettings(authorities: try first.pem("ca.crt")), renewed = TLSSettings(authorities: try second.pem("ca.crt"))
        let copy = { (name: String) in
            try Data(second.pem(name)).write(to: URL(filePath: first.directory + "/" + name))
        }
        try await Intake.run({ $0.tls = tls }, client: former) { intake in
            #expect(try await intake.get("healthz").status == 200)
            try copy("server.key")
            #expect(throws: IntakeError.self) { try intake.server.renewCertificate() }
            try await Self.expect(former, reaches: intake)
            try copy("server.crt")
            try intake.server.renewCertificate()
            try await Self.expect(renewed, reaches: intake)
            await #expect(throws: TransportError.self) { try await Self.expect(former, reaches: intake) }
        }
    }

    /// Connects anew.
    private static func expect(_ tls: TLSSettings, reaches intake: Intake) async throws {
        let client = HTTPClient(tls: tls)
        defer { client.shutDown() }
        #expect(try await client.send(HTTPRequest(.get, intake.url + "healthz")).status == 200)
    }

    @Test("It does not start in the clear on an address that others reach, nor with a certificate that is not there")
    func unsafeStart() async throws {
        await #expect(throws: IntakeError.self) { try await Intake.run({ $0.address = ListenAddress("0.0.0.0:0")! }) { _ in } }
        await #expect(throws: IntakeError.self) {
            try await Intake.run({ $0.tls = .init(certificate: "/nowhere", key: "/nowhere", clientAuthority: nil) }) { _ in }
        }
        try await Intake.run { first in
            await #expect(throws: IntakeError.self) {
                try await Intake.run({ $0.address = ListenAddress("127.0.0.1:\(first.server.port)")! }) { _ in }
            }
        }
    }

    @Test("Addresses are read with their port, and loopback is told from the rest", arguments: [
        ("127.0.0.1:8443", "127.0.0.1:8443", true), ("[::1]:1", "[::1]:1", true), ("localhost:2", "localhost:2", true),
        (":8443", "[::]:8443", false), ("[::]:8443", "[::]:8443", false), ("10.0.0.1:80", "10.0.0.1:80", false),
    ])
    func addresses(_ text: String, _ read: String, _ isLoopback: Bool) throws {
        let address = try #require(ListenAddress(text, isDualStack: true))
        #expect(address.description == read && address.isLoopback == isLoopback)
    }

    @Test("Without a host it listens everywhere, and IPv4 reaches it wherever IPv6 does too")
    func everywhere() async throws {
        #expect(ListenAddress(":1", isDualStack: false)?.host == "0.0.0.0")
        let files = try TestCertificates()
        let tls = IntakeSettings.TLSFiles(
            certificate: files.directory + "/server.crt", key: files.directory + "/server.key", clientAuthority: nil)
        let client = TLSSettings(authorities: try files.pem("ca.crt"))
        let change = { (settings: inout IntakeSettings) in
            settings.tls = tls
            settings.address = ListenAddress(":0")!
        }
        try await Intake.run(change, client: client) { intake in
            let answer = try await intake.get("healthz")
            #expect(answer.status == 200)
        }
    }

    @Test("What is no address is none", arguments: ["", "8443", "::1:80", "a:b", "127.0.0.1:70000", "[x]:1"])
    func noAddress(_ text: String) { #expect(ListenAddress(text) == nil) }
}

/// A TCP connection on which anything may be said.
final class RawConnection {
    private let descriptor: Int32

    init(_ port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard result == 0 else { throw CocoaError(.fileReadUnknown) }
    }

    deinit { close(descriptor) }

    /// False once the other side has closed.
    @discardableResult
    func send(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// What comes first; empty when nothing came in time.
    func answer(within seconds: Double) -> String {
        guard isReadable(within: seconds) else { return "" }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }

    func isClosed(within seconds: Double) -> Bool { isReadable(within: seconds) && answer(within: 0).isEmpty }

    private func isReadable(within seconds: Double) -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, Int32(seconds * 1_000)) > 0
    }
}
