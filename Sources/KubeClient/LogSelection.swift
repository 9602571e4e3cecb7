// SPDX-License-Identifier: Apache-2.0

internal import Transport

/// Which container's log is read, and how much of it.
public struct LogSelection: Sendable, Hashable {
    /// The container's name in its pod; init and ephemeral ones have logs too.
    public var container: String
    /// True for the log of the life before the last restart.
    public var isPrevious: Bool
    /// At most so many lines, the last ones.
    public var lines: Int
    /// At most so many bytes, counted from the first of those lines.
    public var bytes: Int

    /// Selects the present life's last lines, unless told otherwise.
    public init(container: String, isPrevious: Bool = false, lines: Int, bytes: Int) {
        self.container = container
        self.isPrevious = isPrevious
        self.lines = lines
        self.bytes = bytes
    }

    var query: String {
        var items = [
            (name: "container", value: container), (name: "tailLines", value: String(lines)), (name: "limitBytes", value: String(bytes)),
            (name: "timestamps", value: "true"),
        ]
        if isPrevious { items.append((name: "previous", value: "true")) }
        return PercentEncoding.query(items)
    }
}

extension KubeCall {
    /// The reading of a pod's log.
    static func log(of pod: ObjectReference) -> KubeCall {
        KubeCall(.get, pod.resource, namespace: pod.namespace, name: pod.name, subresource: "log")
    }
}
