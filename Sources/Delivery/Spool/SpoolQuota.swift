// SPDX-License-Identifier: Apache-2.0

/// Why an alert was not kept: a bounded set, safe as a metric label.
public enum SpoolLoss: String, Sendable, Hashable, CaseIterable {
    /// The spool is full; for alerts below Critical, all but the reserve is.
    case full
    /// Its container has as much waiting as is left for all others.
    case share
    /// The disk could not be written, and memory for such alerts is full.
    case disk
    /// It is larger than a record may be, or has no JSON form.
    case unwritable
    /// It was in the spool of an earlier run and cannot be read any more.
    case damaged
    /// The responder refused it for good.
    case refused
}

/// Decides what there is room for. Nothing is ever evicted: what was taken stays until the responder has it.
///
/// A quarter is reserved for alerts of priority Critical and above. One container may have no more waiting than is free after it:
/// alone it fills half, and whoever comes next still finds as much room as the noisy one takes (a dynamic threshold).
struct SpoolQuota {
    /// What one container has waiting.
    struct Owner: Hashable {
        var container: String
        var isCritical: Bool
    }

    let capacity: Int
    /// Bytes taken, those of settled records included until their file is gone.
    private(set) var total = 0
    private var used: [Owner: Int] = [:]

    init(capacity: Int) { self.capacity = capacity }

    /// Why there is no room for so many bytes; nil when there is.
    func refusal(_ bytes: Int, of owner: Owner) -> SpoolLoss? {
        let limit = owner.isCritical ? capacity : capacity - capacity / 4
        let free = limit - total
        guard bytes <= free else { return .full }
        return (used[owner] ?? 0) + bytes <= free ? nil : .share
    }

    mutating func take(_ bytes: Int, of owner: Owner) {
        total += bytes
        used[owner, default: 0] += bytes
    }

    /// The owner's record was settled; its bytes are still on the disk.
    mutating func settle(_ bytes: Int, of owner: Owner) {
        let rest = (used[owner] ?? 0) - bytes
        used[owner] = rest > 0 ? rest : nil
    }

    /// So many bytes are free again.
    mutating func free(_ bytes: Int) { total -= bytes }
}
