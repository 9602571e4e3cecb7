// SPDX-License-Identifier: Apache-2.0

/// A container image's name, taken apart.
public struct ImageReference: Sendable, Hashable {
    /// The name without tag and digest, with the registry if one is written.
    public let repository: String
    /// The tag; `latest` when neither tag nor digest is written, empty when only a digest is.
    public let tag: String
    /// The digest with its algorithm, such as `sha256:…`; empty when none is written.
    public let digest: String

    /// Takes `registry:port/name:tag@digest` apart; every part but the name may be missing.
    public init(_ text: String) {
        let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let name = halves.first ?? ""
        digest = halves.count > 1 ? String(halves[1]) : ""
        // A colon before the last slash is the registry's port.
        let last = name.lastIndex(of: "/").map(name.index(after:)) ?? name.startIndex
        if let colon = name[last...].firstIndex(of: ":") {
            repository = String(name[..<colon])
            tag = String(name[name.index(after: colon)...])
        } else {
            repository = String(name)
            tag = digest.isEmpty && !name.isEmpty ? "latest" : ""
        }
    }
}
