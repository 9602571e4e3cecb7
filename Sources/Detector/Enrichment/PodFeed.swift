// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import KubeClient

/// Keeps a pod directory true: lists the pods, then follows their changes, and lists again when the API server asks for it.
public struct PodFeed: Sendable {
    private let directory: PodDirectory
    private let reader: any KubeReader
    private let options: ListOptions
    private let report: @Sendable (KubeError) -> Void

    /// Follows the pods of one node, or of all nodes when none is named; `report` is told each failure before the next try.
    public init(
        _ directory: PodDirectory, from reader: any KubeReader, node: NodeName?, report: @escaping @Sendable (KubeError) -> Void
    ) {
        self.directory = directory
        self.reader = reader
        self.report = report
        options = ListOptions(fieldSelector: node.map { "spec.nodeName=" + $0.text })
    }

    /// Runs until the task is cancelled. Failed tries are repeated after 1 s, then twice as long each time, at most 30 s.
    public func run() async {
        var pause = Duration.seconds(1)
        while !Task.isCancelled {
            do throws(KubeError) {
                let pods = try await reader.list(.pods, in: nil, options)
                directory.replaceAll(pods.items)
                pause = .seconds(1)
                try await reader.watch(.pods, in: nil, options, after: pods.resourceVersion) { apply($0) }
            } catch {
                if error.code == .cancelled { return }
                if error.code == .gone {
                    // A server that forgets at once, each time, must not be asked without end.
                    guard (try? await Task.sleep(for: .milliseconds(200))) != nil else { return }
                    continue
                }
                report(error)
                guard (try? await Task.sleep(for: max(pause, error.retryAfter ?? .zero))) != nil else { return }
                pause = min(pause * 2, .seconds(30))
            }
        }
    }

    private func apply(_ event: WatchEvent) {
        switch event {
        case .added(let pod), .modified(let pod): directory.update(pod)
        case .deleted(let pod): if let uid = pod["metadata"]?["uid"]?.string { directory.remove(PodUID(uid)) }
        case .bookmark: break
        }
    }
}
