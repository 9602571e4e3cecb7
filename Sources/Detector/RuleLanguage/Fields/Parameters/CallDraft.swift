// SPDX-License-Identifier: Apache-2.0

package import EventModel

/// A call that is put together from the texts of its parameters, as `evt.arg.NAME` writes them.
package struct CallDraft {
    /// The arguments.
    package private(set) var arguments: InlineArray<6, UInt64> = InlineArray(repeating: 0)
    /// The strings among them.
    package private(set) var texts = ["", "", ""]
    /// The data, as text.
    package private(set) var data = ""
    /// The names of users that parameters gave.
    package private(set) var userNames: [UInt32: String] = [:]

    /// A call with arguments of 0 and no strings.
    package init() {}

    /// How a kind comes by the descriptor that the `fd` fields are about.
    package enum DescriptorUse {
        /// It has none.
        case none
        /// The call makes it.
        case made
        /// It is the argument of that number.
        case argument(Int)
    }

    /// How that kind comes by its descriptor.
    package static func descriptorUse(of kind: EventKind) -> DescriptorUse {
        switch kind.parameterList.descriptor {
        case .none: .none
        case .created: .made
        case .argument(let index), .copied(let index): .argument(index)
        }
    }

    /// Sets an argument.
    package mutating func set(argument index: Int, to number: Int64) { arguments[index] = UInt64(bitPattern: number) }

    /// Sets the parameter of that name; what it wants instead when the text does not fit, nil when it does. A kind without that
    /// parameter takes any text and keeps none.
    package mutating func set(_ name: String, of kind: EventKind, to text: String) -> String? {
        guard let found = kind.parameterList.parameters.first(where: { $0.name.rawValue == name }) else { return nil }
        switch found.source {
        case .text(let index), .path(let index, from: _): texts[index] = text
        case .processText: texts[0] = text
        case .data: data = text
        case .user(let index): return set(user: text, index)
        case .flags(let names, let index), .mode(let names, let index):
            return set(index, names.flags(text).map { Int64($0) } ?? Int64(text), "names of flags, joined with |, or a number")
        case .choice(let names, let index): return set(index, names.number(text) ?? Int64(text), "one of its names, or a number")
        case .signal(let index): return set(index, SignalNames.number(text) ?? Int64(text), "the name of a signal, or its number")
        case .descriptor(let index): return set(index, text == "AT_FDCWD" ? -100 : Int64(text), "the number of a descriptor")
        case .process(let index), .signed(let index), .number(let index), .wide(let index), .group(let index):
            return set(index, Int64(text), "a number")
        case .hexadecimal(let index): return set(index, Int64(text, radix: 16), "a number in base 16")
        case .octal(let index): return set(index, Int64(text, radix: 8), "a number in base 8")
        case .processNumber: return set(1, Int64(text), "a number")
        case .result, .created, .createdProcess, .address, .tuple, .received, .control, .dataWord, .dataFlags, .queueShare, .inheritable,
            .permitted, .effective, .tracedAddress, .tracedData, .open, .connectDescriptor, .connectAddress, .program, .absent:
            break
        }
        return nil
    }

    private mutating func set(_ index: Int, _ number: Int64?, _ wanted: String) -> String? {
        guard let number else { return wanted }
        arguments[index] = UInt64(bitPattern: number)
        return nil
    }

    // A name without a number gets one: the first ordinary user of most systems is 1000.
    private mutating func set(user text: String, _ index: Int) -> String? {
        if let number = UInt32(text) {
            arguments[index] = UInt64(number)
        } else if text == "<NONE>" {
            arguments[index] = UInt64(UInt32.max)
        } else {
            let uid: UInt32 = text == "root" ? 0 : 1000 + UInt32(userNames.count)
            userNames[uid] = text
            arguments[index] = UInt64(uid)
        }
        return nil
    }
}

extension FlagNames {
    /// The number of that name; of several joined with | the first one's.
    func number(_ text: String) -> Int64? {
        let name = text.split(separator: "|").first.map(String.init) ?? text
        return entries.first { ByteView($0.name).string == name }.map { Int64($0.number) }
    }
}

extension SignalNames {
    /// The number of that name.
    static func number(_ text: String) -> Int64? {
        all.firstIndex { $0.utf8CodeUnitCount > 0 && ByteView($0).string == text }.map(Int64.init)
    }
}
