// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeClient
import KubeSim
import Testing

@Suite("The contract with the API server, over KubeSim") struct SimulatedClusterTests {
    @Test("An API server keeps the contract", arguments: Clause.allCases)
    func holds(_ clause: Clause) async throws {
        var options = KubeSimOptions()
        options.enforcesRoles = true
        let sim = try await KubeSim.start(options)
        let result: Result<Void, any Error>
        do {
            let connection = try ClusterConnection.kubeconfig(try sim.kubeconfig(), name: "the simulator's", directory: "/nowhere")
            result = .success(try await Site.run(connection) { try await clause.check($0) })
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
        try await Site.run(connection) { try await clause.check($0) }
    }
}
