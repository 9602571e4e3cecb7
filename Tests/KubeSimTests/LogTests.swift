// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import Testing
@testable import KubeSim

@Suite struct LogTests {
    private static let second: Int64 = 1_000_000_000
    private static let now: Int64 = 1_800_000_000 * second
    private static let lines = (1...4).map { PodLogLine(time: now - Int64(5 - $0) * 10 * second + 5, text: "line \($0)") }

    @Test(
        "a log's query chooses its lines as the API documents it",
        arguments: [
            ("", "line 1\nline 2\nline 3\nline 4\n"), ("?tailLines=2", "line 3\nline 4\n"), ("?tailLines=0", ""),
            ("?tailLines=9", "line 1\nline 2\nline 3\nline 4\n"), ("?limitBytes=10", "line 1\nlin"),
            ("?tailLines=1&limitBytes=3", "lin"), ("?sinceSeconds=20", "line 3\nline 4\n"), ("?sinceSeconds=1", ""),
            ("?sinceTime=2027-01-15T07:59:50Z", "line 4\n"), ("?previous=true", "before\n"),
            ("?container=main", "line 1\nline 2\nline 3\nline 4\n"),
            ("?tailLines=1&timestamps=true", "2027-01-15T07:59:50.000000005Z line 4\n"),
        ])
    func chooses(query: String, expected: String) async throws {
        try await TestCluster.run { $0.now = { Self.now } } _: { cluster in
            try await cluster.seed(pod("web-1"))
            cluster.sim.setLog(Self.lines, namespace: "default", pod: "web-1", container: "main")
            cluster.sim.setLog("before\n", namespace: "default", pod: "web-1", container: "main", previous: true)
            let reply = try await cluster.request("GET", pods + "/web-1/log" + query)
            #expect(reply.status == 200)
            #expect(reply.body == expected)
            #expect(reply.headers.lowercased().contains("content-type: text/plain"))
            #expect(cluster.sim.requests.last?.resource == "pods/log" && cluster.sim.requests.last?.verb == "get")
        }
    }

    @Test(
        "a log that cannot be given is refused in the API server's words",
        arguments: [
            ("web-1", "?previous=true", 400, #"previous terminated container "main" in pod "web-1" not found"#),
            ("web-1", "?container=x", 400, "container x is not valid for pod web-1"),
            ("two", "", 400, "a container name must be specified for pod two, choose one of: [a b] or one of the init containers: [first]"),
            ("two", "?container=b", 400, #"container "b" in pod "two" is waiting to start: ContainerCreating"#),
            ("none", "", 404, #"pods "none" not found"#),
            ("web-1", "?tailLines=-1", 422,
             #"PodLogOptions "web-1" is invalid: tailLines: Invalid value: "-1": must be greater than or equal to 0"#),
            ("web-1", "?limitBytes=0", 422, #"PodLogOptions "web-1" is invalid: limitBytes: Invalid value: "0": must be greater than 0"#),
        ])
    func refuses(name: String, query: String, status: Int, message: String) async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("web-1"))
            var two = pod("two")
            two["spec", "containers"] = [["name": "a"], ["name": "b"]]
            two["spec", "initContainers"] = [["name": "first"]]
            two["status", "containerStatuses"] = [["name": "b", "state": ["waiting": ["reason": "ContainerCreating"]]]]
            try await cluster.seed(two)
            let reply = try await cluster.request("GET", pods + "/" + name + "/log" + query)
            #expect(reply.status == status)
            #expect(reply.json["message"] == .string(message))
        }
    }

    @Test("a log comes from the owner's source, and one without a source is empty")
    func asksItsSource() async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("web-1"))
            let reply = try await cluster.request("GET", pods + "/web-1/log")
            #expect(reply.status == 200 && reply.body == "")
        }
        let asked = Mutex<[PodLogRequest]>([])
        let source: @Sendable (PodLogRequest) async -> [PodLogLine]? = { request in
            asked.withLock { $0.append(request) }
            return request.isPrevious ? nil : [PodLogLine(time: 0, text: "from " + request.container)]
        }
        try await TestCluster.run { $0.podLogs = source } _: { cluster in
            try await cluster.seed(pod("web-1"))
            #expect(try await cluster.request("GET", pods + "/web-1/log").body == "from main\n")
            #expect(try await cluster.request("GET", pods + "/web-1/log?previous=true").status == 400)
            let uid = try await cluster.request("GET", pods + "/web-1").json["metadata", "uid"]?.string
            #expect(asked.withLock { $0.map(\.pod.uid) } == [uid, uid])
        }
    }

    @Test("a followed log shows what comes, and ends with its pod")
    func follows() async throws {
        try await TestCluster.run { cluster in
            try await cluster.seed(pod("web-1"))
            cluster.sim.setLog("one\n", namespace: "default", pod: "web-1", container: "main")
            async let reply = cluster.request("GET", pods + "/web-1/log?follow=true")
            let isFollowed = await eventually { cluster.sim.requests.contains { $0.resource == "pods/log" } }
            #expect(isFollowed)
            cluster.sim.setLog("one\ntwo\n", namespace: "default", pod: "web-1", container: "main")
            await cluster.sim.remove("pods", namespace: "default", name: "web-1")
            let answer = try await reply
            #expect(answer.body == "one\ntwo\n" && answer.exit == 0)
        }
    }
}
