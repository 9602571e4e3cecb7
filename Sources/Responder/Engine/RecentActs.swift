// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Guardrails
internal import Synchronization

/// A moment by two clocks: the wall's, which people set, and one that only goes on.
struct Moment: Sendable {
    let time: Timestamp
    /// Nanoseconds of a clock that never jumps.
    let steady: UInt64
}

/// The acts that budgets and cooldowns are counted from, kept in memory: judging reads no history, and an act counts from the moment
/// it is allowed, so two at once never both take the last place of a budget while their intentions share a commit. Ages are counted by
/// a clock that never jumps, so that setting the wall's clock frees no budget.
final class RecentActs: Sendable {
    /// Stands for an act until it has ended.
    struct Ticket {
        fileprivate let number: Int
        fileprivate let key: String
    }

    /// What a judgement may look at.
    struct Past {
        var acts: [PastAct]
        var ends: [PastEnd]
    }

    private struct Kept {
        var number: Int
        var act: PastAct
        /// When it was begun, by the steady clock; before its zero for acts of an earlier run.
        var steady: Int64
    }

    private struct End {
        var number: Int
        var began: Int64
        var ended: Int64?
        var isError: Bool
    }

    private struct Book {
        var byTarget: [String: [Kept]] = [:]
        var known: Set<Int64> = []
        var ends: [End] = []
        var last = 0
        var addedSinceSweep = 0
    }

    // How many acts are added before what is too old to count is looked for.
    private static let sweepAfter = 1_024
    // More ends than that say nothing new to the breaker.
    private static let mostEnds = 2_048
    private let book = Mutex(Book())

    /// Adds acts and ends of the journal that are not known yet.
    func load(_ acts: [PastAct], _ ends: [PastEnd] = [], at moment: Moment) {
        book.withLock { book in
            for act in acts where book.known.insert(act.id).inserted {
                book.last += 1
                book.byTarget[Self.key(act.target), default: []].append(
                    Kept(number: book.last, act: act, steady: Self.steady(act.time, moment)))
            }
            let earlier = ends.map { end in
                End(
                    number: 0, began: Self.steady(end.began, moment), ended: end.ended.map { Self.steady($0, moment) },
                    isError: end.isError)
            }
            book.ends = Array((earlier + book.ends).suffix(Self.mostEnds))
        }
    }

    /// Shows `decide` the past acts that may matter to this one (all of them when it `wantsAll`); when it says yes, this one counts
    /// from now on. What is older than `memory` nanoseconds is forgotten by and by.
    func judge(
        _ act: PlannedAct, rule: RuleName, at moment: Moment, memory: UInt64, wantsAll: Bool, _ decide: (Past) -> Bool
    ) -> Ticket? {
        book.withLock { book in
            let key = Self.key(act.intention.target)
            let kept: [Kept]
            if wantsAll {
                kept = Array(book.byTarget.values.joined())
            } else {
                let isDestructive = act.kind == .destructive
                let destructive = isDestructive ? book.byTarget.values.joined().filter { $0.act.kind == .destructive } : []
                kept = destructive + book.byTarget[key, default: []].filter { !isDestructive || $0.act.kind != .destructive }
            }
            guard decide(Past(acts: kept.map { Self.seen($0, moment) }, ends: book.ends.map { Self.seen($0, moment) })) else { return nil }
            Self.sweep(&book, memory, moment)
            book.last += 1
            let begun = PastAct(act, id: 0, at: moment.time, rule: rule)
            book.byTarget[key, default: []].append(Kept(number: book.last, act: begun, steady: Int64(clamping: moment.steady)))
            if act.kind != .observe {
                book.ends.append(End(number: book.last, began: Int64(clamping: moment.steady), ended: nil, isError: false))
            }
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

    /// The act has ended; one that changed nothing counts for no budget, and one that failed counts for the breaker.
    func end(_ ticket: Ticket, _ outcome: Outcome, at moment: Moment) {
        if !outcome.mayHaveHappened { remove(ticket) }
        book.withLock { book in
            guard let place = book.ends.lastIndex(where: { $0.number == ticket.number }) else { return }
            guard outcome.saysHowItWent else {
                book.ends.remove(at: place)
                return
            }
            book.ends[place].ended = Int64(clamping: moment.steady)
            book.ends[place].isError = outcome.isError
        }
    }

    /// The act was never begun.
    func forget(_ ticket: Ticket) {
        remove(ticket)
        book.withLock { book in book.ends.removeAll { $0.number == ticket.number } }
    }

    /// How the latest acts ended.
    func ends(at moment: Moment) -> [PastEnd] { book.withLock { $0.ends.map { Self.seen($0, moment) } } }

    private func remove(_ ticket: Ticket) {
        book.withLock { book in
            book.byTarget[ticket.key]?.removeAll { $0.number == ticket.number }
            if book.byTarget[ticket.key]?.isEmpty == true { book.byTarget[ticket.key] = nil }
        }
    }

    private static func sweep(_ book: inout Book, _ memory: UInt64, _ moment: Moment) {
        book.addedSinceSweep += 1
        guard book.addedSinceSweep > sweepAfter else { return }
        book.addedSinceSweep = 0
        let oldest = Int64(clamping: moment.steady) - Int64(clamping: memory)
        book.byTarget = book.byTarget.mapValues { $0.filter { $0.steady >= oldest } }.filter { !$0.value.isEmpty }
        book.known = Set(book.byTarget.values.joined().map(\.act.id))
        book.ends.removeAll { $0.ended.map { $0 < oldest } ?? false }
    }

    private static func key(_ target: TargetObject) -> String { "\(target.kind)/\(target.namespace?.text ?? "")/\(target.name)" }

    private static func steady(_ time: Timestamp, _ moment: Moment) -> Int64 {
        Int64(clamping: moment.steady) - Int64(clamping: moment.time.nanoseconds(since: time))
    }

    private static func time(_ steady: Int64, _ moment: Moment) -> Timestamp {
        let age = UInt64(max(0, Int64(clamping: moment.steady) - steady))
        return Timestamp(nanoseconds: moment.time.nanoseconds - min(age, moment.time.nanoseconds))
    }

    private static func seen(_ kept: Kept, _ moment: Moment) -> PastAct {
        var act = kept.act
        act.time = time(kept.steady, moment)
        return act
    }

    private static func seen(_ end: End, _ moment: Moment) -> PastEnd {
        PastEnd(began: time(end.began, moment), ended: end.ended.map { time($0, moment) }, isError: end.isError)
    }
}
