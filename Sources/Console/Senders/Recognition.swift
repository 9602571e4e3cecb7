// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What a request shows to prove who sent it.
struct Credentials: Sendable, Hashable {
    enum Shown: Sendable, Hashable {
        case nothing
        case bearer(String)
        case basic(user: String, token: String)
        /// An `Authorization` header that says something else.
        case other
    }

    var shown: Shown
    /// The common name of the client's certificate, which the TLS library has verified.
    var certificateName: String?
}

/// Who a request comes from.
enum Recognition: Sendable, Hashable {
    /// One of the file's senders.
    case known(Sender)
    /// Somebody who proves nothing: 401.
    case stranger(why: String)
    /// Somebody who proves who they are, and may not send: 403.
    case forbidden(why: String)
    /// Nobody could tell: 503.
    case undecided(why: String)
}

/// What the API server says of a token (TokenReview).
public struct TokenReview: Sendable, Hashable {
    /// Whether the token is good now.
    public var isAuthenticated: Bool
    /// Its user, such as `system:serviceaccount:saker:saker-detect`.
    public var username: String
    /// The node of the pod that the token is bound to; nil when it is bound to none.
    public var node: String?
    /// The audiences that were asked about and that the token is for; empty when whoever reviewed it looks at no audience.
    public var audiences: [String]

    /// States a review.
    public init(isAuthenticated: Bool, username: String, node: String?, audiences: [String] = []) {
        self.isAuthenticated = isAuthenticated
        self.username = username
        self.node = node
        self.audiences = audiences
    }

    /// Reads the API server's `TokenReview` object.
    public init(json: JSONValue) {
        let status = json["status"], user = status?["user"]
        isAuthenticated = status?["authenticated"]?.bool ?? false
        username = user?["username"]?.string ?? ""
        node = user?["extra"]?["authentication.kubernetes.io/node-name"]?.array?.first?.string
        audiences = status?["audiences"]?.array?.compactMap(\.string) ?? []
    }

    /// Whether it says that the token is for that audience. The API's documents ask for this look at the answer: an authenticator that
    /// knows no audiences calls a token good that is for the API server and was handed to somebody else.
    func isFor(_ audience: String?) -> Bool { audience.map(audiences.contains) ?? true }

    /// The object to send for a review.
    public static func request(token: String, audience: String?) -> JSONValue {
        var spec: [String: JSONValue] = ["token": .string(token)]
        spec["audiences"] = audience.map { .array([.string($0)]) }
        return ["apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": .object(spec)]
    }
}

/// Why a token could not be reviewed.
public struct ReviewError: Error, Sendable, Hashable {
    /// What happened and what to do.
    public let message: String

    /// States a failure.
    public init(_ message: String) { self.message = message }
}

/// Asks the API server about a token, for that audience where one is given.
public typealias TokenReviewer = @Sendable (_ token: String, _ audience: String?) async throws(ReviewError) -> TokenReview
