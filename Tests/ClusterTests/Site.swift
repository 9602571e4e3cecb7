// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing
import Transport

@testable import KubeClient

/// A cluster to try the contract on: who may do all, who may do nothing, and a namespace that was made for this and is removed again.
struct Site: Sendable {
    let client: KubeClient
    let limited: KubeClient
    let namespace: String

    /// Makes the namespace, runs `body`, and removes the namespace whatever happened.
    static func run(_ connection: ClusterConnection, _ body: (Site) async throws -> Void) async throws {
        let client = KubeClient(connection)
        defer { client.shutDown() }
        let name = "saker-contract-" + UUID().uuidString.prefix(8).lowercased()
        let made = try await client.create(
            .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]], in: nil, WriteOptions())
        let uid = try #require(made["metadata"]?["uid"]?.string)
        let result: Result<Void, any Error>
        do {
            let nobody = try await serviceAccount(client, name)
            defer { nobody.shutDown() }
            result = .success(try await body(Site(client: client, limited: nobody, namespace: name)))
        } catch { result = .failure(error) }
        let place = ObjectReference(.namespaces, name, in: nil)
        _ = try await client.delete(place, DeleteOptions(uid: uid))
        try await until("the namespace \(name) ends") {
            do throws(KubeError) { return try await client.get(place)["metadata"]?["deletionTimestamp"]?.string != nil } catch {
                return error.code == .notFound
            }
        }
        try result.get()
    }

    /// A service account of the namespace, which nobody gave any right, as Kubernetes' own TokenRequest lets it in.
    private static func serviceAccount(_ client: KubeClient, _ namespace: String) async throws -> KubeClient {
        let accounts = KubeResource(group: "", version: "v1", plural: "serviceaccounts", kind: "ServiceAccount", isNamespaced: true)
        let account: JSONValue = ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "nobody"]]
        _ = try await client.create(accounts, account, in: namespace, WriteOptions())
        let wish: JSONValue = ["apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": ["expirationSeconds": 600]]
        let call = KubeCall(.create, accounts, namespace: namespace, name: "nobody", body: wish, subresource: "token")
        let path = accounts.path(namespace: namespace, name: "nobody") + "/token"
        let request = client.request(call, .post, path, wish, "application/json")
        let http = client.http
        let answer = try await client.authorized(request, call, \.head) { (request) async throws(TransportError) in
            try await http.send(request)
        }
        let token = try #require(JSONText.read(answer.body)?["status"]?["token"]?.string)
        var connection = client.connection
        connection.tls.certificate = nil
        connection.tls.key = nil
        connection.credential = .token(token)
        return KubeClient(connection)
    }
}

/// Waits for a condition, a minute at most: a real cluster's kubelet and controllers take their time.
func until(_ what: String, _ isTrue: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !isTrue() {
        guard ContinuousClock.now < deadline else {
            Issue.record("not within a minute: \(what)")
            return
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// How a call failed; nil when it did not.
func failure<Value: Sendable>(_ body: () async throws(KubeError) -> Value) async -> KubeError? {
    do throws(KubeError) { _ = try await body() } catch { return error }
    return nil
}
