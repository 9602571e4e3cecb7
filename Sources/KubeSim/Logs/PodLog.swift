// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// One line of a container's output.
public struct PodLogLine: Sendable, Hashable {
    /// When it was written, in nanoseconds since 1970.
    public var time: Int64
    /// The line without its end.
    public var text: String

    /// A line and its time.
    public init(time: Int64, text: String) {
        self.time = time
        self.text = text
    }
}

/// Which container's output is wanted.
public struct PodLogRequest: Sendable, Hashable {
    /// The pod.
    public var pod: PodReference
    /// The container's name.
    public var container: String
    /// Whether the container's life before its last restart is meant.
    public var isPrevious: Bool

    /// Names a container's output.
    public init(pod: PodReference, container: String, isPrevious: Bool = false) {
        self.pod = pod
        self.container = container
        self.isPrevious = isPrevious
    }
}

/// The output of containers: what a test has set, otherwise what the owner's source says.
final class LogBook: Sendable {
    private struct Place: Hashable {
        var namespace: String
        var pod: String
        var container: String
        var isPrevious: Bool
    }

    private let pages = Mutex<[Place: [PodLogLine]]>([:])
    private let source: (@Sendable (PodLogRequest) async -> [PodLogLine]?)?

    init(source: (@Sendable (PodLogRequest) async -> [PodLogLine]?)?) {
        self.source = source
    }

    func set(_ lines: [PodLogLine], namespace: String, pod: String, container: String, isPrevious: Bool) {
        let place = Place(namespace: namespace, pod: pod, container: container, isPrevious: isPrevious)
        pages.withLock { $0[place] = lines }
    }

    /// All lines so far, oldest first; nil when there is no such output.
    func lines(_ request: PodLogRequest) async -> [PodLogLine]? {
        let place = Place(
            namespace: request.pod.namespace, pod: request.pod.name, container: request.container, isPrevious: request.isPrevious)
        if let lines = pages.withLock({ $0[place] }) { return lines }
        return await source?(request)
    }
}
