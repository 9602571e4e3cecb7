// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The fields of the process and its ancestors.
extension FieldReader {
    /// The process that many generations up; the process itself for 0, and the parent when no number was given.
    func ancestor(of event: Event, _ generation: Int32) -> ProcessNode? {
        var node = event.process
        var left = generation < 0 ? 1 : generation
        while left > 0, let current = node {
            node = current.parent
            left -= 1
        }
        return node
    }

    /// The value of a variable; with no name, all that is known, joined with blanks.
    func environment(_ name: ByteView, _ event: Event) -> ByteView? {
        guard let pairs = event.process?.image.environment.view else { return nil }
        guard !name.isEmpty else { return joined(pairs) }
        var start = 0
        while start < pairs.count {
            var end = start
            while end < pairs.count, pairs[end] != 0 { end += 1 }
            let pair = pairs.slice(start, end)
            if pair.count > name.count, pair.starts(with: name), pair[name.count] == UInt8(ascii: "=") {
                return pair.slice(name.count + 1, pair.count)
            }
            start = end + 1
        }
        return nil
    }

    private func joined(_ pairs: ByteView) -> ByteView {
        text.clear()
        for index in 0..<pairs.count {
            if pairs[index] != 0 { text.append(pairs[index]) } else if index + 1 < pairs.count { text.append(UInt8(ascii: " ")) }
        }
        return text.view
    }

    func workingDirectory(_ path: ByteView) -> ByteView {
        guard path.isEmpty || path[path.count - 1] != UInt8(ascii: "/") else { return path }
        text.clear()
        text.append(path)
        text.append(UInt8(ascii: "/"))
        return text.view
    }

    func sessionLeader(of event: Event) -> ProcessNode? {
        var node = event.process
        while let current = node, current.pid != event.process?.session { node = current.parent }
        return node
    }

    func capabilities(_ bits: UInt64) -> ByteView {
        text.clear()
        for index in 0..<CapabilityNames.all.count where bits >> UInt64(index) & 1 == 1 {
            if text.count > 0 { text.append(UInt8(ascii: " ")) }
            text.append(CapabilityNames.all[index])
        }
        return text.view
    }
}

extension ImageFacts {
    /// One argument, counted from 0 behind the program's own name; nil when there are not so many.
    func argument(_ index: Int) -> ByteView? {
        let all = argv.view
        var start = 0, left = index + 1
        while start < all.count {
            var end = start
            while end < all.count, all[end] != 0 { end += 1 }
            if left == 0 { return all.slice(start, end) }
            left -= 1
            start = end + 1
        }
        return nil
    }
}
