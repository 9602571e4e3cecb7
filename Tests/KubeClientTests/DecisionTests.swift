// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import KubeClient

@Suite struct RetryTests {
    private func error(_ code: KubeError.Code, status: Int? = nil, retryAfter: Duration? = nil) -> KubeError {
        KubeError(code, "", status: status, retryAfter: retryAfter)
    }

    @Test("A read is tried again after what passes by itself, with waits that double up to their cap")
    func reads() {
        var decision = RetryDecision(limit: 6, backoff: Backoff(first: .milliseconds(100), cap: .milliseconds(500)))
        let waits = (0..<6).map { _ in decision.answer(to: error(.serverError, status: 503), verb: .get, jitter: 0) }
        #expect(waits == [100, 200, 400, 500, 500].map { .retry(after: .milliseconds($0)) } + [.giveUp])
    }

    @Test("A write is never tried again after a failure that may hide a success", arguments: [
        KubeError.Code.timeout, .transport, .serverError, .conflict,
    ])
    func writes(_ code: KubeError.Code) {
        for verb in [KubeCall.Verb.create, .update, .patch, .delete] {
            var decision = RetryDecision()
            #expect(decision.answer(to: error(code, status: 500, retryAfter: .seconds(1)), verb: verb, jitter: 0) == .giveUp)
        }
    }

    @Test("A write is tried again when the server says later, but not for ever and not after long waits")
    func tooMany() {
        var decision = RetryDecision(limit: 2)
        let later = error(.tooManyRequests, retryAfter: .seconds(2))
        #expect(decision.answer(to: later, verb: .patch, jitter: 0) == .retry(after: .seconds(2)))
        #expect(decision.answer(to: later, verb: .patch, jitter: 0) == .giveUp)
        var patient = RetryDecision()
        #expect(patient.answer(to: error(.tooManyRequests, retryAfter: .seconds(600)), verb: .get, jitter: 0) == .giveUp)
        var unsaid = RetryDecision()
        #expect(unsaid.answer(to: error(.tooManyRequests), verb: .delete, jitter: 0) == .giveUp)
    }

    @Test("A write is tried again when the server was unavailable and said when to come back, and when no byte of it was sent")
    func safeWrites() {
        for verb in [KubeCall.Verb.create, .update, .patch, .delete] {
            var putOff = RetryDecision()
            let later = error(.serverError, status: 503, retryAfter: .seconds(1))
            #expect(putOff.answer(to: later, verb: verb, jitter: 0) == .retry(after: .seconds(1)))
            var silent = RetryDecision()
            #expect(silent.answer(to: error(.serverError, status: 503), verb: verb, jitter: 0) == .giveUp)
            var unsent = RetryDecision(limit: 2)
            let refused = KubeError(.transport, "", isKnownUnsent: true)
            #expect(unsent.answer(to: refused, verb: verb, jitter: 0) == .retry(after: .milliseconds(100)))
            #expect(unsent.answer(to: refused, verb: verb, jitter: 0) == .giveUp)
        }
    }

    @Test("What does not pass by itself is not tried again", arguments: [
        KubeError.Code.unauthorized, .credential, .disruptionBudget, .forbidden, .notFound, .gone, .invalid, .decode, .config, .cancelled,
    ])
    func permanent(_ code: KubeError.Code) {
        var decision = RetryDecision()
        #expect(decision.answer(to: error(code), verb: .get, jitter: 0) == .giveUp)
    }
}

@Suite struct StatusTests {
    let call = KubeCall(.patch, ObjectReference(.deployments, "web", in: "shop"))

    @Test("Each status has its code", arguments: [
        (400, "", KubeError.Code.invalid), (401, "", .unauthorized), (403, "", .forbidden), (404, "", .notFound),
        (409, "", .conflict), (409, "AlreadyExists", .alreadyExists), (410, "", .gone), (415, "", .invalid), (422, "", .invalid),
        (429, "", .tooManyRequests), (500, "", .serverError), (502, "", .serverError), (503, "", .serverError), (504, "", .timeout),
        (302, "", .serverError),
    ])
    func codes(_ status: Int, _ reason: String, _ code: KubeError.Code) {
        let error = KubeError(call, status: status, body: ["reason": .string(reason), "message": "words of the server"])
        #expect(error.code == code && error.status == status)
        #expect(error.message.hasPrefix("patch deployments.apps shop/web: HTTP \(status). "))
        #expect(error.message.hasSuffix("words of the server"))
    }

    @Test("A forbidden error names the verb, the resource and the namespace that lack the right")
    func forbidden() {
        let message = KubeError(call, status: 403, body: nil).message
        #expect(message.contains("lack the verb 'patch' on 'deployments.apps' in namespace 'shop'") && message.contains("RBAC"))
    }

    @Test("A forbidden error names who asked, when the server says it, and blames RBAC only where RBAC is to blame")
    func forbiddenUser() {
        func message(_ said: String) -> String { KubeError(call, status: 403, body: ["message": .string(said)]).message }
        let said = #"deployments.apps "web" is forbidden: User "system:serviceaccount:saker:saker" cannot patch resource "deployments" "#
            + #"in API group "apps" in the namespace "shop""#
        #expect(message(said).contains(
            "The user 'system:serviceaccount:saker:saker' lacks the verb 'patch' on 'deployments.apps' in namespace 'shop': grant it"))
        let webhook = message("admission webhook \"policy.example.com\" denied the request: no")
        #expect(webhook.contains("not RBAC") && webhook.hasSuffix("denied the request: no"))
        let all = KubeError(KubeCall(.list, .pods, namespace: nil), status: 403, body: nil).message
        #expect(all.contains("'list' on 'pods' for the whole cluster"))
    }

    @Test("A 429 is a disruption budget's only when it says so, and a conflict of field managers has its own advice")
    func causes() {
        let budget: JSONValue = ["details": ["causes": [["reason": "DisruptionBudget"]]]]
        #expect(KubeError(call, status: 429, body: budget).code == .disruptionBudget)
        #expect(KubeError(call, status: 429, body: [:]).code == .tooManyRequests)
        #expect(KubeError(call, status: 500, body: budget).code == .serverError)
        let managers: JSONValue = ["reason": "Conflict", "details": ["causes": [["reason": "FieldManagerConflict"]]]]
        let error = KubeError(call, status: 409, body: managers)
        #expect(error.code == .conflict && error.message.contains("Another field manager"))
    }

    @Test("Retry-After is read from the header, else from the body, and only where it means anything")
    func retryAfter() {
        let details: JSONValue = ["details": ["retryAfterSeconds": 7]]
        #expect(KubeError(call, status: 429, body: details, retryAfterHeader: "3").retryAfter == .seconds(3))
        #expect(KubeError(call, status: 429, body: details, retryAfterHeader: "Wed, 21 Oct").retryAfter == .seconds(7))
        #expect(KubeError(call, status: 503, body: details).retryAfter == .seconds(7))
        #expect(KubeError(call, status: 409, body: details, retryAfterHeader: "3").retryAfter == nil)
        #expect(KubeError(call, status: 429, body: nil, retryAfterHeader: "-5").retryAfter == .zero)
    }
}

@Suite struct AddressTests {
    @Test("Addresses hold group, version, namespace and name, each made safe", arguments: [
        (KubeResource.pods, "shop", "web", "/api/v1/namespaces/shop/pods/web"), (.pods, nil, nil, "/api/v1/pods"),
        (.nodes, "ignored", "n1", "/api/v1/nodes/n1"), (.deployments, "a", nil, "/apis/apps/v1/namespaces/a/deployments"),
        (.networkPolicies, "a", "x/../y", "/apis/networking.k8s.io/v1/namespaces/a/networkpolicies/x%2F..%2Fy"),
        (.pods, "a?b#c", "ä", "/api/v1/namespaces/a%3Fb%23c/pods/%C3%A4"),
    ] as [(KubeResource, String?, String?, String)])
    func paths(_ resource: KubeResource, _ namespace: String?, _ name: String?, _ path: String) {
        #expect(resource.path(namespace: namespace, name: name) == path)
    }
}
