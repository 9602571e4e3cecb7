// SPDX-License-Identifier: Apache-2.0
import EventModel
import Responder

/// Something that is about one target.
protocol Targeted: Sendable {
    /// What those about the same target share.
    var turn: String { get }
}

extension Alert: Targeted {}

extension IntakeQueue.Accepted: Targeted {
    var turn: String { alert.turn }
}

/// Hands alerts to whoever answers them. Those about one target wait for each other, and while they wait they take nobody else's place: a
/// pod that hangs holds up its own alerts only.
enum TargetDispatch {
    /// Answers so many targets at once, and lets so many alerts wait, until there will be no more and all are answered.
    static func run<Item: Targeted>(
        _ items: AsyncStream<Item>, targets: Int, waiting: Int, by handle: @escaping @Sendable (Item) async -> Void
    ) async {
        let queue = TargetQueue<Item>(most: waiting), places = Places(targets)
        await withDiscardingTaskGroup { group in
            for await item in items {
                guard await queue.admit(item) else { continue }
                await places.take()
                group.addTask {
                    var next: Item? = item
                    while let item = next {
                        await handle(item)
                        next = await queue.next(after: item)
                    }
                    await places.give()
                }
            }
        }
    }
}

/// Alerts that wait because another one about their target is being answered.
actor TargetQueue<Item: Targeted> {
    private var waiting: [String: [Item]] = [:]
    private var count = 0
    private let most: Int
    private var blocked: [CheckedContinuation<Void, Never>] = []

    init(most: Int) { self.most = most }

    /// True when the target is free, and is taken by this one now; else this one waits, and whoever has the target gets it from `next`.
    /// Waits itself while as many wait as may.
    func admit(_ item: Item) async -> Bool {
        while count >= most { await withCheckedContinuation { blocked.append($0) } }
        guard waiting[item.turn] != nil else {
            waiting[item.turn] = []
            return true
        }
        waiting[item.turn]?.append(item)
        count += 1
        return false
    }

    /// The next one about the same target; nil when none waits, and then the target is free.
    func next(after item: Item) -> Item? {
        guard var queue = waiting[item.turn], !queue.isEmpty else {
            waiting[item.turn] = nil
            return nil
        }
        let next = queue.removeFirst()
        waiting[item.turn] = queue
        count -= 1
        blocked.forEach { $0.resume() }
        blocked = []
        return next
    }
}

/// So many places that are taken and given back.
actor Places {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    func take() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func give() {
        guard waiting.isEmpty else { return waiting.removeFirst().resume() }
        free += 1
    }
}
