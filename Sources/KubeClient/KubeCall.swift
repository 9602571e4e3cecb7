// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// One call to the API server as a value: for error messages, for records of what was sent, and for what a rehearsal would send.
public struct KubeCall: Sendable, Hashable, CustomStringConvertible {
    /// The verbs, spelled as RBAC spells them.
    public enum Verb: String, Sendable, Hashable, CaseIterable {
        case get, list, watch, create, update, patch, delete
        /// To hand out a role by a binding; no call is made with it.
        case bind

        /// True when the verb changes something.
        public var isWrite: Bool {
            switch self {
            case .get, .list, .watch, .bind: false
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
    /// The part of the object that the call is about, such as `eviction`; nil for the object itself.
    public let subresource: String?

    /// Describes a call.
    public init(
        _ verb: Verb, _ resource: KubeResource, namespace: String?, name: String? = nil, body: JSONValue? = nil, isDryRun: Bool = false,
        subresource: String? = nil
    ) {
        self.verb = verb
        self.resource = resource
        self.namespace = namespace
        self.name = name
        self.body = body
        self.isDryRun = isDryRun
        self.subresource = subresource
    }

    /// Describes a call about one object.
    public init(_ verb: Verb, _ object: ObjectReference, body: JSONValue? = nil, isDryRun: Bool = false) {
        self.init(
            verb, object.resource, namespace: object.namespace, name: object.name, body: body, isDryRun: isDryRun,
            subresource: object.subresource)
    }

    /// The kind with its part, as RBAC messages spell it, such as `pods/eviction`.
    public var place: String { resource.description + (subresource.map { "/" + $0 } ?? "") }

    /// Verb, kind and address, such as `patch pods team-a/web-1`.
    public var description: String {
        let address =
            switch (namespace, name) {
            case (let namespace?, let name?): " " + namespace + "/" + name
            case (nil, let name?): " " + name
            case (let namespace?, nil): " in namespace " + namespace
            case (nil, nil): resource.isNamespaced ? " in all namespaces" : ""
            }
        return verb.rawValue + " " + place + address + (isDryRun ? " (dry run)" : "")
    }
}
