// SPDX-License-Identifier: Apache-2.0

import EventModel
import KubeClient
import Synchronization
import Testing

extension Site {
    func checkGet() async throws {
        let (reference, uid) = try await store(.networkPolicies, policy("get", labels: ["a": "b"]))
        let found = try await client.get(NetworkPolicy.self, "get", in: namespace)
        #expect(found.metadata.uid == uid && found.metadata.labels == ["a": "b"] && !found.metadata.resourceVersion.isEmpty)
        #expect(found.metadata.namespace == namespace && found.metadata.creationTimestamp != nil && found.reference == reference)
        let missing = ObjectReference(.networkPolicies, "missing", in: namespace)
        #expect(await isGone(missing))
    }

    func checkPages() async throws {
        for number in 1...5 { _ = try await store(.networkPolicies, policy("page-\(number)", labels: ["clause": "pages"])) }
        _ = try await store(.networkPolicies, policy("other"))
        let recording = RecordingKube(client)
        let list = try await recording.list(.networkPolicies, in: namespace, ListOptions(labelSelector: "clause=pages", pageSize: 2))
        #expect(list.items.map { $0["metadata"]?["name"]?.string } == (1...5).map { "page-\($0)" } && !list.resourceVersion.isEmpty)
        #expect(list.items.allSatisfy { $0["kind"] == "NetworkPolicy" && $0["apiVersion"] == "networking.k8s.io/v1" })
        let one = try await client.list(NetworkPolicy.self, in: namespace, ListOptions(fieldSelector: "metadata.name=page-3"))
        #expect(one.map(\.metadata.name) == ["page-3"])
    }

    func checkWatch() async throws {
        let options = ListOptions(labelSelector: "clause=watch")
        let start = try await client.list(.networkPolicies, in: namespace, options).resourceVersion
        let seen = Mutex<[String]>([])
        // Handed to a task that this function outlives: it is cancelled and awaited below.
        let (client, namespace) = (client, namespace)
        let watch = Task {
            await failure { () async throws(KubeError) in
                try await client.watch(.networkPolicies, in: namespace, options, after: start) { event in
                    if let text = Self.text(event) { seen.withLock { $0.append(text) } }
                }
            }
        }
        let (reference, uid) = try await store(.networkPolicies, policy("watched", labels: ["clause": "watch"]))
        _ = try await store(.networkPolicies, policy("unwatched"))
        _ = try await client.patch(reference, .merge(["metadata": ["annotations": ["a": "b"]]]), WriteOptions())
        _ = try await client.delete(reference, DeleteOptions(uid: uid))
        let expected = ["added watched", "modified watched", "deleted watched"]
        try await until("the watch tells three changes") { seen.withLock { $0 }.count >= expected.count }
        #expect(seen.withLock { $0 } == expected)
        watch.cancel()
        #expect(await watch.value?.code == .cancelled)
    }

    private static func text(_ event: WatchEvent) -> String? {
        switch event {
        case .added(let object): "added " + name(object)
        case .modified(let object): "modified " + name(object)
        case .deleted(let object): "deleted " + name(object)
        case .bookmark: nil
        }
    }

    private static func name(_ object: JSONValue) -> String { object["metadata"]?["name"]?.string ?? "?" }

    func checkForbidden() async throws {
        let (reference, _) = try await store(.pods, pod("kept"))
        let error = await failure { () async throws(KubeError) in try await limited.delete(reference, DeleteOptions()) }
        #expect(error?.code == .forbidden)
        #expect(error?.message.contains("lacks the verb 'delete' on 'pods' in namespace '\(namespace)'") == true, "\(error?.message ?? "")")
        #expect(await !isGone(reference))
        let log = await failure { () async throws(KubeError) in
            try await limited.log(of: reference, LogSelection(container: "main", lines: 1, bytes: 100))
        }
        #expect(log?.code == .forbidden && log?.message.contains("'get' on 'pods/log'") == true)
        let call = KubeCall(.delete, reference)
        #expect(try await !limited.review(call).isAllowed)
        #expect(try await client.review(call).isAllowed)
    }
}
