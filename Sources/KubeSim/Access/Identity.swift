// SPDX-License-Identifier: Apache-2.0

/// Who asks.
struct Identity: Hashable, Sendable {
    var name: String
    var uid = ""
    var groups: [String] = []
    var extra: [String: [String]] = [:]

    static let authenticated = "system:authenticated"
    static let masters = "system:masters"

    /// A user whom the server has recognised.
    init(name: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]) {
        self.name = name
        self.uid = uid
        self.groups = groups.contains(Identity.authenticated) ? groups : groups + [Identity.authenticated]
        self.extra = extra
    }

    /// The user that a SubjectAccessReview asks about, who need not have come in.
    init(review spec: JSON) {
        name = spec["user"]?.string ?? ""
        uid = spec["uid"]?.string ?? ""
        groups = (spec["groups"]?.elements ?? []).compactMap(\.string)
    }

    /// A service account, with what its token is bound to.
    init(_ token: ServiceAccountToken, node: String?, nodeUID: String?) {
        var extra = ["authentication.kubernetes.io/credential-id": ["JTI=" + token.id]]
        if let pod = token.pod {
            extra["authentication.kubernetes.io/pod-name"] = [pod.name]
            extra["authentication.kubernetes.io/pod-uid"] = [pod.uid]
        }
        if let node { extra["authentication.kubernetes.io/node-name"] = [node] }
        if let nodeUID { extra["authentication.kubernetes.io/node-uid"] = [nodeUID] }
        self.init(
            name: "system:serviceaccount:\(token.namespace):\(token.account)", uid: token.accountUID,
            groups: ["system:serviceaccounts", "system:serviceaccounts:" + token.namespace], extra: extra)
    }

    /// The form of reviews.
    var json: JSON {
        var json: JSON = ["username": .string(name)]
        if !uid.isEmpty { json["uid"] = .string(uid) }
        if !groups.isEmpty { json["groups"] = .array(groups.map { .string($0) }) }
        if !extra.isEmpty { json["extra"] = .object(extra.mapValues { .array($0.map { .string($0) }) }) }
        return json
    }
}

/// What somebody wants to do, in the words of rights.
struct Attributes: Hashable, Sendable {
    var verb: String
    var group = ""
    /// The plural name with its part: `pods/log`.
    var resource = ""
    var name: String?
    var namespace: String?
    /// The path, where it is no resource's.
    var path: String?

    /// `fields` is the field selector: a list or watch of the one object that it names counts as naming it.
    init(_ verb: Verb, _ target: ObjectTarget, fields: String) {
        self.verb = verb.rawValue
        group = target.resource.group
        resource = target.accessName
        (name, namespace) = (target.name, target.resource == .namespaces ? target.name : target.namespace)
        let selected = fields.split(separator: ",").first { $0.hasPrefix("metadata.name=") }
        if name == nil, verb == .list || verb == .watch, let selected {
            name = String(selected.dropFirst("metadata.name=".count).drop { $0 == "=" })
        }
    }

    init(verb: String, group: String = "", resource: String, name: String? = nil, namespace: String? = nil) {
        self.verb = verb
        self.group = group
        self.resource = resource
        self.name = name
        self.namespace = namespace
    }

    init(path: String, method: String) {
        verb = method.lowercased()
        self.path = path
    }

    /// What the `spec` of an access review asks about; nil when it asks about nothing.
    init?(review spec: JSON, namespace: String? = nil) {
        func text(_ value: JSON?) -> String? { value?.string.flatMap { $0.isEmpty ? nil : $0 } }
        if let wanted = spec["resourceAttributes"] {
            let part = text(wanted["subresource"]).map { "/" + $0 } ?? ""
            self.init(
                verb: text(wanted["verb"]) ?? "", group: text(wanted["group"]) ?? "", resource: (text(wanted["resource"]) ?? "") + part,
                name: text(wanted["name"]), namespace: namespace ?? text(wanted["namespace"]))
        } else if let wanted = spec["nonResourceAttributes"] {
            self.init(path: text(wanted["path"]) ?? "", method: text(wanted["verb"]) ?? "")
        } else {
            return nil
        }
    }

    /// The API server's own sentence.
    func refusal(_ user: String, reason: String) -> APIStatus {
        let why = reason.isEmpty ? "" : ": " + reason
        if let path {
            return APIStatus(
                code: 403, reason: "Forbidden", message: "forbidden: User \"\(user)\" cannot \(verb) path \"\(path)\"\(why)", details: [:])
        }
        let plural = String(resource.prefix { $0 != "/" })
        let qualified = group.isEmpty ? plural : plural + "." + group
        let what = name.map { "\(qualified) \"\($0)\"" } ?? qualified
        let place = namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
        return .forbidden(
            "\(what) is forbidden: User \"\(user)\" cannot \(verb) resource \"\(resource)\" in API group \"\(group)\" \(place)\(why)",
            resource: plural, group: group, name: name)
    }
}
