// SPDX-License-Identifier: Apache-2.0
import Foundation

extension Configuration {
    /// The files and directories that a reload reads.
    var mounted: [String] { ([source, respond.senders, respond.certificate] + rules + responses).filter { !$0.isEmpty } }
}

/// Sees that the kubelet has exchanged the files of a mounted ConfigMap or Secret. It does so at one stroke, by renaming a fresh
/// symbolic link over `..data` in the mounted directory, so the link's target alone tells old from new.
struct MountWatch {
    /// How often to look. The kubelet itself takes up to a minute to bring an update.
    static let interval: Duration = .seconds(2)

    private let links: [String]
    private var targets: [String?]

    /// Watches the directories of these paths; a path may be a directory or a file in it, and need not be a mounted one.
    init(_ paths: [String]) {
        let directories = paths.flatMap { [$0, ($0 as NSString).deletingLastPathComponent] }
        links = Set(directories.map { ($0.isEmpty ? "." : $0) + "/..data" }).sorted()
        targets = links.map(Self.target)
    }

    /// True when any of the directories was exchanged since the last look.
    mutating func hasChanged() -> Bool {
        let now = links.map(Self.target)
        defer { targets = now }
        // A link that is gone for a moment is no news; the next one is.
        return zip(now, targets).contains { now, before in now != nil && now != before }
    }

    private static func target(_ link: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: link)
    }
}
