// SPDX-License-Identifier: Apache-2.0

/// Where results are kept for people and programs outside of Saker, one object an action.
public protocol ResultStore: Sendable {
    /// Keeps a result, once: a second one under the same key changes nothing, and fails with `conflict` when it differs.
    func put(_ record: ResultRecord) async throws(JournalError) -> ResultPlacement
}

/// What became of a result that was handed to a store.
public enum ResultPlacement: Sendable, Hashable {
    /// It is kept there, durably.
    case stored(at: String)
    /// The same result was kept there before.
    case alreadyThere(at: String)
    /// Nothing was kept; it would have been there.
    case rehearsed(would: String)

    /// One sentence for a person.
    public var sentence: String {
        switch self {
        case .stored(let place): "result kept in \(place)"
        case .alreadyThere(let place): "result was already in \(place)"
        case .rehearsed(let place): "result would be kept in \(place)"
        }
    }
}

/// A store for rehearsals: keeps nothing and says where the result would be.
public struct RehearsalResultStore: ResultStore {
    private let folder: String

    /// Speaks of the folder that a `FolderResultStore` would write to.
    public init(folder: String) { self.folder = folder }

    /// Says where the result would be; never fails.
    public func put(_ record: ResultRecord) async throws(JournalError) -> ResultPlacement { .rehearsed(would: folder + "/" + record.key) }
}
