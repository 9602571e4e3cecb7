// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
@testable import KubeSim

@Suite struct WatchTests {
    private func summary(_ events: [JSON]) -> [String] {
        events.map { ($0["type"]?.string ?? "?") + " " + ($0["object", "metadata", "name"]?.string ?? "") }
    }

    @Test("a watch from a known version tells all that happened since, in order")
    func replays() async throws {
        try await TestCluster.run { cluster in
            let start = try await cluster.request("GET", pods).json["metadata", "resourceVersion"]?.string ?? ""
            try await cluster.seed(pod("a"))
            try await cluster.seed(pod("a", labels: ["x": "y"]))
            try await cluster.seed(pod("b"))
            await cluster.sim.remove("pods", namespace: "default", name: "a")
            let reply = try await cluster.request("GET", pods + "?watch=true&timeoutSeconds=1&resourceVersion=" + start)
            #expect(summary(reply.events) == ["ADDED a", "MODIFIED a", "ADDED b", "DELETED a"])
            let versions = reply.events.compactMap { $0["object", "metadata", "resourceVersion"]?.string.flatMap { Int($0) } }
            #expect(versions == versions.sorted() && Set(versions).count == 4)
        }
    }

    @Test("a watch without a version begins with everything, a live change follows, a bookmark comes when asked for")
    func begins() async throws {
        try await TestCluster.run { $0.bookmarkInterval = .milliseconds(300) } _: { cluster in
            try await cluster.seed(pod("a"))
            async let reply = cluster.request("GET", pods + "?watch=1&timeoutSeconds=2&allowWatchBookmarks=true")
            let isWatching = await eventually { cluster.sim.requests.contains { $0.verb == "watch" } }
            #expect(isWatching)
            try await cluster.seed(pod("b"))
            let events = try await reply.events
            #expect(summary(events.filter { $0["type"] != "BOOKMARK" }) == ["ADDED a", "ADDED b"])
            let version = try await cluster.request("GET", pods).json["metadata", "resourceVersion"]
            #expect(events.last?["type"] == "BOOKMARK")
            #expect(events.last?["object", "metadata", "resourceVersion"] == version)
        }
    }

    @Test("a watch sees an object enter and leave its selection")
    func selects() async throws {
        try await TestCluster.run { cluster in
            let start = try await cluster.request("GET", pods).json["metadata", "resourceVersion"]?.string ?? ""
            for labels: JSON in [[:], ["in": "yes"], ["in": "yes", "more": "1"], ["in": "no"]] {
                try await cluster.seed(pod("a", labels: labels))
            }
            let reply = try await cluster.request(
                "GET", pods + "?watch=true&timeoutSeconds=1&labelSelector=in%3Dyes&resourceVersion=" + start)
            #expect(summary(reply.events) == ["ADDED a", "MODIFIED a", "DELETED a"])
        }
    }

    @Test("a watch from before the history is told 410 in its stream, and a list goes on")
    func expires() async throws {
        try await TestCluster.run { $0.historyLimit = 3 } _: { cluster in
            for name in ["a", "b", "c", "d", "e"] { try await cluster.seed(pod(name)) }
            let reply = try await cluster.request("GET", pods + "?watch=true&resourceVersion=1")
            #expect(reply.status == 200)
            #expect(reply.events.map { $0["type"] } == ["ERROR"])
            #expect(reply.events.first?["object", "code"] == 410)
            #expect(reply.events.first?["object", "reason"] == "Expired")
            #expect(try await cluster.request("GET", pods).json["items"]?.elements.count == 5)
        }
    }

    @Test("a fault cuts a watch in the middle of a line")
    func cuts() async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("a"))
            try await cluster.seed(pod("b"))
            cluster.sim.inject(Fault(.cutWatch(afterEvents: 1), verb: "watch"))
            let reply = try await cluster.request("GET", pods + "?watch=true&timeoutSeconds=5")
            let lines = reply.body.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(reply.events.count == 1)
            #expect(!reply.body.hasSuffix("\n"))
            #expect(reply.exit != 0)
        }
    }

    @Test("a client that ends its connection ends its watch")
    func leaves() async throws {
        try await TestCluster.run { cluster in
            var tries = 0
            while !cluster.sim.requests.contains(where: { $0.verb == "watch" }) && tries < 10 {
                let result = try await Command(watch(of: cluster, "--max-time", "2")).run()
                #expect(result.status == 28)
                tries += 1
            }
            #expect(cluster.sim.requests.contains { $0.verb == "watch" })
            #expect(await eventually { await cluster.sim.openWatches == 0 })
        }
    }

    @Test("a client that is killed ends its watch")
    func dies() async throws {
        try await TestCluster.run { cluster in
            let client = Process()
            client.executableURL = URL(filePath: "/usr/bin/env")
            client.arguments = watch(of: cluster)
            try client.run()
            let isWatching = await eventually { await cluster.sim.openWatches == 1 }
            kill(client.processIdentifier, SIGKILL)
            #expect(isWatching)
            #expect(await eventually { await cluster.sim.openWatches == 0 })
        }
    }

    private func watch(of cluster: TestCluster, _ options: String...) -> [String] {
        ["curl", "-sS", "-N", "--cacert", cluster.authorityPath, "-H", "Authorization: Bearer " + cluster.sim.adminToken]
            + options + [cluster.sim.url + pods + "?watch=true"]
    }

    @Test("stopping ends a watch that is open")
    func stops() async throws {
        try await TestCluster.run { cluster in
            async let reply = cluster.request("GET", pods + "?watch=true")
            let isWatching = await eventually { cluster.sim.requests.contains { $0.verb == "watch" } }
            #expect(isWatching)
            await cluster.sim.stop()
            let exit = try await reply.exit
            #expect(exit != timedOut)
            #expect(await cluster.sim.openWatches == 0)
        }
    }
}
