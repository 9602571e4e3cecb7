// SPDX-License-Identifier: Apache-2.0

/// Where results are to be kept, as a person writes it: a folder, or `s3://bucket/prefix`.
public enum ResultsPlace: Sendable, Hashable {
    /// This folder.
    case folder(String)
    /// This bucket, below this prefix.
    case bucket(String, prefix: String)

    /// Nil for a text that names neither.
    public init?(_ text: String) {
        guard let mark = text.firstRange(of: "://") else {
            guard !text.isEmpty else { return nil }
            self = .folder(text)
            return
        }
        let parts = text[mark.upperBound...].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard text[..<mark.lowerBound] == "s3", let bucket = parts.first, !bucket.isEmpty else { return nil }
        self = .bucket(String(bucket), prefix: parts.count > 1 ? String(parts[1]) : "")
    }
}
