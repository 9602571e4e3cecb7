// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
@testable import KubeSim

/// Roles, tokens and reviews, by raw requests.
@Suite struct AccessTests {
    private let rbac = "rbac.authorization.k8s.io"
    private let authentication = "/apis/authentication.k8s.io/v1"
    private let authorization = "/apis/authorization.k8s.io/v1"

    /// A cluster that judges roles, with the user carol of the group dev, who has the token `secret`.
    private func run(_ body: (TestCluster) async throws -> Void) async throws {
        try await TestCluster.run {
            $0.enforcesRoles = true
            $0.users = [.init(name: "carol", token: "secret", groups: ["dev"])]
        } _: { try await body($0) }
    }

    private func grant(_ cluster: TestCluster, _ rules: JSON, to subject: JSON, namespace: String? = "default") async throws {
        var role: JSON = ["kind": namespace == nil ? "ClusterRole" : "Role", "metadata": ["name": "given"], "rules": rules]
        var binding: JSON = [
            "kind": namespace == nil ? "ClusterRoleBinding" : "RoleBinding", "metadata": ["name": "given"],
            "roleRef": ["kind": role["kind"] ?? "", "name": "given"], "subjects": [subject],
        ]
        if let namespace {
            role["metadata", "namespace"] = .string(namespace)
            binding["metadata", "namespace"] = .string(namespace)
        }
        try await cluster.seed(role)
        try await cluster.seed(binding)
    }

    @Test("without a role a request is refused in the API server's words; discovery and reviews of oneself are open to all")
    func refuses() async throws {
        try await run { cluster in
            let refusals: [(String, String, String)] = [
                ("GET", pods + "/web-1",
                 #"pods "web-1" is forbidden: User "carol" cannot get resource "pods" in API group "" in the namespace "default""#),
                ("GET", "/api/v1/pods",
                 #"pods is forbidden: User "carol" cannot list resource "pods" in API group "" at the cluster scope"#),
                ("GET", pods + "/a/log",
                 #"pods "a" is forbidden: User "carol" cannot get resource "pods/log" in API group "" in the namespace "default""#),
                ("DELETE", "/apis/apps/v1/namespaces/default/deployments/web",
                 #"deployments.apps "web" is forbidden: User "carol" cannot delete resource "deployments" in API group "apps""#
                    + #" in the namespace "default""#),
                ("GET", "/metrics", #"forbidden: User "carol" cannot get path "/metrics""#),
            ]
            for (method, path, message) in refusals {
                let reply = try await cluster.request(method, path, token: "secret")
                #expect(reply.status == 403)
                #expect(reply.json["reason"] == "Forbidden")
                #expect(reply.json["message"] == .string(message))
                #expect(try await cluster.request(method, path).status != 403, "the administrator may: \(path)")
            }
            for path in ["/version", "/api", "/apis/apps/v1", "/openapi/v3"] {
                #expect(try await cluster.request("GET", path, token: "secret").status == 200)
            }
            #expect(try await cluster.request("POST", authentication + "/selfsubjectreviews", [:], token: "secret").status == 201)
            #expect(try await cluster.request("POST", authentication + "/tokenreviews", [:], token: "secret").status == 403)
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var rule: JSON
        var method: String
        var path: String
        var isAllowed: Bool
        var testDescription: String { "\(rule.text) \(method) \(path)" }
    }

    private static func rule(_ verbs: [String], _ resources: [String], group: String = "", names: [String] = []) -> JSON {
        func list(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }
        var rule: JSON = ["verbs": list(verbs), "apiGroups": [.string(group)], "resources": list(resources)]
        if !names.isEmpty { rule["resourceNames"] = list(names) }
        return rule
    }

    @Test(
        "a rule allows exactly its verbs, groups, resources, parts and names",
        arguments: [
            Case(rule: rule(["get"], ["pods"]), method: "GET", path: pods + "/a", isAllowed: true),
            Case(rule: rule(["get"], ["pods"]), method: "GET", path: pods, isAllowed: false),
            Case(rule: rule(["get"], ["pods"]), method: "GET", path: "/api/v1/namespaces/kube-system/pods/a", isAllowed: false),
            Case(rule: rule(["list"], ["pods"]), method: "GET", path: pods, isAllowed: true),
            Case(rule: rule(["list"], ["pods"]), method: "GET", path: pods + "?watch=true&timeoutSeconds=1", isAllowed: false),
            Case(rule: rule(["watch"], ["pods"]), method: "GET", path: pods + "?watch=true&timeoutSeconds=1", isAllowed: true),
            Case(rule: rule(["list"], ["pods"]), method: "GET", path: "/api/v1/pods", isAllowed: false),
            Case(rule: rule(["get"], ["pods"]), method: "GET", path: pods + "/a/log", isAllowed: false),
            Case(rule: rule(["get"], ["pods/log"]), method: "GET", path: pods + "/a/log", isAllowed: true),
            Case(rule: rule(["get"], ["*/log"]), method: "GET", path: pods + "/a/log", isAllowed: true),
            Case(rule: rule(["get"], ["*"]), method: "GET", path: pods + "/a/log", isAllowed: true),
            Case(rule: rule(["*"], ["pods"]), method: "DELETE", path: pods + "/a", isAllowed: true),
            Case(rule: rule(["get"], ["pods"], names: ["a"]), method: "GET", path: pods + "/a", isAllowed: true),
            Case(rule: rule(["get"], ["pods"], names: ["a"]), method: "GET", path: pods + "/b", isAllowed: false),
            Case(rule: rule(["list"], ["pods"], names: ["a"]), method: "GET", path: pods, isAllowed: false),
            Case(rule: rule(["list"], ["pods"], names: ["a"]), method: "GET",
                 path: pods + "?fieldSelector=metadata.name%3Da", isAllowed: true),
            Case(rule: rule(["list"], ["pods"], names: ["a"]), method: "GET",
                 path: pods + "?fieldSelector=metadata.name%3Db", isAllowed: false),
            Case(rule: rule(["get"], ["pods"], group: "apps"), method: "GET", path: pods + "/a", isAllowed: false),
            Case(rule: rule(["get"], ["pods"], group: "*"), method: "GET", path: pods + "/a", isAllowed: true),
            Case(rule: rule(["get"], ["deployments"], group: "apps"), method: "GET",
                 path: "/apis/apps/v1/namespaces/default/deployments/a", isAllowed: true),
        ])
    func judges(_ test: Case) async throws {
        try await run { cluster in
            try await grant(cluster, [test.rule], to: ["kind": "User", "name": "carol"])
            let reply = try await cluster.request(test.method, test.path, token: "secret")
            #expect((reply.status != 403) == test.isAllowed, "\(reply.body)")
        }
    }

    @Test("a binding means users, groups and service accounts; one of the whole cluster holds everywhere; one to no role says so")
    func binds() async throws {
        let rule = Self.rule(["get"], ["pods"])
        let subjects: [JSON] = [
            ["kind": "User", "name": "carol"], ["kind": "Group", "name": "dev"], ["kind": "Group", "name": "system:authenticated"],
        ]
        for subject in subjects {
            try await run { cluster in
                try await grant(cluster, [rule], to: subject, namespace: nil)
                for namespace in ["default", "kube-system"] {
                    let reply = try await cluster.request("GET", "/api/v1/namespaces/\(namespace)/pods/a", token: "secret")
                    #expect(reply.status == 404)
                }
            }
        }
        try await run { cluster in
            try await cluster.seed([
                "kind": "RoleBinding", "metadata": ["name": "lost", "namespace": "default"],
                "roleRef": ["kind": "Role", "name": "none"], "subjects": [["kind": "User", "name": "carol"]],
            ])
            let reply = try await cluster.request("GET", pods, token: "secret")
            #expect(reply.json["message"]?.string?.hasSuffix(
                #"in the namespace "default": RBAC: role.rbac.authorization.k8s.io "none" not found"#) == true)
        }
    }

    @Test("an apply that would create needs the right to create")
    func appliesByRight() async throws {
        try await run { cluster in
            try await grant(cluster, [Self.rule(["patch"], ["configmaps"])], to: ["kind": "User", "name": "carol"])
            let path = "/api/v1/namespaces/default/configmaps/a?fieldManager=x"
            let map: JSON = ["kind": "ConfigMap", "apiVersion": "v1", "metadata": ["name": "a"], "data": ["x": "y"]]
            let type = PatchKind.apply.rawValue
            #expect(try await cluster.request("PATCH", path, map, contentType: type, token: "secret").status == 403)
            #expect(try await cluster.request("PATCH", path, map, contentType: type).status == 201)
            #expect(try await cluster.request("PATCH", path, map, contentType: type, token: "secret").status == 200)
        }
    }

    private func token(_ cluster: TestCluster, _ spec: JSON, account: String = "default") async throws -> Reply {
        try await cluster.request("POST", "/api/v1/namespaces/default/serviceaccounts/\(account)/token", ["spec": spec])
    }

    private func review(_ cluster: TestCluster, _ token: String, audiences: JSON? = nil) async throws -> JSON {
        var spec: JSON = ["token": .string(token)]
        spec["audiences"] = audiences
        return try await cluster.request("POST", authentication + "/tokenreviews", ["spec": spec]).json["status"] ?? .null
    }

    @Test("a token bound to a pod names its account, pod and node to a review, works as a bearer, and ends with its pod")
    func bindsTokens() async throws {
        try await run { cluster in
            try await cluster.seed(["kind": "Node", "metadata": ["name": "node-1"]])
            try await cluster.seed(pod("web-1"))
            let object = try await cluster.request("GET", pods + "/web-1").json
            let uid = try #require(object["metadata", "uid"]?.string)
            let reference: JSON = ["kind": "Pod", "apiVersion": "v1", "name": "web-1", "uid": .string(uid)]
            let reply = try await token(cluster, ["boundObjectRef": reference])
            #expect(reply.status == 201 && reply.json["kind"] == "TokenRequest")
            #expect(reply.json["spec", "expirationSeconds"] == 3600)
            let text = try #require(reply.json["status", "token"]?.string)
            #expect(text.split(separator: ".").count == 3)
            let status = try await review(cluster, text)
            #expect(status["authenticated"] == true && status["audiences"] == ["https://kubernetes.default.svc"])
            let user = status["user"] ?? .null
            #expect(user["username"] == "system:serviceaccount:default:default")
            #expect(user["groups"] == ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"])
            #expect(user["extra", "authentication.kubernetes.io/node-name"] == ["node-1"])
            #expect(user["extra", "authentication.kubernetes.io/pod-name"] == ["web-1"])
            #expect(user["extra", "authentication.kubernetes.io/pod-uid"] == [.string(uid)])
            try await grant(
                cluster, [Self.rule(["list"], ["pods"])], to: ["kind": "ServiceAccount", "name": "default", "namespace": "default"])
            #expect(try await cluster.request("GET", pods, token: text).status == 200)
            #expect(cluster.sim.requests.last?.user == "system:serviceaccount:default:default")
            await cluster.sim.remove("pods", namespace: "default", name: "web-1")
            #expect(try await cluster.request("GET", pods, token: text).status == 401)
            #expect(try await review(cluster, text) == ["user": [:], "error": "[invalid bearer token, token lookup failed]"])
        }
    }

    @Test("a token is good for its audiences and its time only, and ends with its account")
    func limitsTokens() async throws {
        let time = ManualTime()
        try await TestCluster.run { $0.enforcesRoles = true; $0.now = { time.now } } _: { cluster in
            let reply = try await token(cluster, ["audiences": ["saker"], "expirationSeconds": 600])
            let text = try #require(reply.json["status", "token"]?.string)
            #expect(try await review(cluster, text, audiences: ["other", "saker"])["audiences"] == ["saker"])
            #expect(try await review(cluster, text, audiences: ["other"])["authenticated"] == nil)
            #expect(try await review(cluster, text)["authenticated"] == nil, "it is not for the API server")
            #expect(try await cluster.request("GET", "/version", token: text).status == 401)
            time.advance(seconds: 601)
            #expect(try await review(cluster, text, audiences: ["saker"])["authenticated"] == nil)
            let other = try #require(try await token(cluster, [:]).json["status", "token"]?.string)
            #expect(try await review(cluster, other)["authenticated"] == true)
            await cluster.sim.remove("serviceaccounts", namespace: "default", name: "default")
            #expect(try await review(cluster, other)["authenticated"] == nil)
        }
    }

    @Test("a token request that cannot be met is refused")
    func refusesTokens() async throws {
        try await run { cluster in
            #expect(try await token(cluster, [:], account: "none").status == 404)
            let short = try await token(cluster, ["expirationSeconds": 10])
            #expect(short.status == 422)
            #expect(short.json["message"]?.string?.contains("may not specify a duration less than 10 minutes") == true)
            #expect(try await token(cluster, ["boundObjectRef": ["kind": "Pod", "name": "none"]]).status == 404)
            try await cluster.seed(pod("web-1"))
            #expect(try await token(cluster, ["boundObjectRef": ["kind": "Pod", "name": "web-1", "uid": "another"]]).status == 409)
            #expect(try await token(cluster, ["boundObjectRef": ["kind": "Service", "name": "x"]]).status == 400)
        }
    }

    @Test("access reviews answer for oneself and for others, with the binding that allows")
    func reviews() async throws {
        try await run { cluster in
            try await grant(cluster, [Self.rule(["patch"], ["pods"])], to: ["kind": "Group", "name": "dev"])
            let wanted: JSON = ["verb": "patch", "resource": "pods", "namespace": "default"]
            let own = try await cluster.request(
                "POST", authorization + "/selfsubjectaccessreviews", ["spec": ["resourceAttributes": wanted]], token: "secret")
            #expect(own.json["status"] == [
                "allowed": true, "reason": #"RBAC: allowed by RoleBinding "given/default" of Role "given" to Group "dev""#,
            ])
            let subject: JSON = ["spec": ["resourceAttributes": wanted, "user": "dave", "groups": ["dev"]]]
            #expect(try await cluster.request("POST", authorization + "/subjectaccessreviews", subject).json["status", "allowed"] == true)
            let stranger: JSON = ["spec": ["resourceAttributes": wanted, "user": "dave"]]
            let refused = try await cluster.request("POST", authorization + "/subjectaccessreviews", stranger)
            #expect(refused.status == 201 && refused.json["status"] == ["allowed": false])
            let local = authorization + "/namespaces/default/localsubjectaccessreviews"
            #expect(try await cluster.request("POST", local, subject).json["status", "allowed"] == true)
            #expect(try await cluster.request("POST", authorization + "/subjectaccessreviews", ["spec": ["user": "x"]]).status == 400)
            let rules = try await cluster.request(
                "POST", authorization + "/selfsubjectrulesreviews", ["spec": ["namespace": "default"]], token: "secret")
            #expect(rules.json["status", "resourceRules"]?.elements.contains(Self.rule(["patch"], ["pods"])) == true)
        }
    }
}

/// The same through kubectl.
@Suite(.enabled(if: kubectlIsHere || everythingIsRequired, "kubectl is not installed or does not run"))
struct KubectlAccessTests {
    @Test("kubectl auth can-i, auth whoami, --as and create token speak of the user that a certificate or a token names")
    func asks() async throws {
        try await TestCluster.run { $0.enforcesRoles = true } _: { cluster in
            for command in [
                ["create", "role", "reader", "--verb=get,list", "--resource=pods"],
                ["create", "rolebinding", "readers", "--role=reader", "--group=dev"],
                ["create", "serviceaccount", "robot"],
                ["create", "rolebinding", "robots", "--role=reader", "--serviceaccount=default:robot"],
            ] {
                let result = try await cluster.kubectl(command)
                #expect(result.status == 0, "\(command): \(result.errors)")
            }
            let dev = KubeconfigUser.certificate(user: "dave", groups: ["dev"])
            #expect(try await cluster.kubectl("auth", "can-i", "list", "pods", user: dev).output == "yes\n")
            #expect(try await cluster.kubectl("auth", "can-i", "delete", "pods", user: dev).output == "no\n")
            let path = "jsonpath={.status.userInfo.username} {.status.userInfo.groups}"
            let whoami = try await cluster.kubectl("auth", "whoami", "-o", path, user: dev)
            #expect(whoami.output == #"dave ["dev","system:authenticated"]"#, "\(whoami.errors)")
            #expect(try await cluster.kubectl("get", "pods", user: dev).status == 0)
            let refused = try await cluster.kubectl("delete", "pod", "web-1", user: dev)
            #expect(refused.errors.contains(
                #"pods "web-1" is forbidden: User "dave" cannot delete resource "pods" in API group "" in the namespace "default""#))
            #expect(try await cluster.kubectl("auth", "can-i", "list", "pods", "--as=eve", "--as-group=dev").output == "yes\n")
            let impostor = try await cluster.kubectl("get", "pods", "--as=eve", user: dev)
            #expect(impostor.errors.contains(
                #"users "eve" is forbidden: User "dave" cannot impersonate resource "users" in API group "" at the cluster scope"#))
            let token = try await cluster.kubectl("create", "token", "robot", "--duration=20m")
            #expect(token.status == 0, "\(token.errors)")
            let robot = KubeconfigUser.bearer(token.output.trimmingCharacters(in: .whitespacesAndNewlines))
            #expect(try await cluster.kubectl("auth", "can-i", "get", "pods", user: robot).output == "yes\n")
            #expect(try await cluster.kubectl("auth", "can-i", "get", "secrets", user: robot).output == "no\n")
            let list = try await cluster.kubectl("auth", "can-i", "--list", user: robot)
            #expect(list.output.contains("pods") && list.output.contains("[get list]"), "\(list.errors)")
        }
    }
}
