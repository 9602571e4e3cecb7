// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
internal import NIOCore
internal import NIOSSL

/// A Kubernetes API server within this process, over TLS on a random port of 127.0.0.1; its owner calls `stop` when done.
public final class KubeSim: Sendable {
    /// The port that it listens on.
    public let port: Int
    /// The certificate that clients must trust, and no other.
    public let certificateAuthorityPEM: String
    /// The administrator's bearer token.
    public let adminToken: String

    private let authority: Certificate
    private let users: [KubeSimOptions.User]
    let cluster: Cluster
    private let log: RequestLog
    private let faults: FaultBox
    private let logs: LogBook
    private let now: @Sendable () -> Int64
    private let connections: ConnectionBook
    private let rooms = ExecRooms()
    private let server: Task<Void, Never>

    /// The address to give to clients.
    public var url: String { "https://127.0.0.1:\(port)" }

    /// Starts a cluster that has the namespaces `default` and `kube-system`; returns when it answers.
    public static func start(_ options: KubeSimOptions = KubeSimOptions()) async throws(KubeSimError) -> KubeSim {
        let log = try RequestLog(path: options.requestLogPath, limit: options.requestLogLimit)
        do throws(KubeSimError) {
            let sim = try await KubeSim(options, log)
            for name in ["default", "kube-system"] {
                let manifest: JSON = ["kind": "Namespace", "metadata": ["name": .string(name)], "status": ["phase": "Active"]]
                _ = try await sim.apply(manifest.text)
            }
            if options.enforcesRoles {
                for manifest in SystemRoles.manifests { _ = try await sim.apply(manifest.text) }
            }
            if let directory = options.credentialsDirectory {
                try CredentialFiles(directory: directory).write(authorityPEM: sim.certificateAuthorityPEM, kubeconfig: try sim.kubeconfig())
            }
            return sim
        } catch {
            log.close()
            throw error
        }
    }

    private init(_ options: KubeSimOptions, _ log: RequestLog) async throws(KubeSimError) {
        let surroundings = Surroundings(now: options.now, randomBytes: options.randomBytes)
        authority = try Certificate.authority()
        certificateAuthorityPEM = authority.certificatePEM
        adminToken = hexadecimal(options.randomBytes(24))
        users = options.users
        self.log = log
        faults = FaultBox()
        logs = LogBook(source: options.podLogs)
        now = options.now
        connections = ConnectionBook()
        cluster = Cluster(
            historyLimit: options.historyLimit, surroundings: surroundings, runtime: options.runtime, enforcer: options.enforcer)
        let known = users + [.init(name: "admin", token: adminToken, groups: [Identity.masters])]
        let access = Access(
            users: Dictionary(known.map { ($0.token, Identity(name: $0.name, groups: $0.groups)) }) { _, last in last },
            denials: options.denials, enforcesRoles: options.enforcesRoles, knowsAudiences: options.knowsAudiences, tokens: TokenBook(),
            cluster: cluster, now: { options.now() / 1_000_000_000 })
        let responder = Responder(
            api: API(cluster: cluster, access: access, surroundings: surroundings, logs: logs), log: log, faults: faults,
            connections: connections, bookmarkInterval: options.bookmarkInterval)
        (server, port) = try await KubeSim.serve(responder, rooms, try authority.server(), trusting: authority)
    }

    /// Ends all watches and connections and gives the port back; pods that are still ending stay where they are.
    public func stop() async {
        await cluster.stop()
        connections.closeAll()
        server.cancel()
        await server.value
        rooms.removeAll()
        log.close()
    }

    /// The text of a kubeconfig with the authority and the user's proof embedded; throws for a user without a token.
    public func kubeconfig(_ user: KubeconfigUser = .administrator) throws(KubeSimError) -> String {
        let (name, proof): (String, Kubeconfig.Proof)
        switch user {
        case .administrator:
            (name, proof) = ("admin", .token(adminToken))
        case .token(let user):
            guard let known = users.first(where: { $0.name == user }) else {
                throw KubeSimError(.certificate, "the user \(user) has no token: add it to the options' users or ask for a certificate")
            }
            (name, proof) = (user, .token(known.token))
        case .certificate(let user, let groups):
            (name, proof) = (user, .certificate(try authority.client(user: user, groups: groups)))
        case .bearer(let token):
            (name, proof) = ("bearer", .token(token))
        }
        return Kubeconfig(url: url, authorityPEM: certificateAuthorityPEM, user: name, proof: proof).text
    }

    /// The requests answered so far, oldest first.
    public var requests: [RequestRecord] { log.records }

    /// How many watches are open now.
    public var openWatches: Int { get async { await cluster.openWatches } }

    /// How many deleted pods their runtime is still ending.
    public var pendingTerminations: Int { get async { await cluster.pendingTerminations } }

    /// Says what a container of a pod has printed, in place of the options' source; each line has the present time.
    public func setLog(_ text: String, namespace: String, pod: String, container: String, previous: Bool = false) {
        let time = now()
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { PodLogLine(time: time, text: String($0)) }
        if lines.last?.text == "" { lines.removeLast() }
        setLog(lines, namespace: namespace, pod: pod, container: container, previous: previous)
    }

    /// The same with a time for each line, oldest first.
    public func setLog(_ lines: [PodLogLine], namespace: String, pod: String, container: String, previous: Bool = false) {
        logs.set(lines, namespace: namespace, pod: pod, container: container, isPrevious: previous)
    }

    /// Orders trouble for the next requests that match.
    public func inject(_ fault: Fault) { faults.inject(fault) }

    /// Takes back all trouble that was not met yet.
    public func clearFaults() { faults.clear() }
}

// The cluster's own machinery: what a scheduler, a kubelet or a controller would write, outside of users' rights and the request log.
extension KubeSim {
    /// Stores a JSON manifest, its status too, whether or not the object was there; returns the object as stored.
    @discardableResult
    public func apply(_ manifest: String) async throws(KubeSimError) -> String {
        guard let object = try? JSON(parsing: Data(manifest.utf8)), let resource = Resource(kind: object["kind"]?.string ?? "") else {
            throw KubeSimError(.manifest, "the manifest is no JSON object of a kind that the simulator knows")
        }
        let namespace = resource.isNamespaced ? object["metadata", "namespace"]?.string ?? "default" : nil
        do throws(APIStatus) {
            return try await cluster.apply(object, ObjectTarget(resource: resource, namespace: namespace)).text
        } catch {
            throw KubeSimError(.manifest, error.message)
        }
    }

    /// An object as JSON; nil when there is none. `resource` is the plural name: `pods`.
    public func object(_ resource: String, namespace: String? = nil, name: String) async -> String? {
        guard let resource = Resource(rawValue: resource) else { return nil }
        return try? await cluster.get(ObjectTarget(resource: resource, namespace: namespace), name).text
    }

    /// Removes an object at once and without its runtime; false when there was none.
    @discardableResult
    public func remove(_ resource: String, namespace: String? = nil, name: String) async -> Bool {
        guard let resource = Resource(rawValue: resource) else { return false }
        return await cluster.remove(ObjectTarget(resource: resource, namespace: namespace), name)
    }
}

// The server.
extension KubeSim {
    private static func serve(
        _ responder: Responder, _ rooms: ExecRooms, _ certificate: Certificate, trusting authority: Certificate
    ) async throws(KubeSimError) -> (Task<Void, Never>, Int) {
        let settings = try tlsSettings(certificate, trusting: authority)
        let (starts, start) = AsyncStream<Result<Int, any Error>>.makeStream()
        let task = Task {
            do {
                let door = ExecDoor(responder: responder, rooms: rooms)
                let http = HTTPServerBuilder { SimChannel(responder: $0, door: door, connections: responder.connections) }
                let application = Application(
                    responder: responder, server: try .tls(http, tlsConfiguration: settings),
                    configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0), serverName: "kubesim"),
                    onServerRunning: { channel in start.yield(.success(channel.localAddress?.port ?? 0)) },
                    logger: Logger(label: "kubesim", factory: { _ in SwiftLogNoOpLogHandler() }))
                try await application.run()
            } catch {
                start.yield(.failure(error))
            }
            start.finish()
        }
        for await result in starts {
            switch result {
            case .success(let port): return (task, port)
            case .failure(let error): throw KubeSimError(.listen, "the simulator cannot listen on 127.0.0.1: \(error)")
            }
        }
        throw KubeSimError(.listen, "the simulator's server ended before it listened")
    }

    private static func tlsSettings(
        _ certificate: Certificate, trusting authority: Certificate
    ) throws(KubeSimError) -> TLSConfiguration {
        do {
            let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.certificatePEM.utf8))
            let key = try NIOSSLPrivateKey(bytes: Array(certificate.keyPEM.utf8), format: .pem)
            var settings = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            settings.certificateVerification = .optionalVerification
            settings.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authority.certificatePEM.utf8)))
            return settings
        } catch {
            throw KubeSimError(.certificate, "the TLS library refused the fresh certificates: \(error)")
        }
    }
}
