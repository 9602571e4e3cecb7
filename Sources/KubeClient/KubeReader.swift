// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// The verbs that change nothing. Bodies are whole JSON; `get(Pod.self, ...)` and its like read them into structs.
public protocol KubeReader: Sendable {
    /// One object. Throws `notFound` when there is none.
    func get(_ object: ObjectReference) async throws(KubeError) -> JSONValue

    /// All objects that the options select, read page by page; a nil namespace means all namespaces.
    func list(_ resource: KubeResource, in namespace: String?, _ options: ListOptions) async throws(KubeError) -> ObjectList

    /// Hands over each change after `resourceVersion`, one at a time, and reconnects when the stream breaks.
    ///
    /// The next event is read only when `handle` has returned, so a slow reader slows the server, not the memory.
    /// Returns never; throws `cancelled` when the task is, `gone` when the version is too old (list again), and whatever is not transient.
    func watch(
        _ resource: KubeResource, in namespace: String?, _ options: ListOptions, after resourceVersion: String,
        _ handle: @Sendable (WatchEvent) async -> Void
    ) async throws(KubeError) -> Never

    /// Asks whether the server would let us make that call, which is not made.
    func review(_ call: KubeCall) async throws(KubeError) -> AccessReview

    /// The last lines of one container's log, each with its time, as bytes; the pod's UID is not checked.
    func log(of pod: ObjectReference, _ selection: LogSelection) async throws(KubeError) -> [UInt8]
}

/// Which objects a list or a watch is about.
public struct ListOptions: Sendable, Hashable {
    /// A selector over labels, such as `app=web`; nil selects all.
    public var labelSelector: String?
    /// A selector over fields, such as `spec.nodeName=node-1`; nil selects all.
    public var fieldSelector: String?
    /// Objects a page; 500 is what kubectl asks for.
    public var pageSize: Int

    /// Selects all unless told otherwise.
    public init(labelSelector: String? = nil, fieldSelector: String? = nil, pageSize: Int = 500) {
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.pageSize = pageSize
    }
}

/// What a list returned.
public struct ObjectList: Sendable, Hashable {
    /// The objects, in the server's order.
    public var items: [JSONValue]
    /// The version that the list is true of: a watch begins after it.
    public var resourceVersion: String

    /// Holds a list's answer.
    public init(items: [JSONValue], resourceVersion: String) {
        self.items = items
        self.resourceVersion = resourceVersion
    }
}

/// One change that a watch told.
public enum WatchEvent: Sendable, Hashable {
    /// The object is new, or begins to match the selectors.
    case added(JSONValue)
    /// The object changed.
    case modified(JSONValue)
    /// The object is no more, or no longer matches the selectors; its last state.
    case deleted(JSONValue)
    /// Nothing changed up to this resourceVersion.
    case bookmark(String)
}
