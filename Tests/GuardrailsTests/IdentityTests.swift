// SPDX-License-Identifier: Apache-2.0

import EventModel
import Guardrails
import Testing

@Suite struct IdentityTests {
    /// What the event said, what the pod of that name is now, and whether it may be acted on.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var uid: PodUID?
        var container: ContainerID?
        var foundUID: PodUID = "uid-1"
        var containers: [ContainerID] = ["containerd://aaaaaaaaaaaaaaaa"]
        var allowed: Bool
    }

    @Test("Only the pod that the event came from is acted on", arguments: [
        Case(testDescription: "same UID", uid: "uid-1", allowed: true),
        Case(testDescription: "same UID, container restarted meanwhile", uid: "uid-1", container: "bbbbbbbbbbbbbbbb", allowed: true),
        Case(testDescription: "reborn under the same name", uid: "uid-0", allowed: false),
        Case(testDescription: "reborn, although the container is claimed", uid: "uid-0", container: "aaaaaaaaaaaaaaaa", allowed: false),
        Case(testDescription: "no UID, same container", container: "aaaaaaaaaaaaaaaa", allowed: true),
        Case(testDescription: "no UID, another container", container: "bbbbbbbbbbbbbbbb", allowed: false),
        Case(testDescription: "no UID, Falco's 12 digits", container: "aaaaaaaaaaaa", allowed: true),
        Case(testDescription: "no UID, too few digits to tell", container: "aaaaaaaaaaa", allowed: false),
        Case(testDescription: "no UID, second container of two", container: "cccccccccccccccc",
             containers: ["cri-o://aaaaaaaaaaaaaaaa", "cri-o://cccccccccccccccc"], allowed: true),
        Case(testDescription: "no UID, the pod has no containers yet", container: "aaaaaaaaaaaaaaaa", containers: [], allowed: false),
        Case(testDescription: "an empty UID is none", uid: "", container: "bbbbbbbbbbbbbbbb", allowed: false),
        Case(testDescription: "nothing known", allowed: false),
        Case(testDescription: "an empty container is none", container: "", containers: [""], allowed: false),
    ])
    func onlyThePodOfTheEvent(given: Case) {
        for kind in ActKind.allCases {
            var facts = Given.facts(kind: kind)
            facts.subject.podUID = given.uid
            facts.subject.container = given.container
            facts.found?.uid = given.foundUID
            facts.found?.containers = given.containers
            let verdict = judge(facts, Given.acting)
            #expect((verdict == .allow) == given.allowed)
            #expect(given.allowed || refusal(verdict)?.guardrail == .identity)
        }
    }

    @Test("A reborn pod's refusal names both UIDs")
    func reborn() {
        var facts = Given.facts()
        facts.found?.uid = "uid-2"
        #expect(
            refusal(judge(facts, Given.acting))?.sentence
                == "pod shop/web-1 has UID uid-2 now, the event's pod had uid-1: it was reborn and is left alone")
    }
}

@Suite struct SparingTests {
    @Test("What an act reaches beside its target is spared by its label, as control plane, and as Saker's own, in that one namespace")
    func spared() {
        var settings = Given.acting
        settings.ownNamespace = "saker"
        settings.protectedLabels = [LabelTerm("keep=yes")].compactMap { $0 }
        #expect(settings.reasonToSpare("shop", ["keep": "yes"]) == "carries the protected label keep=yes")
        #expect(settings.reasonToSpare("shop", ["tier": "control-plane"]) == "of tier control-plane")
        #expect(settings.reasonToSpare("saker", ["app.kubernetes.io/name": "saker-respond"]) == "Saker's own")
        #expect(settings.reasonToSpare("shop", ["app.kubernetes.io/name": "saker-respond", "keep": "no"]) == nil)
    }
}
