// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Synchronization

/// The acts that budgets and cooldowns are counted from, kept in memory: judging reads no history, and an act counts from the moment
/// it is allowed, so two at once never both take the last place of a budget while their intentions share a commit.
final class RecentActs: Sendable {
    /// Stands for an act until it has ended.
    struct Ticket {
        fileprivate let number: Int
        fileprivate let key: String
    }

    private struct Kept {
        var number: Int
        var act: PastAct
    }

    private struct Book {
        var byTarget: [String: [Kept]] = [:]
        var known: Set<Int64> = []
        var last = 0
        var addedSinceSweep = 0
    }

    // How many acts are added before what is too old to count is looked for.
    private static let sweepAfter = 1_024
    private let book = Mutex(Book())

    init(_ acts: [PastAct] = []) { load(acts) }

    /// Adds acts of the journal that are not known yet.
    func load(_ acts: [PastAct]) {
        book.withLock { book in
            for act in acts where book.known.insert(act.id).inserted {
                book.last += 1
                book.byTarget[Self.key(act.target), default: []].append(Kept(number: book.last, act: act))
            }
        }
    }

    /// Shows `decide` the past acts that may matter to this one; when it says yes, this one counts from now on.
    func judge(_ act: PlannedAct, at time: Timestamp, since: Timestamp, _ decide: ([PastAct]) -> Bool) -> Ticket? {
        book.withLock { book in
            let key = Self.key(act.intention.target)
            let destructive = act.kind == .destructive ? book.byTarget.values.joined().filter { $0.act.kind == .destructive } : []
            let others = book.byTarget[key, default: []].filter { act.kind != .destructive || $0.act.kind != .destructive }
            guard decide((destructive + others).map(\.act)) else { return nil }
            Self.sweep(&book, since: since)
            book.last += 1
            book.byTarget[key, default: []].append(Kept(number: book.last, act: PastAct(act, id: 0, at: time)))
            return Ticket(number: book.last, key: key)
        }
    }

    /// The act has its number in the history now. Where it was read from there meanwhile, it is still one act.
    func number(_ ticket: Ticket, _ id: Int64) {
        book.withLock { book in
            if !book.known.insert(id).inserted {
                book.byTarget[ticket.key]?.removeAll { $0.act.id == id && $0.number != ticket.number }
            }
            guard let place = book.byTarget[ticket.key]?.firstIndex(where: { $0.number == ticket.number }) else { return }
            book.byTarget[ticket.key]?[place].act.id = id
        }
    }

    /// The act changed nothing, so it does not count.
    func forget(_ ticket: Ticket) {
        book.withLock { book in
            book.byTarget[ticket.key]?.removeAll { $0.number == ticket.number }
            if book.byTarget[ticket.key]?.isEmpty == true { book.byTarget[ticket.key] = nil }
        }
    }

    private static func sweep(_ book: inout Book, since: Timestamp) {
        book.addedSinceSweep += 1
        guard book.addedSinceSweep > sweepAfter else { return }
        book.addedSinceSweep = 0
        book.byTarget = book.byTarget.mapValues { $0.filter { $0.act.time >= since } }.filter { !$0.value.isEmpty }
        book.known = Set(book.byTarget.values.joined().map(\.act.id))
    }

    private static func key(_ target: TargetObject) -> String { "\(target.kind)/\(target.namespace?.text ?? "")/\(target.name)" }
}
