// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Hashing
internal import Transport

/// One bucket of S3, or of a server that speaks S3's protocol. No object in it is ever overwritten.
public struct S3Bucket: Sendable {
    /// Its name.
    public let name: String
    let service: AWSService
    let address: S3Address

    /// What became of an object that was handed over.
    public enum Placement: Sendable, Hashable {
        /// It is kept there now.
        case stored
        /// The same bytes were kept there before.
        case alreadyThere
    }

    /// An object as a list tells of it.
    public struct Entry: Sendable, Hashable {
        /// Its key.
        public let key: String
        /// Its size in bytes.
        public let size: Int
    }

    /// What a HEAD tells of an object.
    public struct Head: Sendable, Hashable {
        /// Its size in bytes.
        public let size: Int
        /// Its SHA-256 in base64, where the server keeps it.
        public let sha256: String?
    }

    /// `s3://bucket/key`
    public func url(of key: String) -> String { "s3://\(name)/\(key)" }

    /// Keeps an object under a key that is free; the server checks the bytes by their SHA-256.
    ///
    /// When the same bytes are there already, as after a try whose answer was lost, that is a success. Throws `alreadyExists` when
    /// other bytes are.
    public func put(_ key: String, _ bytes: [UInt8], type: String) async throws(AWSError) -> Placement {
        let checksum = Data(SHA256.hash(bytes)).base64EncodedString()
        let headers = [
            HTTPHeader("Content-Type", type), HTTPHeader("If-None-Match", "*"), HTTPHeader("x-amz-checksum-sha256", checksum),
            HTTPHeader("x-amz-sdk-checksum-algorithm", "SHA256"),
        ]
        do throws(AWSError) {
            let request = AWSRequest(.put, address.origin, address.path(of: key), headers: headers, body: bytes)
            _ = try await service.send(request, AWSCall("s3:PutObject", url(of: key)))
            return .stored
        } catch {
            guard error.code == .alreadyExists, try await holds(key, bytes, checksum) else { throw error }
            return .alreadyThere
        }
    }

    /// The object's bytes. Throws `notFound` when there is none, and `decode` beyond 16 MiB.
    public func get(_ key: String) async throws(AWSError) -> [UInt8] {
        let request = AWSRequest(.get, address.origin, address.path(of: key))
        return try await service.send(request, AWSCall("s3:GetObject", url(of: key))).body
    }

    /// What is known of the object; nil when there is none.
    public func head(_ key: String) async throws(AWSError) -> Head? {
        let request = AWSRequest(
            .head, address.origin, address.path(of: key), headers: [HTTPHeader("x-amz-checksum-mode", "ENABLED")])
        do throws(AWSError) {
            let head = try await service.send(request, AWSCall("s3:GetObject", url(of: key))).head
            let size = head.header("Content-Length").flatMap { Int($0) } ?? 0
            return Head(size: size, sha256: head.header("x-amz-checksum-sha256"))
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// Returns when the bucket is there and answers this caller. Throws `noSuchBucket`, `wrongRegion`, `accessDenied` and the like.
    public func check() async throws(AWSError) {
        let request = AWSRequest(.head, address.origin, address.base.isEmpty ? "/" : address.base)
        do throws(AWSError) {
            _ = try await service.send(request, AWSCall("s3:ListBucket", "s3://\(name)"))
        } catch {
            guard error.code == .notFound else { throw error }
            let sentence = "s3:ListBucket on s3://\(name): HTTP 404. There is no such bucket: make it, or correct its name."
            throw AWSError(.noSuchBucket, sentence, status: 404)
        }
    }

    /// The objects whose keys begin so, in the order of their keys, at most so many.
    public func list(prefix: String, limit: Int = 100_000) async throws(AWSError) -> [Entry] {
        var entries: [Entry] = []
        var token: String?
        let call = AWSCall("s3:ListBucket", "s3://\(name)/\(prefix)")
        repeat {
            var query = [(name: "list-type", value: "2"), (name: "prefix", value: prefix)]
            if let token { query.append((name: "continuation-token", value: token)) }
            let request = AWSRequest(.get, address.origin, address.base.isEmpty ? "/" : address.base, query: query)
            let page = try await S3Page(service.send(request, call).body, call)
            entries += page.entries
            token = page.next
        } while token != nil && entries.count < limit
        return Array(entries.prefix(limit))
    }

    /// Whether those bytes are what is there: by the checksum where the server keeps it, else by reading them.
    private func holds(_ key: String, _ bytes: [UInt8], _ checksum: String) async throws(AWSError) -> Bool {
        guard let there = try await head(key), there.size == bytes.count else { return false }
        if let sha256 = there.sha256 { return sha256 == checksum }
        return try await get(key) == bytes
    }
}

/// One page of a list.
struct S3Page {
    var entries: [S3Bucket.Entry] = []
    /// What the next page is asked with; nil at the end.
    var next: String?

    init(_ body: [UInt8], _ call: AWSCall) throws(AWSError) {
        guard let xml = XMLFields(body), xml.leaves.allSatisfy({ $0.path.hasPrefix("ListBucketResult") }) else {
            throw AWSError(.decode, "\(call): the answer is no list of objects. Is the address an S3 server's?")
        }
        var key: String?
        for leaf in xml.leaves {
            switch leaf.path {
            case "ListBucketResult/Contents/Key": key = leaf.text
            case "ListBucketResult/Contents/Size":
                if let key { entries.append(S3Bucket.Entry(key: key, size: Int(leaf.text) ?? 0)) }
            case _: continue
            }
        }
        if xml["ListBucketResult/IsTruncated"] == "true" { next = xml["ListBucketResult/NextContinuationToken"] }
    }
}
