// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A place where alerts are told. It may block: an `OutletQueue` stands between it and the detector.
public protocol Outlet: Sendable {
    /// A word for metrics and messages, such as `stdout`.
    var name: String { get }
    /// Tells one alert. Throws when it was not told.
    func send(_ alert: Alert) throws(DeliveryError)
}
