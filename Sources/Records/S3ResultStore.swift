// SPDX-License-Identifier: Apache-2.0

public import AWSClient

/// Keeps results as objects of a bucket, by `ResultRecord.key` below a prefix. Nothing there is ever overwritten.
public struct S3ResultStore: ResultStore, ObjectStore {
    private let bucket: S3Bucket
    private let prefix: String

    /// Keeps results in that bucket; slashes at the prefix's ends do not count, and an empty prefix means the bucket itself.
    public init(_ bucket: S3Bucket, prefix: String) {
        self.bucket = bucket
        self.prefix = prefix.split(separator: "/", omittingEmptySubsequences: true).joined(separator: "/")
    }

    /// Puts the result there as JSON.
    public func put(_ record: ResultRecord) async throws(JournalError) -> ResultPlacement {
        try await keep(Array(record.text(for: place(of: record.key)).utf8), under: record.key, type: "application/json")
    }

    public func place(of key: String) -> String { bucket.url(of: path(of: key)) }

    public func keep(_ bytes: [UInt8], under key: String, type: String) async throws(JournalError) -> ResultPlacement {
        do throws(AWSError) {
            switch try await bucket.put(path(of: key), bytes, type: type) {
            case .stored: return .stored(at: place(of: key))
            case .alreadyThere: return .alreadyThere(at: place(of: key))
            }
        } catch {
            throw JournalError(error)
        }
    }

    public func rehearse(under key: String) async throws(JournalError) -> ResultPlacement {
        do throws(AWSError) {
            try await bucket.check()
            return .rehearsed(would: place(of: key))
        } catch {
            throw JournalError(error)
        }
    }

    /// The chain heads of all results below the prefix, by key.
    public func anchors() async throws(JournalError) -> [Anchor] {
        do throws(AWSError) {
            let below = prefix.isEmpty ? "" : prefix + "/"
            var anchors: [Anchor] = []
            for entry in try await bucket.list(prefix: below, limit: .max) where entry.key.hasSuffix(".json") {
                let head = Anchor.head(in: try await bucket.get(entry.key))
                anchors.append(Anchor(source: String(entry.key.dropFirst(below.count)), head: head))
            }
            return anchors
        } catch {
            throw JournalError(error)
        }
    }

    private func path(of key: String) -> String { prefix.isEmpty ? key : prefix + "/" + key }
}

extension JournalError {
    /// Puts a store's refusal into the terms of what keeps records.
    init(_ error: AWSError) {
        let code: Code =
            switch error.code {
            case .alreadyExists: .conflict
            case .accessDenied, .badCredentials, .expiredCredentials, .noCredentials: .readOnly
            case .config, .clockSkew, .wrongRegion, .noSuchBucket, .notFound, .conflict, .throttled, .invalid, .functionFailed,
                .serverError, .timeout, .transport, .decode, .cancelled:
                .io
            }
        self.init(code, error.message)
    }
}
