// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Credentials, kept until shortly before they end and fetched once for all who wait.
actor CredentialCache {
    /// Temporary keys are replaced at least five minutes before they end, so that no request is under way with a dead one.
    static let margin: UInt64 = 300 * 1_000_000_000
    /// Keys without an end are looked up again after this time, so that a rotated one in a file is seen.
    static let lifetime: UInt64 = 300 * 1_000_000_000

    private let now: @Sendable () -> Timestamp
    private let fetch: @Sendable () async -> Result<AWSCredentials, AWSError>
    private var kept: (credentials: AWSCredentials, at: Timestamp)?
    private var pending: Task<Result<AWSCredentials, AWSError>, Never>?

    init(now: @escaping @Sendable () -> Timestamp, fetch: @escaping @Sendable () async -> Result<AWSCredentials, AWSError>) {
        self.now = now
        self.fetch = fetch
    }

    /// Credentials that are good for some minutes at least; those that are about to end where no newer ones can be had.
    func current() async throws(AWSError) -> AWSCredentials {
        if let kept, Self.isFresh(kept.credentials, keptSince: kept.at, at: now()) { return kept.credentials }
        switch await refreshed() {
        case .success(let credentials): return credentials
        case .failure(let error):
            guard let old = kept?.credentials, let end = old.expiration, now() < end else { throw error }
            return old
        }
    }

    /// Fetches again at the next call: the service says that the credentials are over.
    func forget() { kept = nil }

    private func refreshed() async -> Result<AWSCredentials, AWSError> {
        if let pending { return await pending.value }
        let task = Task { [fetch] in await fetch() }
        pending = task
        let result = await task.value
        pending = nil
        if case .success(let credentials) = result { kept = (credentials, now()) }
        return result
    }

    static func isFresh(_ credentials: AWSCredentials, keptSince start: Timestamp, at now: Timestamp) -> Bool {
        guard let end = credentials.expiration else { return now.nanoseconds(since: start) < lifetime }
        return end.nanoseconds(since: now) > margin
    }
}
