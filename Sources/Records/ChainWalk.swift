// SPDX-License-Identifier: Apache-2.0

/// Walks the chain entry by entry and remembers where it breaks; pure, so that every kind of tampering is a few lines of test.
struct ChainWalk {
    private(set) var findings: [Verification.Finding] = []
    private(set) var count: Int64 = 0
    private(set) var head = ChainHead(seq: 0, bytes: Entry.beforeFirst)
    private var lastSeq: Int64 = 0
    private var lastHash = Entry.beforeFirst
    private var waiting: [Int64: [(source: String, hash: String)]] = [:]
    private var anchorsChecked = 0
    private let anchors: [Anchor]

    init(anchors: [Anchor]) {
        self.anchors = anchors
        for anchor in anchors {
            guard let head = anchor.head else { continue }
            anchorsChecked += 1
            waiting[head.seq, default: []].append((anchor.source, head.hash))
        }
    }

    mutating func step(_ entry: Entry) {
        checkNumber(entry)
        if entry.computedHash != entry.hash {
            add(.edited, entry.seq, "entry \(entry.seq) was edited: its content does not give the hash that stands beside it")
        }
        count += 1
        lastSeq = entry.seq
        lastHash = entry.hash
        head = entry.head
        for anchor in waiting.removeValue(forKey: entry.seq) ?? [] where anchor.hash != head.hash {
            add(
                .recomputed, entry.seq,
                "\(anchor.source) knows another hash for entry \(entry.seq): the chain was written anew from there or from before it")
        }
    }

    /// Ends the walk; what anchors still wait for was cut off.
    mutating func finish() -> Verification {
        for (seq, missing) in waiting.sorted(by: { $0.key < $1.key }) {
            for anchor in missing {
                let meaning = seq > lastSeq ? "the journal ends at \(lastSeq): its tail was cut off" : "the journal has none of that number"
                add(.truncated, seq, "\(anchor.source) knows entry \(seq) and \(meaning)")
            }
        }
        for anchor in anchors where anchor.head == nil {
            add(.unreadableAnchor, nil, "\(anchor.source) holds no readable chain head, so it vouches for nothing; restore it")
        }
        return Verification(count: count, head: head, anchorsChecked: anchorsChecked, findings: findings)
    }

    mutating func add(_ kind: Verification.Finding.Kind, _ seq: Int64?, _ sentence: String) {
        findings.append(Verification.Finding(kind: kind, seq: seq, sentence: sentence))
    }

    // After a gap the link cannot hold, so only the gap is told.
    private mutating func checkNumber(_ entry: Entry) {
        if entry.seq > lastSeq + 1 {
            let missing = entry.seq == lastSeq + 2 ? "entry \(lastSeq + 1) is" : "entries \(lastSeq + 1) to \(entry.seq - 1) are"
            add(.removed, lastSeq + 1, "\(missing) missing: history was removed")
        } else if entry.previous != lastHash {
            add(.brokenLink, entry.seq, "entry \(entry.seq) does not follow from the one before it: one of the two was written anew")
        }
    }
}
