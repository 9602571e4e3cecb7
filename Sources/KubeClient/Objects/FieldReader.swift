// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Reads fields out of JSON: absent and null are nil, a value of the wrong kind is a decode error that names its path.
struct FieldReader {
    let json: JSONValue
    let path: String

    init(_ json: JSONValue, _ path: String) throws(KubeError) {
        guard case .object = json else { throw Self.wrong(path, "an object") }
        self.json = json
        self.path = path
    }

    func string(_ key: String) throws(KubeError) -> String? {
        guard let value = present(key) else { return nil }
        guard let text = value.string else { throw Self.wrong(path + "." + key, "a string") }
        return text
    }

    func required(_ key: String) throws(KubeError) -> String {
        guard let text = try string(key), !text.isEmpty else { throw Self.wrong(path + "." + key, "a string that is not empty") }
        return text
    }

    func int(_ key: String) throws(KubeError) -> Int64? {
        guard let value = present(key) else { return nil }
        guard let number = value.int else { throw Self.wrong(path + "." + key, "a whole number") }
        return number
    }

    func bool(_ key: String) throws(KubeError) -> Bool? {
        guard let value = present(key) else { return nil }
        guard let truth = value.bool else { throw Self.wrong(path + "." + key, "true or false") }
        return truth
    }

    func object(_ key: String) throws(KubeError) -> FieldReader? {
        guard let value = present(key) else { return nil }
        return try FieldReader(value, path + "." + key)
    }

    func strings(_ key: String) throws(KubeError) -> [String: String] {
        guard let members = try object(key)?.json.object else { return [:] }
        var result: [String: String] = [:]
        for (name, value) in members {
            guard let text = value.string else { throw Self.wrong(path + "." + key + "." + name, "a string") }
            result[name] = text
        }
        return result
    }

    func list(_ key: String) throws(KubeError) -> [JSONValue]? {
        guard let value = present(key) else { return nil }
        guard let elements = value.array else { throw Self.wrong(path + "." + key, "a list") }
        return elements
    }

    func objects(_ key: String) throws(KubeError) -> [FieldReader]? {
        guard let elements = try list(key) else { return nil }
        var result: [FieldReader] = []
        for (index, element) in elements.enumerated() {
            result.append(try FieldReader(element, "\(path).\(key)[\(index)]"))
        }
        return result
    }

    func texts(_ key: String) throws(KubeError) -> [String]? {
        guard let elements = try list(key) else { return nil }
        var result: [String] = []
        for (index, element) in elements.enumerated() {
            guard let text = element.string else { throw Self.wrong("\(path).\(key)[\(index)]", "a string") }
            result.append(text)
        }
        return result
    }

    private func present(_ key: String) -> JSONValue? {
        guard let value = json[key], value != .null else { return nil }
        return value
    }

    private static func wrong(_ path: String, _ expected: String) -> KubeError {
        KubeError(.decode, "The API server's answer has no usable \(path): expected \(expected).")
    }
}
