// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Makes trace ids out of randomness that comes from outside, so that a test can tell them beforehand.
public struct TraceIDSource: Sendable {
    private let random: @Sendable () -> UInt64

    /// Draws from the system's generator, or from the given one; each id takes two numbers.
    public init(random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }) { self.random = random }

    /// The next id: 32 lower-case hex digits.
    public func next() -> TraceID { TraceID(Self.hexadecimal(random()) + Self.hexadecimal(random())) }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
