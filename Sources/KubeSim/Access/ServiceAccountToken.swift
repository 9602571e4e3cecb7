// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Synchronization

/// A token that the server gave to a service account.
struct ServiceAccountToken: Hashable, Sendable {
    /// Another object whose end ends the token.
    struct Bound: Hashable, Sendable {
        var resource: Resource
        var name: String
        var uid: String
    }

    static let ownAudience = "https://kubernetes.default.svc"

    var id: String
    var namespace: String
    var account: String
    var accountUID: String
    var audiences: [String]
    /// Seconds since 1970.
    var issued: Int64
    var expires: Int64
    var bound: Bound?

    var pod: Bound? { bound?.resource == .pods ? bound : nil }

    /// The token's text: the parts of a JWT, of which the last is random, since the server that looks it up is the one that gave it.
    func text(node: Bound?, signature: [UInt8]) -> String {
        let header: JSON = ["alg": "RS256", "kid": "kubesim"]
        var account: JSON = ["namespace": .string(namespace), "serviceaccount": ["name": .string(self.account), "uid": .string(accountUID)]]
        for other in [bound, node].compactMap({ $0 }) {
            account[other.resource.singular] = ["name": .string(other.name), "uid": .string(other.uid)]
        }
        let claims: JSON = [
            "iss": .string(ServiceAccountToken.ownAudience), "sub": .string("system:serviceaccount:\(namespace):\(self.account)"),
            "aud": .array(audiences.map { .string($0) }), "iat": .integer(issued), "nbf": .integer(issued), "exp": .integer(expires),
            "jti": .string(id), "kubernetes.io": account,
        ]
        return [Array(header.text.utf8), Array(claims.text.utf8), signature].map(ServiceAccountToken.base64URL).joined(separator: ".")
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

/// The tokens that were given out, by their text; those that have expired are forgotten when the next one is given.
final class TokenBook: Sendable {
    private let tokens = Mutex<[String: ServiceAccountToken]>([:])

    func add(_ token: ServiceAccountToken, text: String, now: Int64) {
        tokens.withLock { tokens in
            tokens = tokens.filter { $0.value.expires > now }
            tokens[text] = token
        }
    }

    func find(_ text: String) -> ServiceAccountToken? { tokens.withLock { $0[text] } }
}
