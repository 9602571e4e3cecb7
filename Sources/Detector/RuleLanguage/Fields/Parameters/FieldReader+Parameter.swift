// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The fields of numbered and named parameters.
extension FieldReader {
    /// `evt.arg[n]`; nil when the kind has not so many, or nothing reads it.
    func parameter(at index: Int, _ event: Event) -> ByteView? {
        let parameters = event.kind.parameterList.parameters
        guard parameters.indices.contains(index) else { return nil }
        return text(of: parameters[index].source, event)
    }

    /// `evt.arg.NAME`; nil when the kind has none of that name.
    func parameter(named name: ParameterName, _ event: Event) -> ByteView? {
        guard let found = event.kind.parameterList.parameters.first(where: { $0.name == name }) else { return nil }
        return text(of: found.source, event)
    }

    /// `evt.args`: each as `name=value(words)` with a blank behind it; nil for a kind whose parameters are not read.
    func allParameters(_ event: Event) -> ByteView? {
        let parameters = event.kind.parameterList.parameters
        guard !parameters.isEmpty else { return nil }
        let writer = ParameterWriter(event, userNames: userNames, scratch: scratch)
        text.clear()
        for parameter in parameters {
            text.append(parameter.name.rawValue)
            text.append(UInt8(ascii: "="))
            if case .absent = parameter.source { text.append("<NA>") }
            writer.writeValue(parameter.source, to: text)
            let end = text.count
            text.append(UInt8(ascii: "("))
            writer.writeWords(parameter.source, to: text)
            if text.count == end + 1 { text.truncate(to: end) } else { text.append(UInt8(ascii: ")")) }
            text.append(UInt8(ascii: " "))
        }
        return text.view
    }

    /// The bytes that were sent or received, as they are; nil for a kind without.
    func buffer(_ event: Event) -> ByteView? {
        event.kind.carriesDatagrams ? event.callDetail?.data : nil
    }

    /// The strings as they were when the call began, with a blank between two; nil for a call that nobody changed.
    func entryTexts(_ event: Event) -> ByteView? {
        guard event.marks.contains(.raced) else { return nil }
        text.clear()
        let kept = event.openDetail?.entry ?? event.callDetail?.entry ?? .empty
        for index in 0..<kept.count where kept[index] != 0 || index < kept.count - 1 {
            text.append(kept[index] == 0 ? UInt8(ascii: " ") : kept[index])
        }
        return text.view
    }

    /// The path of that role: as it was given, or absolute and clean; nil for a kind without.
    mutating func path(_ role: ParameterList.PathRole, isRaw: Bool = false, _ event: Event) -> ByteView? {
        guard let parameter = event.kind.parameterList.path(role) else { return nil }
        if !isRaw, event.openDetail != nil { return descriptorName(event) }
        let writer = ParameterWriter(event, userNames: userNames, scratch: scratch)
        text.clear()
        guard !isRaw else {
            writer.writeValue(parameter.source, to: text)
            return text.view
        }
        writer.writeCleanPath(parameter.source, to: text)
        return text.view
    }

    // The words where there are some, else the value.
    private func text(of source: EventParameter.Source, _ event: Event) -> ByteView? {
        if case .absent = source { return nil }
        let writer = ParameterWriter(event, userNames: userNames, scratch: scratch)
        text.clear()
        writer.writeWords(source, to: text)
        if text.count == 0 { writer.writeValue(source, to: text) }
        return text.view
    }
}

extension Event {
    /// The call, of a kind that is told as it was made.
    var callDetail: Call? {
        switch detail {
        case .call(let call): call
        case .exec, .fork, .exit, .open, .connect, .snapshot: nil
        }
    }

    /// What the descriptor that the `fd` fields are about stands for; nil for none, and when the kernel no longer knew it.
    var descriptorDetail: Descriptor? {
        guard let call = callDetail else { return nil }
        switch kind.parameterList.descriptor {
        case .none: return nil
        case .created: guard result >= 0 else { return nil }
        case .argument, .copied: break
        }
        // The working directory has no descriptor.
        guard let found = Descriptor(call.descriptor), found.number >= 0 else { return nil }
        return found
    }

    /// The number of the descriptor that the `fd` fields are about: -1 when the call failed to make one; nil for a kind without.
    var descriptorNumber: Int64? {
        switch kind.parameterList.descriptor {
        case .none: return nil
        case .created: return result < 0 ? -1 : result
        case .copied(let index): return result < 0 ? argument(index) : result
        case .argument(let index): return connectDetail.map { Int64($0.descriptor) } ?? argument(index)
        }
    }

    private func argument(_ index: Int) -> Int64? { callDetail.map { Int64(Int32(truncatingIfNeeded: $0.arguments[index])) } }

    /// True when this side of the socket is the server's, as far as the call tells.
    var isServerSide: Bool {
        guard kind.family == .call else { return false }
        if kind == .accept || kind == .accept4 || kind == .bind || kind == .listen { return true }
        // A datagram that comes in may come from anyone.
        return kind.receives && connectDetail?.socketType == 2
    }
}
