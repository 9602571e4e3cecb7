// SPDX-License-Identifier: Apache-2.0

/// How many replicas of a workload must be ready before one of them may be taken away (Talon's `min_healthy_replicas`).
public enum MinimumHealthy: Sendable, Hashable {
    /// At least this many.
    case count(Int)
    /// At least this share of the desired ones, 0 to 100.
    case percent(Int)

    /// Reads `3` or `33%`; nil for any other text, for a negative count and for a share above 100 %.
    public init?(_ text: String) {
        let isShare = text.hasSuffix("%")
        let digits = isShare ? text.dropLast() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits) else { return nil }
        guard isShare else {
            self = .count(number)
            return
        }
        guard number <= 100 else { return nil }
        self = .percent(number)
    }

    /// Says with numbers how many are missing; nil when enough are ready.
    public func shortfall(ready: Int, desired: Int) -> String? {
        switch self {
        case .count(let least):
            ready < least ? "\(ready) of \(desired) replicas are ready and at least \(least) must be" : nil
        case .percent(let least):
            ready * 100 < least * desired ? "\(ready) of \(desired) replicas are ready and at least \(least) % must be" : nil
        }
    }
}
