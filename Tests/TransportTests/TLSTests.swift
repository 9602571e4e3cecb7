// SPDX-License-Identifier: Apache-2.0

import StubServer
import Testing
import Transport

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

    @Test("A certificate for another name is refused")
    func wrongName() async throws {
        let peer = try TLSPeer(certificates, answers: ["/file": "secret"])
        defer { peer.stop() }
        let client = HTTPClient(tls: TLSSettings(authorities: try certificates.pem("ca.crt")))
        let url = peer.url.replacing("127.0.0.1", with: "localhost") + "/file"
        let error = try await #require(throws: TransportError.self) { () async throws in _ = try await client.send(HTTPRequest(.get, url)) }
        #expect(error.code == .tls)
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
