// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Turns the bytes of a watch, cut anywhere, into events, and remembers from where to go on. It does no I/O.
struct WatchMachine {
    /// What one line of the stream is.
    enum Output: Hashable {
        /// A change, in order.
        case event(WatchEvent)
        /// The stream is of no more use. `gone` means list again; if transient, connect again; else tell the caller.
        case failed(KubeError)
    }

    /// An object is at most 1.5 MiB in etcd; JSON text may double that. A longer line is no honest answer.
    static let lineLimit = 8 << 20

    /// The version after which the next connection begins.
    private(set) var resourceVersion: String
    private let call: KubeCall
    private var partial: [UInt8] = []
    private var hasFailed = false
    private(set) var hasProgressed = false

    init(_ call: KubeCall, after resourceVersion: String) {
        self.call = call
        self.resourceVersion = resourceVersion
    }

    /// A new connection: half a line of the old one is worth nothing, and will be told again.
    mutating func connected() {
        partial = []
        hasFailed = false
        hasProgressed = false
    }

    /// Takes what came and returns what it completes; after a failure nothing more.
    mutating func receive(_ bytes: [UInt8]) -> [Output] {
        var outputs: [Output] = []
        for piece in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            if piece.offset > 0, let output = finishLine() { outputs.append(output) }
            guard !hasFailed else { return outputs }
            partial.append(contentsOf: piece.element)
            if partial.count > Self.lineLimit {
                outputs.append(fail(KubeError(.decode, "\(call): a line is longer than \(Self.lineLimit) bytes.")))
                return outputs
            }
        }
        return outputs
    }

    private mutating func finishLine() -> Output? {
        let line = partial
        partial = []
        guard line.contains(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }) else { return nil }
        guard let json = JSONText.read(line), let type = json["type"]?.string, let object = json["object"] else {
            return fail(KubeError(.decode, "\(call): a line of the stream is no watch event."))
        }
        switch type {
        case "ADDED": return progress(object) { _ in .added(object) }
        case "MODIFIED": return progress(object) { _ in .modified(object) }
        case "DELETED": return progress(object) { _ in .deleted(object) }
        case "BOOKMARK": return progress(object) { .bookmark($0) }
        case "ERROR": return fail(KubeError(call, status: Int(clamping: object["code"]?.int ?? 500), body: object))
        default: return fail(KubeError(.decode, "\(call): the stream holds an event of the unknown type '\(type)'."))
        }
    }

    private mutating func progress(_ object: JSONValue, _ event: (String) -> WatchEvent) -> Output {
        guard let version = object["metadata"]?["resourceVersion"]?.string, !version.isEmpty else {
            return fail(KubeError(.decode, "\(call): an event's object has no resourceVersion."))
        }
        resourceVersion = version
        hasProgressed = true
        return .event(event(version))
    }

    private mutating func fail(_ error: KubeError) -> Output {
        hasFailed = true
        return .failed(error)
    }
}
