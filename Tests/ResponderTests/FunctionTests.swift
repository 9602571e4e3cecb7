// SPDX-License-Identifier: Apache-2.0
import AWSClient
import EventModel
import Foundation
import Guardrails
import MotoServer
import Responder
import StubServer
import Testing

@Suite("Functions of AWS Lambda")
struct FunctionTests {
    static let playbook = """
        - rule: Tell a function
          actions: [{action: Tell, actionner: aws:lambda, parameters: {aws_lambda_name: respond}}]
        """

    @Test("The function is given the alert as JSON, and its answer is kept", .enabled(if: TestPython.isWanted))
    func invoked() async throws {
        try await MotoServer.run { moto in
            let cloud = try moto.cloud()
            defer { cloud.shutDown() }
            try await EvidenceWorld.run(Self.playbook, cloud) { world in
                await world.line.handle(alert(uid: "uid-1", trace: "0123456789abcdef"))
                #expect(world.book.labels == ["done"], "\(world.book.outcomes)")
                // moto's function returns what it is given.
                let response = try #require(world.book.outcomes.first?.proof?.readBack["response"]?.string)
                let given = try JSONDecoder().decode(Alert.self, from: Data(response.utf8))
                #expect(given.trace == "0123456789abcdef" && given.subject.podUID == "uid-1")
                // The function is no object of the cluster: nothing was asked there.
                #expect(world.server.requests.isEmpty)
            }
        }
    }

    @Test("Event puts the alert into the queue, DryRun only checks, and both say so", .enabled(if: TestPython.isWanted), arguments: [
        ("Event", "has the alert in its queue"), ("DryRun", "it was only checked"),
    ])
    func types(type: String, says: String) async throws {
        try await MotoServer.run { moto in
            let cloud = try moto.cloud()
            defer { cloud.shutDown() }
            let text = Self.playbook.replacing("respond}", with: "respond, aws_lambda_invocation_type: \(type)}")
            try await EvidenceWorld.run(text, cloud) { world in
                await world.line.handle(alert(uid: "uid-1"))
                #expect(world.book.labels == ["done"] && world.book.outcomes.first?.sentence.hasSuffix(says) == true)
            }
        }
    }

    @Test("A rehearsal asks for a dry run whatever the playbook says, and nothing else")
    func rehearsed() async throws {
        try await withFunction({ _ in .answer(204, "") }, mode: .rehearse) { world, lambda in
            #expect(world.book.labels == ["rehearsed"], "\(world.book.outcomes)")
            #expect(lambda.requests.map { $0.headers["x-amz-invocation-type"] } == ["DryRun"])
        }
    }

    @Test("A function that failed, one that is not there and an answer that was lost end as what they are", arguments: [
        (StubStep.answer(200, #"{"errorMessage":"no"}"#, headers: ["X-Amz-Function-Error: Unhandled"]), "failed", "was run and failed"),
        (.answer(404, "{}", headers: ["x-amzn-ErrorType: ResourceNotFoundException"]), "failed", "There is no such object or function"),
        (.close, "unknown", "It may have happened: look at the function respond"),
    ])
    func failures(step: StubStep, label: String, says: String) async throws {
        try await withFunction({ _ in step }) { world, lambda in
            #expect(world.book.labels == [label] && lambda.requests.count == 1)
            #expect(world.book.outcomes.first?.sentence.contains(says) == true, "\(world.book.outcomes)")
        }
    }

    @Test("One function is invoked about two pods at once, about one pod once within the cooldown")
    func guarded() async throws {
        try await withFunction({ _ in .answer(200, "{}") }) { world, _ in
            await world.line.handle(alert(uid: "uid-2", pod: "web-2"))
            await world.line.handle(alert(uid: "uid-1"))
            #expect(world.book.labels == ["done", "done", "refused"] && world.book.guardrails.last == .cooldown)
        }
    }

    @Test("For a sender of one node the alert's pod is read, and the function is invoked only when that node is the pod's", arguments: [
        ("n", "web-1", "uid-1", "done", nil), ("other", "web-1", "uid-1", "refused", Refusal.Guardrail.sender),
        ("n", "nowhere", "uid-1", "refused", .sender), ("n", "web-1", "uid-2", "refused", .identity),
        ("n", nil, nil, "refused", .sender),
    ] as [(NodeName, String?, String?, String, Refusal.Guardrail?)])
    func limited(node: NodeName, pod: String?, uid: String?, label: String, guardrail: Refusal.Guardrail?) async throws {
        var event = alert(uid: uid, pod: pod)
        event.sender = Sender(name: "detector", nodes: [node], namespaces: nil)
        try await withFunction({ _ in .answer(200, "{}") }, about: event) { world, lambda in
            #expect(world.book.labels == [label] && world.book.guardrails == [guardrail], "\(world.book.outcomes)")
            #expect(lambda.requests.count == (label == "done" ? 1 : 0))
        }
    }

    private func withFunction(
        _ answer: @escaping @Sendable (StubRequest) -> StubStep, mode: GuardrailSettings.Mode = .act,
        about event: Alert = alert(uid: "uid-1"), _ body: (EvidenceWorld, StubServer) async throws -> Void
    ) async throws {
        let lambda = StubServer { request, _ in [answer(request)] }
        defer { lambda.stop() }
        let environment = ["AWS_ACCESS_KEY_ID": "K", "AWS_SECRET_ACCESS_KEY": "s", "AWS_ENDPOINT_URL_LAMBDA": lambda.url]
        let surroundings = AWSSurroundings(environment: environment, now: ResponderParts.systemTime)
        let cloud = try AWSCloud(AWSSettings(region: "eu-west-1"), surroundings)
        defer { cloud.shutDown() }
        try await EvidenceWorld.run(Self.playbook, mode: mode, cloud) { world in
            await world.line.handle(event)
            try await body(world, lambda)
        }
    }
}
