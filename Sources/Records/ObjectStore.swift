// SPDX-License-Identifier: Apache-2.0

/// Where bytes are kept under a key, once: results, and the evidence that actions gather.
public protocol ObjectStore: Sendable {
    /// Where an object of that key is or would be, such as `s3://bucket/key`.
    func place(of key: String) -> String

    /// Keeps bytes under a key that is free. The same bytes again change nothing; other bytes fail with `conflict`.
    func keep(_ bytes: [UInt8], under key: String, type: String) async throws(JournalError) -> ResultPlacement

    /// Finds out, as far as that can be without a change, whether bytes could be kept under a key.
    func rehearse(under key: String) async throws(JournalError) -> ResultPlacement
}

/// A store for rehearsals: keeps nothing, and says where the bytes would be or why they could not be kept.
public struct RehearsalObjectStore: ObjectStore {
    private let inner: any ObjectStore

    /// Speaks for that store.
    public init(_ inner: any ObjectStore) { self.inner = inner }

    public func place(of key: String) -> String { inner.place(of: key) }

    public func keep(_ bytes: [UInt8], under key: String, type: String) async throws(JournalError) -> ResultPlacement {
        try await inner.rehearse(under: key)
    }

    public func rehearse(under key: String) async throws(JournalError) -> ResultPlacement { try await inner.rehearse(under: key) }
}
