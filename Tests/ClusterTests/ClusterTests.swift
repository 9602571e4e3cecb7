// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeClient
import KubeSim
import Testing

@Suite("The contract with the API server, over KubeSim") struct SimulatedClusterTests {
    /// What the simulator's README lists as missing.
    private static let missing: Set<Clause> = [.apply, .eviction]

    @Test("An API server keeps the contract", arguments: Clause.allCases.filter { !missing.contains($0) })
    func holds(_ clause: Clause) async throws {
        var options = KubeSimOptions()
        options.users = [.init(name: "nobody", token: "token-of-nobody")]
        options.denials = [.init(user: "nobody", verb: "*", resource: "*")]
        let sim = try await KubeSim.start(options)
        let result: Result<Void, any Error>
        do {
            func connection(_ user: KubeconfigUser) throws -> ClusterConnection {
                try ClusterConnection.kubeconfig(try sim.kubeconfig(user), name: "the simulator's", directory: "/nowhere")
            }
            let nobody = KubeClient(try connection(.token(user: "nobody")))
            result = .success(
                try await Site.run(try connection(.administrator), limited: { _, _ in nobody }) { try await clause.check($0) })
        } catch { result = .failure(error) }
        await sim.stop()
        try result.get()
    }
}

/// A kubeconfig whose current context may make and delete namespaces; nothing outside of those that the tests make is touched.
private let kubeconfig = ProcessInfo.processInfo.environment["SAKER_TEST_KUBECONFIG"]

@Suite(
    "The contract with the API server, over a real cluster",
    .enabled(if: kubeconfig != nil, "not asked for: SAKER_TEST_KUBECONFIG names no kubeconfig")
) struct RealClusterTests {
    @Test("An API server keeps the contract", arguments: Clause.allCases)
    func holds(_ clause: Clause) async throws {
        let connection = try ClusterConnection.kubeconfig(path: try #require(kubeconfig))
        try await Site.run(connection, limited: Site.serviceAccount) { try await clause.check($0) }
    }
}
