// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Testing

@testable import saker

@Suite("Alerts in turn")
struct TargetQueueTests {
    private struct Item: Targeted {
        let turn: String
        let number: Int
    }

    private final class Book: Sendable {
        let handled = Mutex<[String]>([])
        let isOpen = Mutex(false)

        func count(_ turn: String) -> Int { handled.withLock { $0.count { $0.hasPrefix(turn) } } }
    }

    @Test("Alerts about a target that hangs hold up no other target, keep their order, and all are answered", .timeLimit(.minutes(1)))
    func hanging() async {
        let book = Book()
        let (items, feed) = AsyncStream.makeStream(of: Item.self)
        for number in 0..<200 { feed.yield(Item(turn: "hangs", number: number)) }
        for number in 0..<20 { feed.yield(Item(turn: "other-\(number)", number: number)) }
        feed.finish()
        async let ran: Void = TargetDispatch.run(items, targets: 2, waiting: 1_000) { item in
            while item.turn == "hangs", !book.isOpen.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(2)) }
            book.handled.withLock { $0.append("\(item.turn) \(item.number)") }
        }
        while book.count("other") < 20 { try? await Task.sleep(for: .milliseconds(2)) }
        #expect(book.count("hangs") == 0)
        book.isOpen.withLock { $0 = true }
        await ran
        let order = book.handled.withLock { $0.filter { $0.hasPrefix("hangs") } }
        #expect(order == (0..<200).map { "hangs \($0)" })
    }

    @Test("No more wait than may: the feed waits then, and nothing is lost", .timeLimit(.minutes(1)))
    func bounded() async {
        let book = Book()
        let (items, feed) = AsyncStream.makeStream(of: Item.self)
        for number in 0..<50 { feed.yield(Item(turn: "one", number: number)) }
        feed.finish()
        await TargetDispatch.run(items, targets: 1, waiting: 3) { item in
            book.handled.withLock { $0.append("\(item.turn) \(item.number)") }
        }
        let order = book.handled.withLock { $0 }
        #expect(order == (0..<50).map { "one \($0)" })
    }
}
