// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A count that one thread raises and any thread reads: a plain load and store, without the price of a locked instruction.
public struct OwnerCounter: ~Copyable, Sendable {
    private let value = Atomic<UInt64>(0)

    /// Begins at 0.
    public init() {}

    /// The count so far.
    public var count: UInt64 { value.load(ordering: .relaxed) }

    /// Adds to the count; only ever called by the thread that owns it.
    @inline(__always)
    public func add(_ more: UInt64 = 1) { value.store(value.load(ordering: .relaxed) &+ more, ordering: .relaxed) }

    /// Puts another count in its place; only ever called by the thread that owns it.
    @inline(__always)
    public func set(_ count: UInt64) { value.store(count, ordering: .relaxed) }
}
