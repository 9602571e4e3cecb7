// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// The verbs that change something. No caller asks whether this is a rehearsal: see `DryRunKube`.
public protocol KubeWriter: Sendable {
    /// Stores a new object and returns it as stored. Throws `alreadyExists` when the name is taken.
    func create(
        _ resource: KubeResource, _ body: JSONValue, in namespace: String?, _ options: WriteOptions
    ) async throws(KubeError) -> JSONValue

    /// Replaces an object by the whole of `body`; a `metadata.resourceVersion` in it must still be the stored one, else `conflict`.
    func update(_ object: ObjectReference, _ body: JSONValue, _ options: WriteOptions) async throws(KubeError) -> JSONValue

    /// Changes parts of an object and returns it as stored. Throws `conflict` when its `metadata.uid` or `resourceVersion` does not hold.
    func patch(_ object: ObjectReference, _ patch: Patch, _ options: WriteOptions) async throws(KubeError) -> JSONValue

    /// Deletes an object and returns what the server said: the object, or a Status. Throws `conflict` when a precondition does not hold.
    func delete(_ object: ObjectReference, _ options: DeleteOptions) async throws(KubeError) -> JSONValue

    /// Ends a pod as a drain does, by `policy/v1`. Throws `disruptionBudget` when a PodDisruptionBudget does not allow it now, and
    /// `conflict` when a precondition does not hold.
    func evict(_ pod: ObjectReference, _ options: DeleteOptions) async throws(KubeError) -> JSONValue

    /// Runs a command in a container of the pod, whose UID is not checked. Throws when it did not begin, and when the connection broke.
    func exec(in pod: ObjectReference, _ command: ExecCommand) async throws(KubeError) -> ExecResult
}

/// How a create, an update or a patch is done.
public struct WriteOptions: Sendable, Hashable {
    /// Asks the server to judge the write and to store nothing.
    public var isDryRun: Bool
    /// Who is written down as the owner of the changed fields; nil leaves it to the server.
    public var fieldManager: String?

    /// Writes for real unless told otherwise.
    public init(isDryRun: Bool = false, fieldManager: String? = "saker") {
        self.isDryRun = isDryRun
        self.fieldManager = fieldManager
    }
}

/// How a delete is done, and which life of the name it is about.
public struct DeleteOptions: Sendable, Hashable {
    /// What becomes of the objects that the deleted one owns.
    public enum Propagation: String, Sendable, Hashable {
        case orphan = "Orphan", background = "Background", foreground = "Foreground"
    }

    /// The UID that the object must have.
    public var uid: String?
    /// The resourceVersion that the object must have.
    public var resourceVersion: String?
    /// Seconds that a pod is given to end; nil leaves it to the pod's own setting.
    public var gracePeriodSeconds: Int64?
    /// What becomes of owned objects; nil leaves it to the server.
    public var propagation: Propagation?
    /// Asks the server to judge the delete and to delete nothing.
    public var isDryRun: Bool

    /// Deletes for real and without preconditions unless told otherwise.
    public init(
        uid: String? = nil, resourceVersion: String? = nil, gracePeriodSeconds: Int64? = nil, propagation: Propagation? = nil,
        isDryRun: Bool = false
    ) {
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.gracePeriodSeconds = gracePeriodSeconds
        self.propagation = propagation
        self.isDryRun = isDryRun
    }

    /// The options as the body of a DELETE.
    public var json: JSONValue {
        var body: [String: JSONValue] = ["kind": "DeleteOptions", "apiVersion": "v1"]
        var preconditions: [String: JSONValue] = [:]
        preconditions["uid"] = uid.map(JSONValue.string)
        preconditions["resourceVersion"] = resourceVersion.map(JSONValue.string)
        if !preconditions.isEmpty { body["preconditions"] = .object(preconditions) }
        body["gracePeriodSeconds"] = gracePeriodSeconds.map(JSONValue.int)
        body["propagationPolicy"] = (propagation?.rawValue).map(JSONValue.string)
        if isDryRun { body["dryRun"] = ["All"] }
        return .object(body)
    }
}

/// A change to parts of an object.
public enum Patch: Sendable, Hashable {
    /// RFC 7396: members replace members, null removes one, lists are replaced whole.
    case merge(JSONValue)
    /// RFC 6902: operations in order; a `test` that fails refuses all.
    case json([JSONValue])
    /// Kubernetes' own: like merge, but lists with a merge key are merged.
    case strategic(JSONValue)
    /// Server-side apply: the whole of what the field manager wants of the object, which is made if there is none. Fields that another
    /// manager owns are a `conflict`, or are taken over when forced.
    case apply(JSONValue, isForced: Bool)

    /// Sets labels and removes those whose value is nil; with a uid, only on that life of the name (else the server says conflict).
    public static func labels(_ labels: [String: String?], uid: String?) -> Patch {
        var metadata: [String: JSONValue] = ["labels": .object(labels.mapValues { $0.map(JSONValue.string) ?? .null })]
        metadata["uid"] = uid.map(JSONValue.string)
        return .merge(["metadata": .object(metadata)])
    }

    /// The patch as a request's body.
    public var body: JSONValue {
        switch self {
        case .merge(let value), .strategic(let value), .apply(let value, _): value
        case .json(let operations): .array(operations)
        }
    }

    /// The body's media type, by which the server tells the kinds apart.
    public var mediaType: String {
        switch self {
        case .merge: "application/merge-patch+json"
        case .json: "application/json-patch+json"
        case .strategic: "application/strategic-merge-patch+json"
        // JSON is YAML, and every server knows this spelling.
        case .apply: "application/apply-patch+yaml"
        }
    }
}
