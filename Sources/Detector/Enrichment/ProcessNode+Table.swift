// SPDX-License-Identifier: Apache-2.0

public import EventModel

extension ProcessNode {
    /// True when neither an exec nor the snapshot has told the process's program; kernel threads have none and stay so.
    public var isIncomplete: Bool { imageTime == 0 && image.exePath.view.isEmpty && image.argv.view.isEmpty }

    /// Ended ancestors that a process keeps at most.
    static let endedAncestorLimit = 16

    /// Gives a process that has none its parent, unless that would close a circle: records may come in any order, or be forged in
    /// a recording, and whoever walks up the ancestors relies on an end.
    func adopt(_ candidate: ProcessNode) {
        var ancestor: ProcessNode? = candidate
        while let node = ancestor {
            if node === self { return }
            ancestor = node.parent
        }
        parent = candidate
    }

    /// Cuts ended ancestors out of the chain beyond the first 16, so that a process that forks and ends for ever (a daemon that
    /// renews itself) keeps no endless line. Looks 64 generations up: that bounds the work of one fork.
    func limitAncestry() {
        var child = self
        var endedCount = hasExited ? 1 : 0
        for _ in 0..<64 {
            guard let parent = child.parent else { return }
            endedCount += parent.hasExited ? 1 : 0
            if endedCount > Self.endedAncestorLimit {
                var rest = child.parent
                child.parent = parent.firstLivingAncestor
                return Self.release(&rest)
            }
            child = parent
        }
    }

    private var firstLivingAncestor: ProcessNode? {
        var candidate = parent
        for _ in 0..<64 {
            guard let node = candidate, node.hasExited else { return candidate }
            candidate = node.parent
        }
        return nil
    }

    /// Gives up a reference. A chain of ancestors that nothing else holds is freed in a loop: by recursion, as the language would
    /// do it, a chain of ten thousand would overflow the stack.
    static func release(_ node: inout ProcessNode?) {
        while node != nil, isKnownUniquelyReferenced(&node) {
            var parent: ProcessNode?
            swap(&parent, &node!.parent)
            swap(&node, &parent)
        }
        node = nil
    }
}

extension ImageFacts {
    /// The program of a process of which only the name is known.
    static func unknown(name: ByteView) -> ImageFacts {
        let nothing = Event.Image(
            rawPath: .empty, exePath: .empty, argv: .empty, environment: .empty, cwd: .empty, cgroupPathV2: .empty,
            cgroupPathV1: .empty, flags: [])
        return ImageFacts(name: name, image: nothing)
    }
}

extension Event.Fork {
    /// CLONE_INTO_CGROUP: the child starts in another cgroup than its parent's.
    var isIntoCgroup: Bool { flags & 0x2_0000_0000 != 0 }
}
