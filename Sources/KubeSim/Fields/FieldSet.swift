// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// One step of a path into an object, as `managedFields` writes it.
enum PathElement: Hashable, Sendable {
    case field(String)
    /// An element of a list, by the values of its keys.
    case key([String: JSON])
    /// An element of a set, by its value.
    case value(JSON)

    /// `f:name`, `k:{"name":"main"}` or `v:"finalizer"`.
    var text: String {
        switch self {
        case .field(let name): "f:" + name
        case .key(let keys): "k:" + JSON.object(keys).text
        case .value(let value): "v:" + value.text
        }
    }

    init?(text: String) {
        let rest = String(text.dropFirst(2))
        switch text.prefix(2) {
        case "f:": self = .field(rest)
        case "k:":
            guard let keys = try? JSON(parsing: Data(rest.utf8)) else { return nil }
            self = .key(keys.members)
        case "v:":
            guard let value = try? JSON(parsing: Data(rest.utf8)) else { return nil }
            self = .value(value)
        case _: return nil
        }
    }

    /// `.name`, `[name="main"]` or `[="finalizer"]`: the form in conflicts.
    var shown: String {
        switch self {
        case .field(let name): "." + name
        case .key(let keys): "[" + keys.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }.joined(separator: ",") + "]"
        case .value(let value): "[=" + value.text + "]"
        }
    }
}

/// A set of paths, as a tree.
struct FieldSet: Hashable, Sendable {
    /// Whether the path that ends here is in the set.
    var isMember = false
    var children: [PathElement: FieldSet] = [:]

    var isEmpty: Bool { !isMember && children.isEmpty }

    /// A set of this one path.
    static let here = FieldSet(isMember: true)

    subscript(element: PathElement) -> FieldSet {
        get { children[element] ?? FieldSet() }
        set { children[element] = newValue.isEmpty ? nil : newValue }
    }

    /// The form of `fieldsV1`.
    var json: JSON {
        var members: [String: JSON] = [:]
        if isMember && !children.isEmpty { members["."] = [:] }
        for (element, child) in children { members[element.text] = child.json }
        return .object(members)
    }

    init(isMember: Bool = false, children: [PathElement: FieldSet] = [:]) {
        self.isMember = isMember
        self.children = children
    }

    /// Reads `fieldsV1`; what is no path element is left out.
    init(json: JSON, isRoot: Bool = true) {
        let members = json.members
        isMember = !isRoot && (members.isEmpty || members["."] != nil)
        for (text, child) in members where text != "." {
            if let element = PathElement(text: text) { children[element] = FieldSet(json: child, isRoot: false) }
        }
    }

    func union(_ other: FieldSet) -> FieldSet {
        FieldSet(isMember: isMember || other.isMember, children: children.merging(other.children) { $0.union($1) })
    }

    func intersection(_ other: FieldSet) -> FieldSet {
        var result = FieldSet(isMember: isMember && other.isMember)
        for (element, child) in children { result[element] = child.intersection(other[element]) }
        return result
    }

    func subtracting(_ other: FieldSet) -> FieldSet {
        var result = FieldSet(isMember: isMember && !other.isMember)
        for (element, child) in children { result[element] = child.subtracting(other[element]) }
        return result
    }

    /// The paths of the set in the form of conflicts, in order.
    var shownPaths: [String] { paths(after: "").sorted() }

    private func paths(after start: String) -> [String] {
        (isMember ? [start] : []) + children.flatMap { $0.value.paths(after: start + $0.key.shown) }
    }
}
