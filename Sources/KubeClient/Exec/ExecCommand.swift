// SPDX-License-Identifier: Apache-2.0

internal import Transport

/// A command for a container, and what it may take.
public struct ExecCommand: Sendable, Hashable {
    /// The container's name in its pod.
    public var container: String
    /// Program and arguments; no shell reads them unless one is named here.
    public var words: [String]
    /// What the command reads, and then the end of it; nil for nothing at all. A server that speaks only v4 cannot be told the end.
    public var input: [UInt8]?
    /// The most bytes of both outputs together that are taken; at the first beyond it the connection is closed.
    public var outputLimit: Int
    /// How long the command may take, from when the server let it begin.
    public var timeout: Duration

    /// States a command; 1 MiB and 30 s unless told otherwise.
    public init(
        container: String, _ words: [String], input: [UInt8]? = nil, outputLimit: Int = 1 << 20, timeout: Duration = .seconds(30)
    ) {
        self.container = container
        self.words = words
        self.input = input
        self.outputLimit = outputLimit
        self.timeout = timeout
    }

    var query: String {
        var items = [(name: "container", value: container)]
        items += words.map { (name: "command", value: $0) }
        items += [(name: "stdout", value: "true"), (name: "stderr", value: "true")]
        if input != nil { items.append((name: "stdin", value: "true")) }
        return PercentEncoding.query(items)
    }
}

/// What a command said, and how it ended.
public struct ExecResult: Sendable, Hashable {
    /// How a command ended, as far as it is known.
    public enum End: Sendable, Hashable {
        /// By itself, with this code; 0 is success.
        case exited(Int)
        /// It did not begin, for this reason of the runtime's.
        case refused(String)
        /// It said more than was allowed, and was left. Its process may go on until it writes again.
        case cut
        /// It took longer than was allowed, and was left. Its process may go on.
        case timedOut
    }

    /// What it wrote to its standard output, as far as it was taken.
    public let stdout: [UInt8]
    /// What it wrote to its standard error, as far as it was taken.
    public let stderr: [UInt8]
    /// How it ended.
    public let end: End

    /// States a result.
    public init(stdout: [UInt8], stderr: [UInt8], end: End) {
        self.stdout = stdout
        self.stderr = stderr
        self.end = end
    }
}

extension KubeCall {
    /// The running of a command in a pod. A WebSocket is opened with GET, and newer servers ask for `create` as well.
    static func exec(in pod: ObjectReference, _ verb: Verb = .create) -> KubeCall {
        KubeCall(verb, pod.resource, namespace: pod.namespace, name: pod.name, subresource: "exec")
    }
}
