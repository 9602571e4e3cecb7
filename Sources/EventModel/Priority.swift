// SPDX-License-Identifier: Apache-2.0

/// How grave an alert is: Falco's eight levels, which are syslog's; a lower raw value is graver.
public enum Priority: Int, Sendable, Codable, CaseIterable, Comparable {
    case emergency, alert, critical, error, warning, notice, informational, debug

    /// The word that Falco's JSON prints.
    public var name: String {
        switch self {
        case .emergency: "Emergency"
        case .alert: "Alert"
        case .critical: "Critical"
        case .error: "Error"
        case .warning: "Warning"
        case .notice: "Notice"
        case .informational: "Informational"
        case .debug: "Debug"
        }
    }

    /// Reads a name in any case; `info` is accepted for Informational, as Falco does.
    public init?(name: String) {
        let wanted = name.lowercased()
        guard let found = Priority.allCases.first(where: { $0.name.lowercased() == wanted }) else {
            guard wanted == "info" else { return nil }
            self = .informational
            return
        }
        self = found
    }

    /// True when the left is less grave than the right.
    public static func < (left: Priority, right: Priority) -> Bool { left.rawValue > right.rawValue }

    /// Reads the word.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let word = try container.decode(String.self)
        guard let found = Priority(name: word) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "unknown priority '\(word)'")
        }
        self = found
    }

    /// Writes the word.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}
