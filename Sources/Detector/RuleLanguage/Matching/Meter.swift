// SPDX-License-Identifier: Apache-2.0

/// Is told what a walk does. The walk is compiled once for each meter, so the one that measures nothing costs nothing.
protocol Meter {
    /// The time, for the comparison or look-up that is told later.
    func now() -> UInt64
    /// The time, for the walk of a rule that is told later.
    func beginWalk() -> UInt64
    /// A walk asked for a comparison and had that answer, which may have been remembered.
    mutating func answered(slot: Int, _ result: Bool)
    /// A comparison was made by itself.
    mutating func evaluated(slot: Int, _ result: Bool, since start: UInt64)
    /// A unit's text was looked up.
    mutating func looked(unit: Int, since start: UInt64)
    /// A rule's condition was walked, with all that was looked up for it.
    mutating func walked(rule: Int, _ result: Bool, since start: UInt64)
}

/// Measures nothing.
struct NoMeter: Meter {
    @inline(__always) func now() -> UInt64 { 0 }
    @inline(__always) func beginWalk() -> UInt64 { 0 }
    @inline(__always) func answered(slot: Int, _ result: Bool) {}
    @inline(__always) func evaluated(slot: Int, _ result: Bool, since start: UInt64) {}
    @inline(__always) func looked(unit: Int, since start: UInt64) {}
    @inline(__always) func walked(rule: Int, _ result: Bool, since start: UInt64) {}
}
