// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import StubServer
import Testing
import Transport

@testable import KubeClient
import struct KubeClient.Pod

@Suite struct ConfigTests {
    private func config(cluster: String = "", user: String = "{token: abc}", more: String = "") -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: main
        contexts:
        - name: main
          context: {cluster: c1, user: u1, namespace: shop}
        - name: bare
          context: {cluster: c1}
        - name: lost
          context: {cluster: nowhere, user: u1}
        clusters:
        - name: c1
          cluster: {server: "https://10.0.0.1:6443/"\(cluster)}
        users:
        - name: u1
          user: \(user)
        \(more)
        """
    }

    private func read(_ text: String, context: String? = nil, directory: String = "/nowhere") throws(KubeError) -> ClusterConnection {
        try ClusterConnection.kubeconfig(text, name: "kubeconfig", directory: directory, context: context)
    }

    private func refusal(_ text: String, context: String? = nil) -> String {
        do throws(KubeError) { _ = try read(text, context: context) } catch {
            return error.code == .config ? error.message : "not a config error"
        }
        return "not refused"
    }

    @Test("The current context names cluster, user and namespace; another can be asked for")
    func contexts() throws {
        let main = try read(config())
        #expect(main.server == "https://10.0.0.1:6443" && main.namespace == "shop" && main.credential == .token("abc"))
        #expect(main.tls == TLSSettings())
        let bare = try read(config(), context: "bare")
        #expect(bare.namespace == "default" && bare.credential == .none)
    }

    @Test("What is missing is named, together with what there is")
    func missing() {
        #expect(refusal(config(), context: "prod").contains("no context 'prod' (it has 'main', 'bare', 'lost')"))
        #expect(refusal(config(), context: "lost").contains("no cluster 'nowhere' (it has 'c1')"))
        #expect(refusal(config().replacing("- name: u1", with: "- name: u2")).contains("no user 'u1' (it has 'u2')"))
        #expect(refusal("clusters: []").contains("no current-context"))
        #expect(refusal("a: [").contains("is no kubeconfig"))
        #expect(refusal(config(user: "{tokenFile: /no/such/token}")).contains("/no/such/token"))
        #expect(refusal(config(user: "{client-certificate-data: YWJj}")).contains("given together"))
        #expect(refusal(config(user: "{client-certificate-data: '***'}")).contains("not base64"))
    }

    @Test("Certificates and tokens come from data or from files beside the kubeconfig; data wins over a file, a token file over a token")
    func material() throws {
        let directory = NSTemporaryDirectory() + "kubeconfig-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for name in ["ca", "cert", "key", "token"] {
            try Data("\(name) file\n".utf8).write(to: URL(fileURLWithPath: directory + "/" + name))
        }
        let user = "{client-certificate: cert, client-key: \(directory)/key, token: abc, tokenFile: token}"
        let text = config(cluster: ", certificate-authority: ca, tls-server-name: api.test", user: user)
        let files = try read(text, directory: directory)
        #expect(files.tls == TLSSettings(
            authorities: Array("ca file\n".utf8), certificate: Array("cert file\n".utf8), key: Array("key file\n".utf8),
            serverName: "api.test"))
        #expect(files.credential == .tokenFile(directory + "/token"))
        let data = try read(config(cluster: ", certificate-authority: ca, certificate-authority-data: ZGF0YQ=="), directory: directory)
        #expect(data.tls.authorities == Array("data".utf8))
        try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/config"))
        #expect(try ClusterConnection.kubeconfig(path: directory + "/config") == files)
    }

    @Test("Plain HTTP is refused except to this machine", arguments: [
        ("http://10.0.0.1:80", false), ("http://127.0.0.1:8001", true), ("http://[::1]:8001", true),
        ("http://127.0.0.1.evil.com:80", false), ("http://127.0.0.1:80@evil.com", false),
        ("ftp://x", false), ("https://x", true), ("10.0.0.1:6443", false),
    ])
    func plainHTTP(_ server: String, _ isAllowed: Bool) {
        let connection = try? ClusterConnection(server: server)
        #expect((connection != nil) == isAllowed)
    }

    @Test("A pod finds its cluster by its environment and service account, and is told what is missing")
    func inCluster() throws {
        let directory = NSTemporaryDirectory() + "account-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for name in ["ca.crt", "token", "namespace"] {
            try Data("\(name)!\n".utf8).write(to: URL(fileURLWithPath: directory + "/" + name))
        }
        let environment = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
        let connection = try ClusterConnection.inCluster(environment: environment, directory: directory)
        #expect(connection.server == "https://[fd00::1]:443" && connection.namespace == "namespace!")
        #expect(connection.credential == .tokenFile(directory + "/token") && connection.tls.authorities == Array("ca.crt!\n".utf8))
        let outside = #expect(throws: KubeError.self) { _ = try ClusterConnection.inCluster(environment: [:], directory: directory) }
        #expect(outside?.message.contains("KUBERNETES_SERVICE_HOST") == true)
        try FileManager.default.removeItem(atPath: directory + "/token")
        let tokenless = #expect(throws: KubeError.self) {
            _ = try ClusterConnection.inCluster(environment: environment, directory: directory)
        }
        #expect(tokenless?.message.contains(directory + "/token") == true)
    }

    @Test("A kubeconfig with a client certificate opens a server that asks for one; without it, or with another authority, it does not")
    func overTLS() async throws {
        let certificates = try TestCertificates()
        let peer = try TLSPeer(certificates, answers: ["/api/v1/namespaces/shop/pods/web-1": podText], asksForClientCertificate: true)
        defer { peer.stop() }
        func file(_ authority: String, _ user: String) -> String {
            config(cluster: ", certificate-authority: \(authority)", user: user).replacing("https://10.0.0.1:6443/", with: peer.url)
        }
        func get(_ text: String) async throws -> Result<Pod, KubeError> {
            let client = KubeClient(try read(text, directory: certificates.directory), tryLimit: 1)
            do throws(KubeError) { return .success(try await client.get(Pod.self, "web-1", in: "shop")) } catch { return .failure(error) }
        }
        let ours = "{client-certificate: client.crt, client-key: client.key}"
        #expect(try await get(file("ca.crt", ours)).get().metadata.uid == "u-1")
        let faults = [(file("ca.crt", "{token: abc}"), "check the client certificate"), (file("stranger.crt", ours), "name the right CA")]
        for (text, advice) in faults {
            guard case .failure(let error) = try await get(text) else {
                Issue.record("the server was reached")
                continue
            }
            #expect(error.code == .transport && !error.isTransient && error.message.contains(advice))
        }
    }
}
