// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import StubServer
import Testing
import Transport

@testable import KubeClient

@Suite struct KubeconfigTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A kubeconfig whose cluster and user are these lines; the user's begin at line 14 plus the cluster's.
    private func config(cluster: [String] = ["server: https://10.0.0.1"], user: [String] = ["token: abc"]) -> String {
        """
        kind: Config
        current-context: main
        contexts:
        - name: main
          context:
            cluster: c1
            user: u1
        clusters:
        - name: c1
          cluster:
        \(cluster.map { "    " + $0 }.joined(separator: "\n"))
        users:
        - name: u1
          user:
        \(user.map { "    " + $0 }.joined(separator: "\n"))
        """
    }

    private func read(_ text: String, environment: [String: String] = [:]) throws(KubeError) -> ClusterConnection {
        try ClusterConnection.kubeconfig(text, name: "config", directory: scratch.path, environment: environment)
    }

    private func refusal(_ text: String) -> String {
        do throws(KubeError) { _ = try read(text) } catch { return error.code == .config ? error.message : "not a config error" }
        return "not refused"
    }

    @Test("An error says file, line, key and what to do", arguments: [
        (["server: 10.0.0.1:6443"], ["token: a"], "config:11: clusters[0].cluster.server: ", "https://"),
        (["server: https://u@h"], ["token: a"], "config:11: clusters[0].cluster.server: ", "name no user"),
        (["proxy-url: http://p"], ["token: a"], "config:11: clusters[0].cluster.server: is missing", "Write the API server's address"),
        (["server: https://h", "proxy-url: ftp://p"], ["token: a"], "config:12: clusters[0].cluster.proxy-url: ", "socks5://"),
        (["server: https://h", "insecure-skip-tls-verify: maybe"], ["token: a"], "config:12: ", "true or false"),
        (["server: https://h", "insecure-skip-tls-verify: true", "certificate-authority-data: YQ=="], ["token: a"],
         "config:12: clusters[0].cluster.insecure-skip-tls-verify: ", "Leave out one"),
        (["server: https://h", "certificate-authority: no/such/ca"], ["token: a"],
         "config:12: clusters[0].cluster.certificate-authority: ", "/no/such/ca"),
        (["server: https://h"], ["client-certificate-data: '%%%'", "client-key: k"], "config:15: users[0].user.client-certificate-data: ",
         "base64"),
        (["server: https://h"], ["client-certificate-data: YQ=="], "config:15: users[0].user: ", "given together"),
        (["server: https://h"], ["token: [1]"], "config:15: users[0].user.token: ", "expected a text"),
        (["server: https://h"], ["tokenFile: nowhere"], "config:15: users[0].user.tokenFile: ", "/nowhere"),
        (["server: https://h"], ["token: a", "username: b"], "config:16: users[0].user.username: ", "Leave out one"),
        (["server: https://h"], ["as: root", "token: a"], "config:15: users[0].user.as: ", "does not do this"),
        (["server: https://h"], ["auth-provider: {name: gcp}"], "config:15: users[0].user.auth-provider: ", "exec plugin"),
    ])
    func errors(_ cluster: [String], _ user: [String], _ start: String, _ words: String) {
        let message = refusal(config(cluster: cluster, user: user))
        #expect(message.hasPrefix(start) && message.contains(words), "\(message)")
    }

    @Test("YAML that cannot be read is an error with its line that does not repeat the line, which may hold a secret", arguments: [
        ("token: abc", "token: 'secret", "is no kubeconfig"), ("token: abc", "token: secret\n    token: secret", "twice"),
        ("- name: u1", "- name: u1\n- name: u1", "users[1]: the name 'u1' stands there twice"),
    ])
    func unreadable(_ old: String, _ new: String, _ words: String) {
        let message = refusal(config().replacing(old, with: new))
        #expect(message.contains(words) && message.hasPrefix("config:") && !message.contains("secret"), "\(message)")
        #expect(refusal("- secret") == "config:1: expected keys with values here.")
    }

    @Test("The name that the certificate must carry, the proxy, the choice not to verify and a password are read")
    func connection() throws {
        let found = try read(config(
            cluster: ["server: https://h", "tls-server-name: api.test", "proxy-url: socks5://p:1080", "insecure-skip-tls-verify: true"],
            user: ["username: ann", "password: 007"]))
        #expect(found.tls == TLSSettings(isVerified: false, serverName: "api.test"))
        #expect(found.proxy == "socks5h://p:1080" && found.credential == .basic(user: "ann", password: "007"))
        #expect(try read(config(cluster: ["server: https://h", "proxy-url: http://p:1"])).proxy == "http://p:1")
    }

    @Test("A credential plugin is read with arguments, its environment over ours, and what it asks to know of the cluster")
    func plugin() throws {
        let text = config(
            cluster: [
                "server: https://h", "tls-server-name: api.test", "certificate-authority-data: YWJj", "extensions:", "- name: other",
                "- name: client.authentication.k8s.io/exec", "  extension: {audience: x, ids: [1, '1', true, null, 1.5]}",
            ],
            user: [
                "exec:", "  apiVersion: client.authentication.k8s.io/v1", "  command: get-token", "  args: [--cluster, '7', 8]",
                "  env: [{name: REGION, value: north}]", "  interactiveMode: IfAvailable", "  provideClusterInfo: true",
                "  installHint: get it from example.com",
            ])
        let found = try read(text, environment: ["PATH": "/bin", "REGION": "south"])
        #expect(found.credential == .exec(ExecPlugin(
            .v1, command: "get-token", arguments: ["--cluster", "7", "8"], environment: ["PATH": "/bin", "REGION": "north"],
            installHint: "get it from example.com",
            cluster: [
                "server": "https://h", "tls-server-name": "api.test", "certificate-authority-data": "YWJj",
                "config": ["audience": "x", "ids": [1, "1", true, .null, .double(1.5)]],
            ])))
        let beside = try read(config(user: ["exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: bin/get-token}"]))
        #expect(beside.credential == .exec(ExecPlugin(.v1beta1, command: scratch.path + "/bin/get-token")))
    }

    @Test("A plugin that cannot be spoken to is refused with its place", arguments: [
        ("{command: x}", "exec.apiVersion: is missing"),
        ("{apiVersion: client.authentication.k8s.io/v1alpha1, command: x}", "is not spoken"),
        ("{apiVersion: client.authentication.k8s.io/v1, command: x}", "interactiveMode: is missing"),
        ("{apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}", "nobody sits before Saker"),
        ("{apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Perhaps}", "must be Never"),
        ("{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}", "exec.command: is missing"),
        ("{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: x, env: [{value: y}]}", "env[0].name: is missing"),
    ])
    func badPlugins(_ exec: String, _ words: String) {
        let message = refusal(config(user: ["exec: " + exec]))
        #expect(message.hasPrefix("config:15: users[0].user.exec") && message.contains(words), "\(message)")
    }

    @Test("Several files of KUBECONFIG are merged: the first that names a thing stands, paths count from the file that they stand in")
    func merging() throws {
        try scratch.write("one/config", """
            contexts: [{name: a, context: {cluster: c1, user: u1}}]
            clusters: [{name: c1, cluster: {server: "https://one"}}]
            users: [{name: u1, user: {tokenFile: token}}]
            """)
        try scratch.write("two/config", """
            current-context: b
            contexts: [{name: b, context: {cluster: c2, user: u2, namespace: n}}]
            clusters: [{name: c1, cluster: {server: "https://evil"}}, {name: c2, cluster: {server: "https://two"}}]
            users: [{name: u1, user: {token: evil, username: evil}}, {name: u2, user: {tokenFile: token}}]
            """)
        try scratch.write("three", "current-context: a\n")
        try scratch.write("empty", "")
        for name in ["one", "two"] { try scratch.write(name + "/token", name) }
        let list = ["one/config", "missing", "empty", "two/config", "three"].map { scratch.path + "/" + $0 }.joined(separator: ":")
        let current = try ClusterConnection.kubeconfig(environment: ["KUBECONFIG": ":" + list])
        #expect(current.server == "https://two" && current.namespace == "n")
        #expect(current.credential == .tokenFile(scratch.path + "/two/token"))
        let first = try ClusterConnection.kubeconfig(environment: ["KUBECONFIG": list], context: "a")
        #expect(first.server == "https://one" && first.credential == .tokenFile(scratch.path + "/one/token"))
        let lost = failureOf { () throws(KubeError) in try ClusterConnection.kubeconfig(environment: ["KUBECONFIG": list], context: "c") }
        #expect(lost?.message.contains("no context 'c' (it has 'a', 'b')") == true)
    }

    @Test("Without KUBECONFIG the file in the home directory counts; where there is none, that is said")
    func home() throws {
        let none = failureOf { () throws(KubeError) in try ClusterConnection.kubeconfig(environment: ["HOME": scratch.path]) }
        #expect(none?.code == .config && none?.message.contains(scratch.path + "/.kube/config") == true)
        try scratch.write(".kube/config", config())
        #expect(try ClusterConnection.kubeconfig(environment: ["HOME": scratch.path]).credential == .token("abc"))
    }

    @Test("A program that was told no cluster takes its pod's, and outside of a pod what KUBECONFIG names")
    func found() throws {
        let path = try scratch.write("config", config())
        #expect(try ClusterConnection.found(in: ["KUBECONFIG": path]).credential == .token("abc"))
        let none = failureOf { () throws(KubeError) in try ClusterConnection.found(in: [:]) }
        #expect(none?.message.contains("this is no pod") == true)
        let pod = ["KUBECONFIG": path, "KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"]
        let missing = failureOf { () throws(KubeError) in try ClusterConnection.found(in: pod) }
        #expect(missing?.message.contains(ClusterConnection.serviceAccountDirectory) == true)
    }

    private func failureOf(_ body: () throws(KubeError) -> ClusterConnection) -> KubeError? {
        do throws(KubeError) { _ = try body() } catch { return error }
        return nil
    }
}
