// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// One call to the API server as a value: for error messages, for records of what was sent, and for what a rehearsal would send.
public struct KubeCall: Sendable, Hashable, CustomStringConvertible {
    /// The verbs, spelled as RBAC spells them.
    public enum Verb: String, Sendable, Hashable, CaseIterable {
        case get, list, watch, create, update, patch, delete

        /// True when the verb changes something.
        public var isWrite: Bool {
            switch self {
            case .get, .list, .watch: false
            case .create, .update, .patch, .delete: true
            }
        }
    }

    /// The verb.
    public let verb: Verb
    /// The kind.
    public let resource: KubeResource
    /// The namespace; nil for all namespaces or for a kind that lives in none.
    public let namespace: String?
    /// The object's name; nil for list and watch.
    public let name: String?
    /// What the call carries: the object, the patch, or the delete options.
    public let body: JSONValue?
    /// True when the server was asked to change nothing.
    public let isDryRun: Bool

    /// Describes a call.
    public init(
        _ verb: Verb, _ resource: KubeResource, namespace: String?, name: String? = nil, body: JSONValue? = nil, isDryRun: Bool = false
    ) {
        self.verb = verb
        self.resource = resource
        self.namespace = namespace
        self.name = name
        self.body = body
        self.isDryRun = isDryRun
    }

    /// Describes a call about one object.
    public init(_ verb: Verb, _ object: ObjectReference, body: JSONValue? = nil, isDryRun: Bool = false) {
        self.init(verb, object.resource, namespace: object.namespace, name: object.name, body: body, isDryRun: isDryRun)
    }

    /// Verb, kind and address, such as `patch pods team-a/web-1`.
    public var description: String {
        var place = ""
        switch (namespace, name) {
        case (let namespace?, let name?): place = " " + namespace + "/" + name
        case (nil, let name?): place = " " + name
        case (let namespace?, nil): place = " in namespace " + namespace
        case (nil, nil): place = resource.isNamespaced ? " in all namespaces" : ""
        }
        return verb.rawValue + " " + resource.description + place + (isDryRun ? " (dry run)" : "")
    }
}
