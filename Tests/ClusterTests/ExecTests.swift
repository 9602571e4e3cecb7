// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import KubeClient
import KubeSim
import Testing

@Suite("Commands in pods, as real processes behind KubeSim") struct ExecTests {
    private static let pod = ObjectReference(.pods, "web-1", in: "shop")
    private static let manifest = """
        {"kind":"Pod","metadata":{"name":"web-1","namespace":"shop"},"spec":{"containers":[{"name":"main"},{"name":"side"}]},
        "status":{"phase":"Running","containerStatuses":[{"name":"main","state":{"running":{}}}]}}
        """

    private func cluster(
        _ options: KubeSimOptions = KubeSimOptions(), user: KubeconfigUser = .administrator,
        _ body: (KubeClient, KubeSim) async throws -> Void
    ) async throws {
        let sim = try await KubeSim.start(options)
        let result: Result<Void, any Error>
        do {
            try await sim.apply(#"{"kind":"Namespace","metadata":{"name":"shop"}}"#)
            try await sim.apply(Self.manifest)
            let connection = try ClusterConnection.kubeconfig(try sim.kubeconfig(user), name: "the simulator's", directory: "/nowhere")
            let client = KubeClient(connection)
            defer { client.shutDown() }
            result = .success(try await body(client, sim))
        } catch { result = .failure(error) }
        await sim.stop()
        try result.get()
    }

    private func shell(_ text: String, input: [UInt8]? = nil, limit: Int = 1 << 20, timeout: Duration = .seconds(30)) -> ExecCommand {
        ExecCommand(container: "main", ["/bin/sh", "-c", text], input: input, outputLimit: limit, timeout: timeout)
    }

    @Test("Both outputs, the exit code and the input's end come through, and words stay words")
    func whole() async throws {
        try await cluster { kube, sim in
            let said = try await kube.exec(in: Self.pod, shell("echo out; echo err >&2; exit 7"))
            #expect(said == ExecResult(stdout: Array("out\n".utf8), stderr: Array("err\n".utf8), end: .exited(7)))
            let odd = "a b\n'\"$(id)é&+=%"
            let words = try await kube.exec(in: Self.pod, ExecCommand(container: "side", ["printf", "%s|", odd, ""]))
            #expect(String(decoding: words.stdout, as: UTF8.self) == odd + "||")
            let input = [UInt8](repeating: 120, count: 300_000)
            let counted = try await kube.exec(in: Self.pod, ExecCommand(container: "main", ["wc", "-c"], input: input))
            #expect(String(decoding: counted.stdout, as: UTF8.self) == "300000\n" && counted.end == .exited(0))
            let unread = try await kube.exec(in: Self.pod, ExecCommand(container: "main", ["true"], input: input))
            #expect(unread.end == .exited(0))
            let killed = try await kube.exec(in: Self.pod, shell("kill -9 $$"))
            #expect(killed.end == .exited(137))
            let requests = sim.requests.filter { $0.resource == "pods/exec" }
            #expect(requests.count == 5 && requests.allSatisfy { $0.status == 101 && $0.user == "admin" })
        }
    }

    @Test("A program that is not there, and a container that is not, are told apart")
    func absent() async throws {
        try await cluster { kube, _ in
            let none = try await kube.exec(in: Self.pod, ExecCommand(container: "main", ["no-such-program"]))
            guard case .refused(let why) = none.end else { return #expect(none.end == .refused("")) }
            #expect(why.contains("no-such-program") && why.contains("not found in $PATH"))
            let error = await #expect(throws: KubeError.self) { try await kube.exec(in: Self.pod, ExecCommand(container: "other", ["id"])) }
            #expect(error?.code == .invalid && error?.message.contains("container other is not valid for pod web-1") == true)
            let gone = ObjectReference(.pods, "web-2", in: "shop")
            let missing = await #expect(throws: KubeError.self) { try await kube.exec(in: gone, shell("id")) }
            #expect(missing?.code == .notFound)
        }
    }

    @Test("A shell that hangs is left at its time, with what it had said, and its processes end")
    func hangs() async throws {
        try await cluster { kube, sim in
            let began = ContinuousClock.now
            let said = try await kube.exec(in: Self.pod, shell("echo $$; exec sleep 600", timeout: .milliseconds(700)))
            #expect(said.end == .timedOut)
            #expect(began.duration(to: .now) < .seconds(10))
            let process = try #require(Int32(String(decoding: said.stdout, as: UTF8.self).trimmingCharacters(in: .newlines)))
            #expect(await eventually { kill(process, 0) != 0 })
        }
    }

    @Test("Of a gigabyte of output only what is allowed is taken, and the rest is never waited for")
    func floods() async throws {
        try await cluster { kube, _ in
            let began = ContinuousClock.now
            let said = try await kube.exec(in: Self.pod, shell("head -c 1073741824 /dev/zero", limit: 100_000))
            #expect(said.end == .cut && said.stdout.count == 100_000)
            #expect(began.duration(to: .now) < .seconds(20))
        }
    }

    @Test("A server that goes away in the middle is an error that says the command may have run")
    func breaks() async throws {
        try await cluster { kube, sim in
            let task = Task { try await kube.exec(in: Self.pod, shell("echo on; sleep 600")) }
            #expect(await eventually { sim.requests.contains { $0.resource == "pods/exec" } })
            try await Task.sleep(for: .milliseconds(200))
            await sim.stop()
            let error = await #expect(throws: KubeError.self) { try await task.value }
            #expect(error?.code == .transport && error?.message.contains("It may have been carried out") == true)
        }
    }

    @Test("A caller who gives up is answered at once")
    func cancelled() async throws {
        try await cluster { kube, sim in
            let task = Task { try await kube.exec(in: Self.pod, shell("sleep 600")) }
            #expect(await eventually { sim.requests.contains { $0.resource == "pods/exec" } })
            task.cancel()
            let error = await #expect(throws: KubeError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
    }

    @Test("A server asks for both verbs, a rehearsal finds the missing one, and neither runs anything", arguments: ["get", "create"])
    func rights(missing: String) async throws {
        var options = KubeSimOptions()
        options.users = [.init(name: "ann", token: "t")]
        options.denials = [.init(user: "ann", verb: missing, resource: "pods/exec")]
        try await cluster(options, user: .token(user: "ann")) { kube, sim in
            let error = await #expect(throws: KubeError.self) { try await kube.exec(in: Self.pod, shell("id")) }
            #expect(error?.code == .forbidden)
            let foretold = await #expect(throws: KubeError.self) { try await DryRunKube(kube).exec(in: Self.pod, shell("id")) }
            #expect(foretold?.code == .forbidden && foretold?.message.contains("the verb '\(missing)' on 'pods/exec'") == true)
        }
        try await cluster { kube, sim in
            let rehearsed = try await DryRunKube(kube).exec(in: Self.pod, shell("id"))
            #expect(rehearsed == ExecResult(stdout: [], stderr: [], end: .exited(0)))
            #expect(!sim.requests.contains { $0.resource == "pods/exec" })
        }
    }

    private func eventually(_ holds: () -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(15)
        while !holds(), ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
        return holds()
    }
}
