// SPDX-License-Identifier: Apache-2.0

import StubServer
import Testing

@testable import Transport

@Suite struct TLSTests {
    let certificates: TestCertificates

    init() throws { certificates = try TestCertificates() }

    private func get(_ peer: TLSPeer, _ tls: TLSSettings) async -> Result<HTTPResponse, TransportError> {
        do throws(TransportError) {
            let request = HTTPRequest(.get, peer.url + "/file", limits: HTTPLimits(total: .seconds(5)))
            return .success(try await HTTPClient(tls: tls).send(request))
        } catch { return .failure(error) }
    }

    private func code(_ result: Result<HTTPResponse, TransportError>) -> TransportError.Code? {
        guard case .failure(let error) = result else { return nil }
        return error.code
    }

    @Test("A server signed by the given authority is trusted; by a stranger, or by the system's alone, it is not")
    func authorities() async throws {
        let peer = try TLSPeer(certificates, answers: ["/file": "secret"])
        defer { peer.stop() }
        let answer = try await get(peer, TLSSettings(authorities: certificates.pem("ca.crt"))).get()
        #expect(String(decoding: answer.body, as: UTF8.self) == "secret")
        let stranger = await get(peer, TLSSettings(authorities: try certificates.pem("stranger.crt")))
        #expect(code(stranger) == .tls)
        guard case .failure(let error) = stranger else { return }
        #expect(error.isKnownUnsent && !error.isTransient)
        #expect(code(await get(peer, TLSSettings())) == .tls)
        #expect(try await get(peer, TLSSettings(isVerified: false)).get().status == 200)
    }

    @Test("An expired certificate, one for another name and one of an unknown authority are refused, each in its own sentence", arguments: [
        ("expired", "ca.crt", "has expired"), ("elsewhere", "ca.crt", "is for another name"), ("server", "stranger.crt", "no authority"),
    ])
    func refusals(_ shown: String, _ authority: String, _ words: String) async throws {
        let peer = try TLSPeer(certificates, answers: ["/file": "secret"], showing: shown)
        defer { peer.stop() }
        guard case .failure(let error) = await get(peer, TLSSettings(authorities: try certificates.pem(authority))) else {
            Issue.record("the server was trusted")
            return
        }
        #expect(error.code == .tls && error.isKnownUnsent && !error.isTransient)
        #expect(error.message.contains(words), "\(error.message)")
    }

    @Test("A server is asked for, and must show, the name that the settings give, wherever it listens; the Host header stays the address")
    func serverName() async throws {
        let peer = try TLSPeer(certificates, answers: ["/file": "secret"], showing: "elsewhere")
        defer { peer.stop() }
        var tls = TLSSettings(authorities: try certificates.pem("ca.crt"), serverName: "api.elsewhere.test")
        #expect(try await get(peer, tls).get().status == 200)
        tls.serverName = "api.other.test"
        guard case .failure(let error) = await get(peer, tls) else {
            Issue.record("the server was trusted")
            return
        }
        #expect(error.message.contains("is for another name"))
    }

    @Test("An address gets another name for its certificate and keeps its way", arguments: [
        ("https://10.0.0.1:6443/a?b=c", "https://n.test:6443/a?b=c", "::10.0.0.1:6443", "10.0.0.1:6443"),
        ("https://h/a", "https://n.test/a", "::h:", "h"),
        ("https://[fd00::1]:443", "https://n.test:443", "::[fd00::1]:443", "[fd00::1]:443"),
        ("https://[fd00::1]/", "https://n.test/", "::[fd00::1]:", "[fd00::1]"),
    ])
    func renaming(_ url: String, _ renamed: String, _ route: String, _ authority: String) {
        let server = RenamedServer(url: url, name: "n.test")
        #expect(server?.url == renamed && server?.route == route && server?.authority == authority)
    }

    @Test("One request may show another certificate than its client does")
    func certificateOfOneRequest() async throws {
        let peer = try TLSPeer(certificates, answers: ["/file": "secret"], asksForClientCertificate: true)
        defer { peer.stop() }
        let authorities = try certificates.pem("ca.crt")
        let client = HTTPClient(tls: TLSSettings(authorities: authorities))
        var request = HTTPRequest(.get, peer.url + "/file", limits: HTTPLimits(total: .seconds(5)))
        await #expect(throws: TransportError.self) { _ = try await client.send(request) }
        request.tls = TLSSettings(
            authorities: authorities, certificate: try certificates.pem("client.crt"), key: try certificates.pem("client.key"))
        #expect(try await client.send(request).status == 200)
    }

    @Test("Through a proxy the TLS and the answer are the server's own; a proxy that refuses is named, and nothing was sent")
    func proxy() async throws {
        let peer = try TLSPeer(certificates, answers: ["/file": "secret"])
        let port = try #require(UInt16(peer.url.split(separator: ":").last ?? ""))
        let proxy = StubServer { request, _ in
            guard request.headers["proxy-authorization"] == "Basic dTpw" else {
                return [.send(Array("HTTP/1.1 407 No\r\nX-Proxy: 1\r\nContent-Length: 0\r\n\r\n".utf8)), .close]
            }
            return [.send(Array("HTTP/1.1 200 Established\r\nX-Proxy: 1\r\n\r\n".utf8)), .tunnel(port: port)]
        }
        defer { peer.stop(); proxy.stop() }
        let tls = TLSSettings(authorities: try certificates.pem("ca.crt"))
        let request = HTTPRequest(.post, peer.url + "/file", limits: HTTPLimits(total: .seconds(5)))
        let get = HTTPRequest(.get, peer.url + "/file", limits: HTTPLimits(total: .seconds(5)))
        let answer = try await HTTPClient(tls: tls, proxy: proxy.url.replacing("http://", with: "http://u:p@")).send(get)
        #expect(answer.head.header("X-Proxy") == nil && String(decoding: answer.body, as: UTF8.self) == "secret")
        #expect(proxy.requests.map { "\($0.method) \($0.target)" } == ["CONNECT 127.0.0.1:\(port)"])
        let refused = HTTPClient(tls: tls, proxy: proxy.url)
        let error = try await #require(throws: TransportError.self) { () async throws in _ = try await refused.send(request) }
        #expect(error.code == .connect && error.isKnownUnsent && error.message.contains("the proxy refuses"))
    }

    @Test("A server that asks for a client certificate answers to ours, and to nobody without one")
    func clientCertificate() async throws {
        let peer = try TLSPeer(certificates, answers: ["/file": "secret"], asksForClientCertificate: true)
        defer { peer.stop() }
        let authorities = try certificates.pem("ca.crt")
        #expect(code(await get(peer, TLSSettings(authorities: authorities))) == .tls)
        let ours = TLSSettings(
            authorities: authorities, certificate: try certificates.pem("client.crt"), key: try certificates.pem("client.key"))
        #expect(try await get(peer, ours).get().status == 200)
        let strangers = TLSSettings(
            authorities: authorities, certificate: try certificates.pem("stranger.crt"), key: try certificates.pem("stranger.key"))
        #expect(code(await get(peer, strangers)) == .tls)
    }

    @Test("Certificates that are no PEM are a TLS error, not a crash")
    func garbage() async throws {
        let peer = try TLSPeer(certificates, answers: ["/file": "secret"])
        defer { peer.stop() }
        let rubbish = Array("not a certificate".utf8)
        #expect(code(await get(peer, TLSSettings(authorities: rubbish))) == .tls)
        let result = await get(peer, TLSSettings(authorities: try certificates.pem("ca.crt"), certificate: rubbish, key: rubbish))
        #expect(code(result) == .tls)
    }
}
