// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Hashing
internal import Synchronization

/// Decides whether a call is signed by whoever holds the secret, is of now, and is the first of its kind. The scheme is Slack's `v0`:
/// HMAC-SHA-256 over `v0:`, the time in seconds, `:` and the body.
final class SignatureCheck: Sendable {
    /// Why a call is not taken.
    enum Problem: Error, Hashable {
        case missing, old, wrong, replayed, busy

        var sentence: String {
            switch self {
            case .missing: "the call carries no time or no signature"
            case .old: "the call's time is more than 5 minutes from ours"
            case .wrong: "the signature is not that of the body"
            case .replayed: "the call came before"
            case .busy: "too many calls within 5 minutes"
            }
        }
    }

    // Slack's own window; for as long a signature is remembered.
    private static let windowSeconds: UInt64 = 300
    private static let most = 4_096
    private let seen = Mutex<[[UInt8]: UInt64]>([:])

    /// Throws the first problem of a call; a call that passes once is refused ever after.
    func check(
        timestamp: String?, signature: String?, body: [UInt8], secret: [UInt8], now: Timestamp
    ) throws(Problem) {
        guard let timestamp, let signature, let time = UInt64(timestamp) else { throw .missing }
        let seconds = now.nanoseconds / 1_000_000_000
        guard max(time, seconds) - min(time, seconds) <= Self.windowSeconds else { throw .old }
        let wanted = HMAC.sha256(Array("v0:\(timestamp):".utf8) + body, key: secret)
        guard Self.isSame(Array("v0=\(Hex.text(wanted))".utf8), Array(signature.utf8)) else { throw .wrong }
        let problem: Problem? = seen.withLock { seen in
            guard seen[wanted] == nil else { return .replayed }
            // A call is refused by its time when it is twice the window old, so it need not be remembered for longer.
            if seen.count >= Self.most { seen = seen.filter { seconds < $0.value + 2 * Self.windowSeconds } }
            guard seen.count < Self.most else { return .busy }
            seen[wanted] = seconds
            return nil
        }
        if let problem { throw problem }
    }

    /// Looks at every byte, so that the time it takes says nothing of how much is right.
    private static func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
