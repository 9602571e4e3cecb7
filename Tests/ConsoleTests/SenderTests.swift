// SPDX-License-Identifier: Apache-2.0
import EventModel
import SourceText
import Synchronization
import Testing

@testable import Console

@Suite("Who may send alerts")
struct SenderTests {
    private func reading(_ text: String) -> (SendersReader, String) {
        let file = SourceFile(name: "senders.yaml", text: text)
        let reader = SendersReader(file) { path in
            path == "/good" ? .success([SecretToken("t".utf8)]) : .failure(TokenProblem(message: "the token file \(path) cannot be read"))
        }
        return (reader, reader.diagnostics.rendered(from: [file]))
    }

    @Test("Each kind of proof is read, with its limits")
    func kinds() {
        let (reader, findings) = reading("""
            - {name: a, bearer: /good, nodes: [n1, n2]}
            - {name: b, basic: {user: falco, token_file: /good}, namespaces: [shop]}
            - {name: c, certificate: "node-*"}
            - {name: d, service_account: {namespace: saker, name: detect, audience: saker}, nodes: any, namespaces: any}
            """)
        #expect(findings == "")
        #expect(reader.entries == [
            SenderEntry(name: "a", proof: .bearer(tokenFile: "/good"), nodes: .named(["n1", "n2"]), namespaces: nil),
            SenderEntry(name: "b", proof: .basic(user: "falco", tokenFile: "/good"), nodes: .any, namespaces: ["shop"]),
            SenderEntry(name: "c", proof: .certificate(name: "node-*"), nodes: .own, namespaces: nil),
            SenderEntry(
                name: "d", proof: .serviceAccount(namespace: "saker", name: "detect", audience: "saker"), nodes: .any, namespaces: nil),
        ])
    }

    @Test("What is wrong is told with its line and what to do", arguments: [
        ("", "senders.yaml:1:1: error: expected a list of senders"), ("- x\n", ":1:3: error: expected a sender as a mapping"),
        ("- {bearer: /good, nodes: any}\n", "needs a 'name'"), ("- {name: a, nodes: any}\n", "needs exactly one of bearer, basic"),
        ("- {name: a, bearer: /good, certificate: x}\n", "exactly one of bearer, basic, certificate, service_account; found 2"),
        ("- name: a\n  bearer: /none\n  nodes: any\n", "senders.yaml:2:11: error: the token file /none cannot be read"),
        ("- name: a\n  bearer: /good\n", "a token names no node: say 'nodes: [name]'"),
        ("- name: a\n  bearer: /good\n  namespace: [x]\n", "senders.yaml:3:3: error: unknown key 'namespace' (did you mean 'namespaces'?)"),
        ("- name: a\n  basic: {user: falco}\n  nodes: any\n", "'basic' expects user and token_file"),
        ("- {name: a, certificate: x, nodes: []}\n", "'nodes' expects a list of names"),
        ("- {name: a, certificate: x}\n- {name: a, certificate: y}\n", "senders.yaml:2:10: error: a second sender 'a'"),
        ("- [\n", "this is no YAML"),
    ])
    func wrong(_ text: String, _ message: String) { #expect(reading(text).1.contains(message), "\(reading(text).1)") }

    @Test("A token file with a short token or none is refused")
    func tokens() throws {
        #expect(throws: TokenProblem.self) { try SecretToken.read("/nowhere").get() }
        #expect(throws: TokenProblem.self) { try SecretToken.read("/dev/null").get() }
    }

    private func book(_ entries: [SenderEntry], review: TokenReviewer? = nil) -> SenderBook {
        SenderBook(
            entries, now: { Timestamp(nanoseconds: 0) }, review: review, log: { _ in },
            readTokens: { path in .success([SecretToken("\(path)-old".utf8), SecretToken("\(path)-new".utf8)]) })
    }

    private func credentials(_ shown: Credentials.Shown, certificate: String? = nil) -> Credentials {
        Credentials(shown: shown, certificateName: certificate)
    }

    @Test("A bearer is known by either token of its file, and by no other's")
    func bearer() async {
        let book = book([SenderEntry(name: "a", proof: .bearer(tokenFile: "f"), nodes: .named(["n"]), namespaces: nil)])
        let sender = Recognition.known(Sender(name: "a", nodes: ["n"], namespaces: nil))
        #expect(await book.recognise(credentials(.bearer("f-old"))) == sender)
        #expect(await book.recognise(credentials(.bearer("f-new"))) == sender)
        for shown in [Credentials.Shown.bearer("f"), .bearer(""), .basic(user: "a", token: "f-old"), .nothing, .other] {
            guard case .stranger = await book.recognise(credentials(shown)) else {
                Issue.record("\(shown) was let in")
                continue
            }
        }
    }

    @Test("A certificate's name is the node; a certificate that nobody names is forbidden")
    func certificates() async {
        let book = book([SenderEntry(name: "a", proof: .certificate(name: "node-*"), nodes: .own, namespaces: nil)])
        #expect(
            await book.recognise(credentials(.nothing, certificate: "node-7"))
                == .known(Sender(name: "a", nodes: ["node-7"], namespaces: nil)))
        guard case .forbidden = await book.recognise(credentials(.nothing, certificate: "other")) else {
            Issue.record("it was let in")
            return
        }
    }

    private let account = SenderEntry(
        name: "d", proof: .serviceAccount(namespace: "saker", name: "detect", audience: "saker"), nodes: .own, namespaces: nil)

    @Test("A service account is known by the review of its token, with the node that the token names, and is asked about once a minute")
    func serviceAccount() async {
        let asked = Mutex(0)
        let book = book([account]) { token, audience in
            asked.withLock { $0 += 1 }
            return TokenReview(
                isAuthenticated: token == "a.b.c", username: "system:serviceaccount:saker:detect", node: "n1", audiences: ["saker"])
        }
        for _ in 0..<3 {
            #expect(await book.recognise(credentials(.bearer("a.b.c"))) == .known(Sender(name: "d", nodes: ["n1"], namespaces: nil)))
        }
        #expect(asked.withLock { $0 } == 1)
        guard case .stranger = await book.recognise(credentials(.bearer("x.y.z"))) else {
            Issue.record("a token that was not authenticated was let in")
            return
        }
        #expect(asked.withLock { $0 } == 2)
        _ = await book.recognise(credentials(.bearer("no-jwt")))
        #expect(asked.withLock { $0 } == 2)
    }

    @Test("A token of another account is forbidden, one that names no node too, and without a review nobody can tell")
    func otherAccounts() async {
        let other = book([account]) { _, _ in 
            TokenReview(isAuthenticated: true, username: "system:serviceaccount:x:y", node: "n1", audiences: ["saker"])
         }
        if case .forbidden = await other.recognise(credentials(.bearer("a.b.c"))) {} else { Issue.record("let in") }
        let unbound = book([account]) { _, _ in
            TokenReview(isAuthenticated: true, username: "system:serviceaccount:saker:detect", node: nil, audiences: ["saker"])
        }
        if case .forbidden = await unbound.recognise(credentials(.bearer("a.b.c"))) {} else { Issue.record("let in") }
        let down = book([account]) { (_, _) throws(ReviewError) in throw ReviewError("no answer") }
        if case .undecided = await down.recognise(credentials(.bearer("a.b.c"))) {} else { Issue.record("let in") }
    }

    @Test("A review that does not name our audience lets nobody in; where none was asked for, it need not name one", arguments: [
        [], ["https://kubernetes.default.svc"], ["sake", "saker2"],
    ])
    func otherAudience(audiences: [String]) async {
        let answer = TokenReview(
            isAuthenticated: true, username: "system:serviceaccount:saker:detect", node: "n1", audiences: audiences)
        let strict = book([account]) { _, _ in answer }
        guard case .stranger(let why) = await strict.recognise(credentials(.bearer("a.b.c"))) else {
            Issue.record("let in")
            return
        }
        #expect(why.contains(audiences.first ?? "no audience at all") && why.hasSuffix("and not for 'saker'"))
        var open = account
        open.proof = .serviceAccount(namespace: "saker", name: "detect", audience: nil)
        let lenient = book([open]) { _, _ in answer }
        #expect(await lenient.recognise(credentials(.bearer("a.b.c"))) == .known(Sender(name: "d", nodes: ["n1"], namespaces: nil)))
    }

    @Test("A TokenReview object is read, and what it lacks is not authenticated")
    func review() {
        let json: JSONValue = [
            "status": [
                "authenticated": true, "audiences": ["a", "b"],
                "user": ["username": "u", "extra": ["authentication.kubernetes.io/node-name": ["n1"]]],
            ]
        ]
        #expect(TokenReview(json: json) == TokenReview(isAuthenticated: true, username: "u", node: "n1", audiences: ["a", "b"]))
        #expect(TokenReview(json: [:]) == TokenReview(isAuthenticated: false, username: "", node: nil))
    }
}
