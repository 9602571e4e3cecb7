// SPDX-License-Identifier: Apache-2.0

extension Alert {
    /// What it takes in memory or as text, about: for bounds of what waits, since one alert may be a thousand times another.
    public var approximateBytes: Int {
        let texts = [rule.text, source, output, hostname, subject.container?.text ?? ""] + tags
        let fields = fields.reduce(0) { $0 + $1.key.utf8.count + $1.value.approximateBytes }
        return 512 + texts.reduce(fields) { $0 + $1.utf8.count }
    }
}

extension JSONValue {
    // A value's place in its dictionary or array, and the head of its text's own storage.
    private static let overhead = 64

    var approximateBytes: Int {
        switch self {
        case .null, .bool, .int, .double: Self.overhead
        case .string(let text): Self.overhead + text.utf8.count
        case .array(let elements): elements.reduce(Self.overhead) { $0 + $1.approximateBytes }
        case .object(let members): members.reduce(Self.overhead) { $0 + $1.key.utf8.count + $1.value.approximateBytes }
        }
    }
}
