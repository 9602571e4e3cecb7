// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
@testable import KubeSim

let kubectlIsHere: Bool = {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["kubectl", "version", "--client"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
}()

@Suite(.enabled(if: kubectlIsHere || everythingIsRequired, "kubectl is not installed or does not run"))
struct KubectlTests {
    @Test("kubectl get prints pods as a cluster does, with their age")
    func getsPods() async throws {
        try await TestCluster.run { $0.now = { 1_800_000_000_000_000_000 } } _: { cluster in
            try await cluster.seed(pod("web-1"))
            let result = try await cluster.kubectl("get", "pods")
            #expect(result.errors == "")
            #expect(result.lines.map { $0.split(separator: " ").map(String.init) } == [
                ["NAME", "READY", "STATUS", "RESTARTS", "AGE"], ["web-1", "1/1", "Running", "2", "0s"],
            ])
        }
    }

    @Test("kubectl finds every kind by its name and its short name")
    func findsKinds() async throws {
        try await TestCluster.run { cluster in
            for resource in Resource.allCases {
                let result = try await cluster.kubectl("get", resource.qualifiedName, "-o", "name", "-A")
                #expect(result.status == 0, "\(resource): \(result.errors)")
            }
            let namespaces = try await cluster.kubectl("get", "namespaces", "-o", "name")
            #expect(namespaces.lines == ["namespace/default", "namespace/kube-system"])
        }
    }

    @Test("kubectl label changes the label that the next get shows")
    func labels() async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("web-1"))
            #expect(try await cluster.kubectl("label", "pod", "web-1", "quarantine=true").output == "pod/web-1 labeled\n")
            #expect(try await cluster.kubectl("get", "pods", "-l", "quarantine=true", "-o", "name").lines == ["pod/web-1"])
            #expect(try await cluster.kubectl("label", "pod", "web-1", "quarantine-").status == 0)
            #expect(try await cluster.kubectl("get", "pods", "-l", "quarantine", "-o", "name").lines == [])
        }
    }

    @Test("kubectl delete waits until the pod is gone")
    func deletes() async throws {
        let runtime = HeldRuntime()
        try await TestCluster.run { $0.runtime = runtime } _: { cluster in
            try await cluster.seed(pod("web-1"))
            let result = try await cluster.kubectl("delete", "pod", "web-1")
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.hasPrefix("pod \"web-1\" deleted"))
            #expect(await cluster.sim.object("pods", namespace: "default", name: "web-1") == nil)
            #expect(runtime.terminated.map(\.name) == ["web-1"])
        }
    }

    @Test("kubectl get -w shows a label change and the end of a pod as they happen")
    func watches() async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("web-1"))
            async let watch = cluster.kubectl(
                "get", "pods", "-w", "--output-watch-events", "--request-timeout=6s")
            let isWatching = await eventually { cluster.sim.requests.contains { $0.verb == "watch" } }
            #expect(isWatching)
            try await cluster.seed(pod("web-1", labels: ["a": "b"]))
            await cluster.sim.remove("pods", namespace: "default", name: "web-1")
            let lines = try await watch.lines.map { $0.split(separator: " ").map(String.init) }
            #expect(lines.map(\.first) == ["EVENT", "ADDED", "MODIFIED", "DELETED"])
            #expect(lines.last?.prefix(4) == ["DELETED", "web-1", "1/1", "Running"])
        }
    }

    @Test("kubectl patch works with all three patch kinds")
    func patches() async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("web-1"))
            let patches = [
                "merge": #"{"metadata":{"labels":{"a":"1"}}}"#,
                "json": #"[{"op":"add","path":"/metadata/labels/b","value":"2"}]"#,
                "strategic": #"{"spec":{"containers":[{"name":"main","image":"new"}]}}"#,
            ]
            for (kind, patch) in patches.sorted(by: { $0.key > $1.key }) {
                let result = try await cluster.kubectl("patch", "pod", "web-1", "--type", kind, "-p", patch)
                #expect(result.status == 0, "\(kind): \(result.errors)")
            }
            let object = try #require(await cluster.sim.object("pods", namespace: "default", name: "web-1"))
            let stored = try JSON(parsing: Data(object.utf8))
            #expect(stored["metadata", "labels"] == ["a": "1", "b": "2"])
            #expect(stored["spec", "containers"]?.elements.map { $0["image"]?.string } == ["new"])
        }
    }

    @Test("kubectl works with a client certificate, and a denial stops its user with Kubernetes' sentence")
    func forbids() async throws {
        try await TestCluster.run { $0.denials = [.init(user: "bob", verb: "delete", resource: "pods")] } _: { cluster in
            try await cluster.seed(pod("web-1"))
            let bob = KubeconfigUser.certificate(user: "bob")
            #expect(try await cluster.kubectl("get", "pods", "-o", "name", user: bob).lines == ["pod/web-1"])
            let refusal = try await cluster.kubectl("delete", "pod", "web-1", user: bob)
            #expect(refusal.errors.contains(
                #"pods "web-1" is forbidden: User "bob" cannot delete resource "pods" in API group "" in the namespace "default""#))
        }
    }
}
