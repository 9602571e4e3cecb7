// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
public import EventModel
internal import Foundation
public import Transport

/// Notices to a program, as JSON by POST, with an idempotency key and, where a secret is set, a signature.
public struct WebhookNotifier: Notifier {
    /// The name of its destination in the outbox.
    public let name = "webhook"
    private let address: NoticeAddress
    private let secretFile: String?
    private let tokenFile: String?
    private let client: HTTPClient
    private let limits: HTTPLimits

    /// Posts to that address. The body is signed with the secret in one file, and the token in the other is sent along; nil for neither.
    /// Nil limits are 5 s to connect and 10 s in all.
    public init(
        _ address: NoticeAddress, secretFile: String? = nil, tokenFile: String? = nil, client: HTTPClient, limits: HTTPLimits? = nil
    ) {
        self.limits = limits ?? NoticeLimits.standard
        self.address = address
        self.secretFile = secretFile
        self.tokenFile = tokenFile
        self.client = client
    }

    /// Posts one notice with the headers `Idempotency-Key`, `X-Saker-Signature: sha256=<HMAC-SHA256 of the body in hexadecimal>` and
    /// `Authorization: Bearer <token>`.
    public func send(_ notice: Notice, key: String) async -> DeliveryAnswer {
        guard let body = Self.body(notice, key) else { return .refused(why: "the notice has no JSON form") }
        var headers = [HTTPHeader("Idempotency-Key", key)]
        do throws(DeliveryError) {
            if let secretFile {
                let signature = Self.signature(of: body, secret: Array(try SecretText.read(secretFile).utf8))
                headers.append(HTTPHeader("X-Saker-Signature", "sha256=" + signature))
            }
            if let tokenFile { headers.append(HTTPHeader("Authorization", "Bearer " + (try SecretText.read(tokenFile)))) }
        } catch {
            return .later(why: error.message, after: nil)
        }
        return await NoticeRequest(address: address, body: body, limits: limits, headers: headers).send(by: client)
    }

    private static func body(_ notice: Notice, _ key: String) -> [UInt8]? {
        struct Body: Encodable {
            var version = 1
            var key: String
            var text: [String]
            var undo: String?
            var notice: Notice
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try? Array(encoder.encode(Body(key: key, text: NoticeText(notice).lines, undo: notice.undoCommand, notice: notice)))
    }

    /// HMAC-SHA256 (RFC 2104) in hexadecimal.
    package static func signature(of body: [UInt8], secret: [UInt8]) -> String {
        var hash = [UInt8](repeating: 0, count: 32)
        var length = 0
        let made = EVP_Q_mac(nil, "HMAC", nil, "SHA256", nil, secret, secret.count, body, body.count, &hash, hash.count, &length)
        precondition(made != nil && length == hash.count, "OpenSSL has no HMAC-SHA256: its installation is broken")
        return hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
