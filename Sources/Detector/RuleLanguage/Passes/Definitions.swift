// SPDX-License-Identifier: Apache-2.0

/// What a name stands for: a list or a macro.
protocol Definition {
    var name: Scalar { get }
    /// How many of its kind stood before its last change: it may use only those.
    var visibility: Int { get set }
}

/// The lists, or the macros, of all files: each name once, at the place of its first definition.
struct Definitions<Item: Definition> {
    private(set) var all: [Item] = []
    private var indexes: [String: Int] = [:]

    /// Takes the place of an earlier one of that name.
    mutating func define(_ item: Item) {
        if let index = indexes[item.name.text] {
            all[index] = item
        } else {
            indexes[item.name.text] = all.count
            all.append(item)
        }
    }

    /// Changes what has that name, which may then use all that stands before the change; false when nothing has it.
    mutating func change(_ name: String, _ body: (inout Item) -> Void) -> Bool {
        guard let index = indexes[name] else { return false }
        body(&all[index])
        all[index].visibility = all.count
        return true
    }
}
