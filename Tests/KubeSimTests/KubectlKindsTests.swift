// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
@testable import KubeSim

/// What a stranger does with kubectl on a cluster, kind by kind and verb by verb.
@Suite(.enabled(if: kubectlIsHere || everythingIsRequired, "kubectl is not installed or does not run"))
struct KubectlKindsTests {
    private func words(_ result: CommandResult) -> [[String]] { result.lines.map { $0.split(separator: " ").map(String.init) } }

    private func file(_ cluster: TestCluster, _ name: String, _ text: String) throws -> String {
        let url = cluster.folder.appending(path: name)
        try Data(text.utf8).write(to: url)
        return url.path(percentEncoded: false)
    }

    private static let shop = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings}
        data: {colour: red}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: door}
        stringData: {key: open}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: shop}
        spec:
          selector: {app: web}
          ports: [{port: 80, targetPort: 8080}]
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: main, image: "shop:1", ports: [{containerPort: 8080}]}]}
        ---
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: base}
        spec:
          serviceName: base
          replicas: 1
          selector: {matchLabels: {app: base}}
          template:
            metadata: {labels: {app: base}}
            spec: {containers: [{name: main, image: base}]}
        ---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: eyes}
        spec:
          selector: {matchLabels: {app: eyes}}
          template:
            metadata: {labels: {app: eyes}}
            spec: {containers: [{name: main, image: eyes}]}
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: web}
        spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: disk}
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: reader}
        rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: readers}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
        subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: bob}]
        ---
        apiVersion: scheduling.k8s.io/v1
        kind: PriorityClass
        metadata: {name: high}
        value: 1000
        ---
        apiVersion: coordination.k8s.io/v1
        kind: Lease
        metadata: {name: leader}
        spec: {holderIdentity: me}

        """

    @Test("kubectl apply -f stores every kind, strictly validated; applied again it changes nothing; get shows each as a cluster does")
    func applies() async throws {
        try await TestCluster.run { $0.now = { 1_800_000_000_000_000_000 } } _: { cluster in
            let path = try file(cluster, "shop.yaml", Self.shop)
            let first = try await cluster.kubectl("apply", "--validate=strict", "-f", path)
            #expect(first.status == 0 && first.errors == "", "\(first.errors)")
            #expect(first.lines.count == 12 && first.lines.allSatisfy { $0.hasSuffix(" created") }, "\(first.output)")
            let second = try await cluster.kubectl("apply", "-f", path)
            // kubectl has something to send each time for plain text that is stored in base64, and for a selector that it replaces.
            let sent = ["secret/door configured", "poddisruptionbudget.policy/web configured"]
            #expect(second.lines.filter { !$0.hasSuffix(" unchanged") } == sent, "\(second.output)\(second.errors)")
            let versions = try await cluster.kubectl("get", "-f", path, "-o", "jsonpath={.items[*].metadata.resourceVersion}").output
            #expect(try await cluster.kubectl("apply", "-f", path).status == 0)
            let after = try await cluster.kubectl("get", "-f", path, "-o", "jsonpath={.items[*].metadata.resourceVersion}").output
            #expect(versions == after && versions.split(separator: " ").count == 12)
            let shown: [(String, [String], [String])] = [
                ("configmap", ["NAME", "DATA", "AGE"], ["settings", "1", "0s"]),
                ("secret", ["NAME", "TYPE", "DATA", "AGE"], ["door", "Opaque", "1", "0s"]),
                ("svc", ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"],
                 ["shop", "ClusterIP", "10.96.0.1", "<none>", "80/TCP", "0s"]),
                ("deploy", ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"], ["web", "2/2", "2", "2", "0s"]),
                ("sts", ["NAME", "READY", "AGE"], ["base", "1/1", "0s"]),
                ("pdb", ["NAME", "MIN", "AVAILABLE", "MAX", "UNAVAILABLE", "ALLOWED", "DISRUPTIONS", "AGE"],
                 ["web", "1", "N/A", "0", "0s"]),
                ("role", ["NAME", "CREATED", "AT"], ["reader", "2027-01-15T08:00:00Z"]),
                ("rolebinding", ["NAME", "ROLE", "AGE"], ["readers", "Role/reader", "0s"]),
                ("pc", ["NAME", "VALUE", "GLOBAL-DEFAULT", "AGE", "PREEMPTIONPOLICY"],
                 ["high", "1000", "false", "0s", "PreemptLowerPriority"]),
                ("lease", ["NAME", "HOLDER", "AGE"], ["leader", "me", "0s"]),
                ("sa", ["NAME", "SECRETS", "AGE"], ["default", "0", "0s"]),
            ]
            for (kind, head, row) in shown {
                let result = try await cluster.kubectl("get", kind)
                #expect(words(result) == [head, row], "\(kind): \(result.output)\(result.errors)")
            }
            #expect(try await cluster.kubectl("get", "secret", "door", "-o", "jsonpath={.data.key}").output == "b3Blbg==")
            let all = try await cluster.kubectl("get", "all", "-o", "name")
            #expect(Set(all.lines) == ["service/shop", "deployment.apps/web", "statefulset.apps/base", "daemonset.apps/eyes"])
            let wide = try await cluster.kubectl("get", "deploy", "-o", "wide")
            #expect(words(wide).last?.suffix(3) == ["main", "shop:1", "app=web"])
            let yaml = try await cluster.kubectl("get", "deploy", "web", "-o", "yaml")
            #expect(yaml.lines.contains("  replicas: 2") && yaml.lines.first == "apiVersion: apps/v1")
            for kind in ["deploy/web", "sts/base", "ds/eyes"] {
                let rollout = try await cluster.kubectl("rollout", "status", kind, "--timeout=10s")
                #expect(rollout.status == 0, "\(kind): \(rollout.output)\(rollout.errors)")
            }
        }
    }

    @Test("kubectl apply refuses an unknown field where validation is strict, and warns of it where it warns")
    func validates() async throws {
        try await TestCluster.run { cluster in
            let path = try file(
                cluster, "map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: one}\ncolour: red\n")
            let strict = try await cluster.kubectl("apply", "--validate=strict", "-f", path)
            #expect(strict.status != 0)
            #expect(strict.errors.contains(#"strict decoding error: unknown field "colour""#), "\(strict.errors)")
            let warned = try await cluster.kubectl("apply", "--validate=warn", "-f", path)
            #expect(warned.status == 0)
            #expect(warned.errors.contains(#"unknown field "colour""#), "\(warned.errors)")
            let wrong = try file(cluster, "b.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: 3\n")
            let created = try await cluster.kubectl("create", "-f", wrong).errors
            #expect(created.contains("cannot unmarshal number into Go struct field Pod.spec of type v1.PodSpec"), "\(created)")
        }
    }

    @Test("kubectl apply --server-side merges by owner, tells conflicts, takes by force, and goes on from a client-side apply")
    func appliesServerSide() async throws {
        try await TestCluster.run { cluster in
            func map(_ value: String) throws -> String {
                try file(cluster, "map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: \(value)}\n")
            }
            #expect(try await cluster.kubectl("apply", "-f", map("one")).status == 0)
            let moved = try await cluster.kubectl("apply", "--server-side", "-f", map("two"))
            #expect(moved.output == "configmap/a serverside-applied\n", "\(moved.errors)")
            let owners = "{.data.x} {.metadata.managedFields[*].manager}"
            #expect(try await cluster.kubectl("get", "cm", "a", "-o", "jsonpath=" + owners).output == "two kubectl kubectl-last-applied")
            let refused = try await cluster.kubectl("apply", "--server-side", "--field-manager=other", "-f", map("three"))
            #expect(refused.errors.contains(#"Apply failed with 1 conflict: conflict with "kubectl": .data.x"#), "\(refused.errors)")
            let forced = try await cluster.kubectl(
                "apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", map("three"))
            #expect(forced.status == 0, "\(forced.errors)")
            #expect(try await cluster.kubectl("get", "cm", "a", "-o", "jsonpath={.data.x}").output == "three")
            let diff = try await cluster.kubectl("diff", "-f", map("four"))
            #expect(diff.status == 1 && diff.output.contains("+  x: four"), "\(diff.errors)")
        }
    }

    @Test("the short forms of kubectl create, which send protobuf, make their objects")
    func createsShort() async throws {
        try await TestCluster.run { cluster in
            let commands = [
                ["namespace", "blue"], ["configmap", "a", "--from-literal=x=y"], ["secret", "generic", "b", "--from-literal=x=y"],
                ["serviceaccount", "c"], ["deployment", "d", "--image=shop:1", "--replicas=3", "--port=80"],
                ["role", "e", "--verb=get,list", "--resource=pods"], ["rolebinding", "f", "--role=e", "--serviceaccount=default:c"],
                ["clusterrole", "g", "--verb=*", "--resource=deployments.apps"],
                ["clusterrolebinding", "h", "--clusterrole=g", "--user=bob"],
                ["priorityclass", "i", "--value=7"], ["pdb", "j", "--selector=app=d", "--max-unavailable=50%"],
                ["service", "clusterip", "k", "--tcp=80:8080"],
            ]
            for command in commands {
                let result = try await cluster.kubectl(["create"] + command)
                #expect(result.status == 0 && result.output.hasSuffix(" created\n"), "\(command): \(result.errors)")
            }
            func value(_ path: String, _ kind: String...) async throws -> String {
                try await cluster.kubectl(["get"] + kind + ["-o", "jsonpath=\(path)"]).output
            }
            #expect(try await value("{.data.x}", "secret", "b") == "eQ==")
            #expect(try await value("{.spec.replicas} {.spec.template.spec.containers[0].ports[0].containerPort}", "deploy", "d") == "3 80")
            #expect(try await value("{.rules[0].verbs[1]} {.rules[0].apiGroups}", "role", "e") == #"list [""]"#)
            #expect(try await value("{.subjects[0].kind} {.subjects[0].namespace}", "rolebinding", "f") == "ServiceAccount default")
            #expect(try await value("{.spec.maxUnavailable}", "pdb", "j") == "50%")
            #expect(try await value("{.spec.ports[0].targetPort}", "svc", "k") == "8080")
        }
    }

    @Test("kubectl scale, set, annotate, patch, replace, edit and rollout restart change what they say")
    func changes() async throws {
        try await TestCluster.run { cluster in
            #expect(try await cluster.kubectl("create", "deployment", "web", "--image=shop:1").status == 0)
            let yaml = try await cluster.kubectl("get", "deploy", "web", "-o", "yaml").output
            let patch = #"{"spec":{"template":{"spec":{"containers":[{"name":"shop","env":[{"name":"X","value":"1"}]}]}}}}"#
            let commands = [
                ["scale", "deploy/web", "--replicas=4"], ["set", "image", "deploy/web", "shop=shop:2"],
                ["annotate", "deploy", "web", "a=b"], ["patch", "deploy", "web", "-p", patch],
                ["rollout", "restart", "deploy/web"], ["rollout", "status", "deploy/web", "--timeout=10s"],
            ]
            for command in commands {
                let result = try await cluster.kubectl(command)
                #expect(result.status == 0, "\(command): \(result.errors)")
            }
            let path = "{.spec.replicas} {.spec.template.spec.containers[0].image} {.metadata.annotations.a} {..env[0].value}"
            #expect(try await cluster.kubectl("get", "deploy", "web", "-o", "jsonpath=" + path).output == "4 shop:2 b 1")
            let script = try file(cluster, "editor", "#!/bin/sh\nexec sed -i 's/replicas: 4/replicas: 6/' \"$1\"\n")
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: script)
            let edited = try await cluster.kubectl(["edit", "deploy", "web"], environment: ["EDITOR": script, "TERM": "dumb"])
            #expect(edited.output == "deployment.apps/web edited\n", "\(edited.errors)")
            #expect(try await cluster.kubectl("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}").output == "6")
            let stale = try await cluster.kubectl("replace", "-f", file(cluster, "old.yaml", yaml))
            #expect(stale.errors.contains("the object has been modified"), "\(stale.errors)")
            let fresh = yaml.split(separator: "\n").filter { !$0.contains("resourceVersion:") }.joined(separator: "\n")
            #expect(try await cluster.kubectl("replace", "-f", file(cluster, "new.yaml", fresh)).status == 0)
            #expect(try await cluster.kubectl("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}").output == "1")
        }
    }

    @Test("kubectl describe, logs, wait, events, explain and api-resources show a pod and its kind")
    func shows() async throws {
        try await TestCluster.run { cluster in
            var ready = pod("web-1")
            ready["status", "conditions"] = [["type": "Ready", "status": "True"]]
            try await cluster.seed(ready)
            let uid = try await cluster.kubectl("get", "pod", "web-1", "-o", "jsonpath={.metadata.uid}").output
            try await cluster.seed([
                "kind": "Event", "metadata": ["name": "web-1.1", "namespace": "default"], "type": "Warning", "reason": "Seen",
                "message": "a shell was seen", "involvedObject": [
                    "kind": "Pod", "name": "web-1", "namespace": "default", "uid": .string(uid),
                ], "source": ["component": "saker"], "lastTimestamp": "2027-01-15T08:00:00Z",
            ])
            cluster.sim.setLog("one\ntwo\n", namespace: "default", pod: "web-1", container: "main")
            let described = try await cluster.kubectl("describe", "pod", "web-1")
            #expect(described.output.contains("Warning  Seen") && described.output.contains("a shell was seen"), "\(described.output)")
            #expect(try await cluster.kubectl("logs", "web-1").output == "one\ntwo\n")
            #expect(try await cluster.kubectl("logs", "web-1", "--tail=1", "-c", "main").output == "two\n")
            #expect(try await cluster.kubectl("logs", "web-1", "--previous").errors.contains("previous terminated container"))
            #expect(try await cluster.kubectl("wait", "--for=condition=Ready", "pod/web-1", "--timeout=10s").status == 0)
            for kind in ["events", "events.events.k8s.io"] {
                let events = try await cluster.kubectl("get", kind)
                #expect(
                    words(events).last?.suffix(5) == ["pod/web-1", "a", "shell", "was", "seen"], "\(events.output)\(events.errors)")
            }
            let note = try await cluster.kubectl("get", "events.events.k8s.io", "-o", "jsonpath={.items[0].note}")
            #expect(note.output == "a shell was seen")
            let explained = try await cluster.kubectl("explain", "pod.spec.containers.ports")
            #expect(explained.output.contains("containerPort") && explained.output.contains("<[]ContainerPort>"), "\(explained.errors)")
            let resources = try await cluster.kubectl("api-resources")
            #expect(resources.lines.count > Resource.allCases.count, "\(resources.errors)")
            #expect(try await cluster.kubectl("version").errors == "")
        }
    }

    @Test("kubectl cordon and drain evict what budgets let go, and leave what daemon sets own")
    func drains() async throws {
        try await TestCluster.run { cluster in
            let ready: JSON = ["conditions": [["type": "Ready", "status": "True"]]]
            try await cluster.seed(["kind": "Node", "metadata": ["name": "node-1"], "status": ready])
            #expect(try await cluster.kubectl("cordon", "node-1").output == "node/node-1 cordoned\n")
            #expect(try await words(cluster.kubectl("get", "nodes")).last?.prefix(2) == ["node-1", "Ready,SchedulingDisabled"])
            try await cluster.seed([
                "kind": "DaemonSet", "apiVersion": "apps/v1", "metadata": ["name": "eyes", "namespace": "default"], "spec": [:],
            ])
            var eyes = pod("eyes-1")
            eyes["metadata", "ownerReferences"] = [
                ["apiVersion": "apps/v1", "kind": "DaemonSet", "name": "eyes", "uid": "1", "controller": true],
            ]
            try await cluster.seed(eyes)
            try await cluster.seed(pod("web-1", labels: ["app": "web"]))
            try await cluster.seed(["kind": "PodDisruptionBudget", "metadata": ["name": "web", "namespace": "default"],
                "spec": ["minAvailable": 1, "selector": ["matchLabels": ["app": "web"]]]])
            let held = try await cluster.kubectl("drain", "node-1", "--ignore-daemonsets", "--force", "--timeout=3s")
            #expect(held.status != 0)
            #expect(held.errors.contains("Cannot evict pod as it would violate the pod's disruption budget."), "\(held.errors)")
            try await cluster.seed(pod("web-2", labels: ["app": "web"], node: "node-2"))
            let drained = try await cluster.kubectl("drain", "node-1", "--ignore-daemonsets", "--force", "--timeout=30s")
            #expect(drained.status == 0, "\(drained.errors)")
            #expect(try await cluster.kubectl("get", "pods", "-o", "name").lines == ["pod/eyes-1", "pod/web-2"])
            #expect(try await cluster.kubectl("uncordon", "node-1").status == 0)
        }
    }
}
