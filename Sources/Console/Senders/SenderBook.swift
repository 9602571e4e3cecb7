// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Synchronization

/// Recognises senders by what they show. Token files are read again every few seconds, so that a rotation needs no restart.
public final class SenderBook: Sendable {
    private struct State {
        var entries: [SenderEntry] = []
        var tokens: [String: [SecretToken]] = [:]
        var tokensRead: Timestamp?
        var reviews: [SecretToken: KeptReview] = [:]
        var reviewsUnderWay = 0
    }

    // A token that the API server revokes is honoured at most this long; five times as long while strangers take up all reviews, so that
    // they do not shut out those who are known.
    private static let reviewSeconds: UInt64 = 60
    private static let tokenSeconds: UInt64 = 5
    private static let mostReviews = 1_024
    // Strangers with made-up tokens must not turn into load on the API server.
    private static let reviewsAtOnce = 8

    private let state: Mutex<State>
    private let now: @Sendable () -> Timestamp
    private let readTokens: @Sendable (String) -> Result<[SecretToken], TokenProblem>
    private let review: TokenReviewer?
    private let log: @Sendable (String) -> Void

    /// Knows these senders. Without a reviewer, no service account is recognised.
    public convenience init(
        _ entries: [SenderEntry], now: @escaping @Sendable () -> Timestamp, review: TokenReviewer?,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.init(entries, now: now, review: review, log: log, readTokens: SecretToken.read)
    }

    init(
        _ entries: [SenderEntry], now: @escaping @Sendable () -> Timestamp, review: TokenReviewer?,
        log: @escaping @Sendable (String) -> Void, readTokens: @escaping @Sendable (String) -> Result<[SecretToken], TokenProblem>
    ) {
        state = Mutex(State())
        self.now = now
        self.review = review
        self.log = log
        self.readTokens = readTokens
        replace(entries)
    }

    /// Knows other senders from here on.
    public func replace(_ entries: [SenderEntry]) {
        var fresh = State(entries: entries, tokensRead: now())
        for path in Set(entries.compactMap(\.anyTokenFile)) {
            switch readTokens(path) {
            case .success(let tokens): fresh.tokens[path] = tokens
            case .failure(let problem): log("\(problem.message); nobody who shows a token of it is recognised")
            }
        }
        state.withLock { state in
            fresh.reviewsUnderWay = state.reviewsUnderWay
            state = fresh
        }
    }

    /// Says who shows these credentials.
    func recognise(_ credentials: Credentials) async -> Recognition {
        refreshTokens()
        switch credentials.shown {
        case .basic(let user, let token): return byToken(token, user: user) ?? .stranger(why: "a wrong user or token (Basic)")
        case .bearer(let token):
            if let known = byToken(token, user: nil) { return known }
            return await byReview(token) ?? .stranger(why: "a wrong token (Bearer)")
        case .other: return .stranger(why: "an Authorization header that is neither Bearer nor Basic")
        case .nothing:
            guard let name = credentials.certificateName else { return .stranger(why: "no proof of who it is") }
            return byCertificate(name)
        }
    }

    private func byToken(_ token: String, user: String?) -> Recognition? {
        let shown = SecretToken(token.utf8)
        return state.withLock { state in
            var found: SenderEntry?
            // All are compared, so that the time taken says nothing about which one fits.
            for entry in state.entries {
                guard let path = entry.tokenFile(for: user) else { continue }
                for known in state.tokens[path] ?? [] where known.matches(shown) { found = entry }
            }
            return found?.sender(on: nil).map { .known($0) }
        }
    }

    private func byCertificate(_ name: String) -> Recognition {
        let entry = state.withLock { state in
            state.entries.first { entry in
                guard case .certificate(let pattern) = entry.proof else { return false }
                return matches(name, pattern)
            }
        }
        guard let sender = entry?.sender(on: name) else { return .forbidden(why: "a certificate of '\(name)', whom no sender names") }
        return .known(sender)
    }

    /// Nil when the token cannot be one of a service account.
    private func byReview(_ token: String) async -> Recognition? {
        let accounts = state.withLock { $0.entries }.filter(\.isServiceAccount)
        guard let review, !accounts.isEmpty, token.split(separator: ".", omittingEmptySubsequences: false).count == 3 else { return nil }
        var last: Recognition?
        for audience in Set(accounts.map(\.audience)) {
            do throws(ReviewError) {
                let answer = try await reviewed(token, audience, review)
                guard answer.isAuthenticated else { continue }
                guard answer.isFor(audience) else {
                    let words = answer.audiences.isEmpty ? "no audience at all" : answer.audiences.joined(separator: ", ")
                    last = .stranger(why: "a token of '\(answer.username)' that was reviewed for \(words), and not for '\(audience ?? "")'")
                    continue
                }
                let fitting = accounts.filter { $0.audience == audience }
                guard let entry = fitting.first(where: { $0.username == answer.username }) else {
                    last = .forbidden(why: "a token of '\(answer.username)', whom no sender names")
                    continue
                }
                guard let sender = entry.sender(on: answer.node) else {
                    return .forbidden(why: "sender \(entry.name): its token names no node; mount a projected token, or say 'nodes'")
                }
                return .known(sender)
            } catch {
                return .undecided(why: "a token could not be reviewed: \(error.message)")
            }
        }
        return last
    }

    private func reviewed(_ token: String, _ audience: String?, _ review: TokenReviewer) async throws(ReviewError) -> TokenReview {
        let key = SecretToken((audience ?? "").utf8 + [0] + token.utf8), time = now()
        let (kept, mayAsk): (TokenReview?, Bool) = state.withLock { state in
            let kept = state.reviews[key]
            if let kept, kept.isWithin(Self.reviewSeconds, of: time) { return (kept.review, false) }
            guard state.reviewsUnderWay < Self.reviewsAtOnce else {
                return (kept.flatMap { $0.outlivesARush(at: time) ? $0.review : nil }, false)
            }
            state.reviewsUnderWay += 1
            return (nil, true)
        }
        if let kept { return kept }
        guard mayAsk else { throw ReviewError("\(Self.reviewsAtOnce) reviews are under way already") }
        defer { state.withLock { $0.reviewsUnderWay -= 1 } }
        let answer = try await review(token, audience)
        state.withLock { state in
            if state.reviews.count >= Self.mostReviews { state.reviews = state.reviews.filter { $0.value.outlivesARush(at: time) } }
            if state.reviews.count >= Self.mostReviews { state.reviews = [:] }
            state.reviews[key] = KeptReview(review: answer, at: time)
        }
        return answer
    }

    /// Reads token files again when they were read a while ago. One that cannot be read now keeps its former tokens.
    private func refreshTokens() {
        let time = now()
        let paths: Set<String>? = state.withLock { state in
            if let read = state.tokensRead, time.nanoseconds(since: read) < Self.tokenSeconds * 1_000_000_000 { return nil }
            state.tokensRead = time
            return Set(state.entries.compactMap(\.anyTokenFile))
        }
        for path in paths ?? [] {
            switch readTokens(path) {
            case .success(let tokens): state.withLock { $0.tokens[path] = tokens }
            case .failure(let problem): log("\(problem.message); the tokens read before stay in force")
            }
        }
    }
}

extension SenderEntry {
    fileprivate var anyTokenFile: String? {
        switch proof {
        case .bearer(let path), .basic(_, let path): path
        case .certificate, .serviceAccount: nil
        }
    }

    /// The file of the tokens that count for that user; for nil, for a bearer.
    fileprivate func tokenFile(for user: String?) -> String? {
        switch (proof, user) {
        case (.bearer(let path), nil): path
        case (.basic(let name, let path), let user?) where name == user: path
        case (.bearer, _), (.basic, _), (.certificate, _), (.serviceAccount, _): nil
        }
    }

    fileprivate var isServiceAccount: Bool { username != nil }

    fileprivate var username: String? {
        guard case .serviceAccount(let namespace, let name, _) = proof else { return nil }
        return "system:serviceaccount:\(namespace):\(name)"
    }

    fileprivate var audience: String? {
        guard case .serviceAccount(_, _, let audience) = proof else { return nil }
        return audience
    }
}

/// True when the name fits the pattern, in which one `*` stands for any text.
private func matches(_ name: String, _ pattern: String) -> Bool {
    let parts = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return name == pattern }
    return name.count >= parts[0].count + parts[1].count && name.hasPrefix(parts[0]) && name.hasSuffix(parts[1])
}

/// The API server's answer about a token, and when it came.
private struct KeptReview {
    var review: TokenReview
    var at: Timestamp

    func isWithin(_ seconds: UInt64, of time: Timestamp) -> Bool { time.nanoseconds(since: at) < seconds * 1_000_000_000 }

    /// True for a known sender's, while strangers use up what is left.
    func outlivesARush(at time: Timestamp) -> Bool { review.isAuthenticated && isWithin(300, of: time) }
}
