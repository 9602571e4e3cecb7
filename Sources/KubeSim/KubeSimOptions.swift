// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL
internal import Foundation

/// How a simulator is set up; every value has a use without being given.
public struct KubeSimOptions: Sendable {
    /// A user who proves themselves with a bearer token.
    public struct User: Sendable, Hashable {
        /// The user's name in denials, messages and the request log.
        public var name: String
        /// The bearer token.
        public var token: String
        /// The groups beside `system:authenticated`; `system:masters` may do everything.
        public var groups: [String]

        /// A user and the token that stands for them.
        public init(name: String, token: String, groups: [String] = []) {
            self.name = name
            self.token = token
            self.groups = groups
        }
    }

    /// What one user may not do; everything that no denial names is allowed. `*` stands for any value.
    public struct Denial: Sendable, Hashable {
        /// The user's name.
        public var user: String
        /// get, list, watch, create, update, patch or delete.
        public var verb: String
        /// The plural name of the kind, with its part where one is meant: `pods`, `pods/status`.
        public var resource: String
        /// The namespace; nil for all of them.
        public var namespace: String?

        /// A denial of one verb on one resource.
        public init(user: String, verb: String, resource: String, namespace: String? = nil) {
            self.user = user
            self.verb = verb
            self.resource = resource
            self.namespace = namespace
        }
    }

    /// The users with tokens; an administrator with a random token is always there beside them.
    public var users: [User] = []
    /// Whether rights are judged by the stored roles and bindings; otherwise everything is allowed that no denial names.
    public var enforcesRoles = false
    /// Whether a TokenReview looks at audiences; otherwise it answers as an authenticator does that knows none.
    public var knowsAudiences = true
    /// What users may not do, whatever their roles say.
    public var denials: [Denial] = []
    /// The file that the request log is appended to; nil keeps it in memory only.
    public var requestLogPath: String?
    /// A directory for `ca.crt` and `admin.kubeconfig` (made with mode 0700 if missing, files 0600); nil writes no file.
    public var credentialsDirectory: String?
    /// How many changes are kept for watches that start late; a watch from before them is answered with 410.
    public var historyLimit = 1000
    /// How many requests the log keeps in memory, the oldest going first; the file keeps all.
    public var requestLogLimit = 100_000
    /// How often a watch that allows bookmarks gets one.
    public var bookmarkInterval: Duration = .seconds(60)
    /// Ends the processes of deleted pods; without one a deleted pod is gone at once.
    public var runtime: (any PodRuntime)?
    /// What a container has printed so far, oldest line first; nil where there is no such output. Without a source logs are empty.
    public var podLogs: (@Sendable (PodLogRequest) async -> [PodLogLine]?)?
    /// Carries out network policy verdicts; without one policies are only stored.
    public var enforcer: (any NetworkEnforcer)?
    /// The wall clock: nanoseconds since 1970.
    public var now: @Sendable () -> Int64 = KubeSimOptions.systemTime
    /// The source of uids and tokens: so many random bytes.
    public var randomBytes: @Sendable (Int) -> [UInt8] = KubeSimOptions.systemRandomBytes

    /// A simulator with an administrator, no denials and nothing written to disk.
    public init() {}

    private static let systemTime: @Sendable () -> Int64 = {
        // From 2001, whose smaller numbers leave a Double a tenth of a microsecond.
        let time = Date().timeIntervalSinceReferenceDate
        return Int64(time * 1_000_000_000) + Int64(Date.timeIntervalBetween1970AndReferenceDate) * 1_000_000_000
    }

    private static let systemRandomBytes: @Sendable (Int) -> [UInt8] = { count in
        var bytes = [UInt8](repeating: 0, count: count)
        let drawn = RAND_bytes(&bytes, Int32(count))
        precondition(drawn == 1, "OpenSSL has no randomness")
        return bytes
    }
}
