// SPDX-License-Identifier: Apache-2.0

import EventModel
import Guardrails
import Testing

@Suite struct JudgeTests {
    @Test("A fresh install rehearses, and only mode act acts")
    func modes() {
        #expect(isRehearsal(judge(Given.facts(), GuardrailSettings())))
        #expect(judge(Given.facts(), Given.acting) == .allow)
        var facts = Given.facts()
        facts.playbookRehearses = true
        #expect(judge(facts, Given.acting) == .rehearse(why: "the playbook says dry_run"))
    }

    @Test("Each fact that forbids an act is refused by its own guardrail, in both modes", arguments: GuardrailSettings.Mode.allCases)
    func oneFactOneRefusal(mode: GuardrailSettings.Mode) {
        for (guardrail, change) in Given.obstacles {
            var facts = Given.facts()
            var settings = Given.acting
            settings.mode = mode
            change(&facts, &settings)
            #expect(refusal(judge(facts, settings))?.guardrail == guardrail, "\(guardrail.rawValue)")
        }
    }

    @Test("Observing goes on while the stop file is there and in protected namespaces, but never without a journal")
    func observing() {
        var facts = Given.facts(kind: .observe, namespace: "kube-system")
        facts.stop = .file("/stop")
        #expect(judge(facts, Given.acting) == .allow)
        facts.journalTrouble = "disk full"
        #expect(refusal(judge(facts, Given.acting))?.guardrail == .journal)
    }

    @Test(
        "The namespaces that Kubernetes makes are protected by default, whoever names them",
        arguments: ["kube-system", "kube-public", "kube-node-lease"] as [NamespaceName])
    func protectedByDefault(namespace: NamespaceName) {
        var live = Given.facts(), claimed = Given.facts(), targeted = Given.facts()
        live.found?.namespace = namespace
        claimed.subject.namespace = namespace
        targeted.act.intention.target.namespace = namespace
        for facts in [live, claimed, targeted] {
            #expect(refusal(judge(facts, Given.acting))?.guardrail == .protectedNamespace)
        }
    }

    @Test("A pod on the host's network is refused only to acts that work through the pod's network")
    func hostNetwork() {
        var facts = Given.facts()
        facts.found?.usesHostNetwork = true
        #expect(judge(facts, Given.acting) == .allow)
        facts.needsPodNetwork = true
        #expect(refusal(judge(facts, Given.acting))?.guardrail == .hostNetwork)
    }

    @Test("Every refusal is a sentence that names its numbers or its place")
    func sentences() {
        var facts = Given.facts(now: 500)
        var settings = Given.acting
        settings.actWithinSeconds = 30
        #expect(
            refusal(judge(facts, settings))?.sentence
                == "the event is 500 s old and is acted on within 30 s (respond.act_within); look yourself before acting")
        facts = Given.facts()
        facts.minimumHealthy = .percent(50)
        facts.found?.replicas = LivePod.Replicas(ready: 1, desired: 3)
        #expect(refusal(judge(facts, settings))?.sentence == "1 of 3 replicas are ready and at least 50 % must be")
    }

    @Test("What destroys is refused for an old event and for one of the future, with the numbers; what can be taken back is not")
    func freshness() {
        var settings = Given.acting
        settings.actWithinSeconds = 600
        #expect(judge(Given.facts(now: 600), settings) == .allow)
        let late = refusal(judge(Given.facts(now: 601), settings))?.sentence ?? ""
        #expect(late.hasPrefix("the event is 601 s old and is acted on within 600 s"))
        var early = Given.facts()
        (early.now, early.eventTime) = (Given.time(0), Given.time(60))
        #expect(judge(early, settings) == .allow)
        early.eventTime = Given.time(61)
        let sentence = refusal(judge(early, settings))?.sentence ?? ""
        #expect(sentence.contains(early.eventTime.description) && sentence.contains(early.now.description))
        early.act.kind = .reversible
        #expect(judge(early, settings) == .allow)
        #expect(judge(Given.facts(kind: .reversible, now: 100_000), settings) == .allow)
    }

    @Test("A function is invoked for a sender of some nodes only where the event's own pod tells its node; for others without a pod too")
    func functions() {
        var facts = Given.facts()
        facts.act.intention.target = TargetObject(kind: TargetObject.functionKind, namespace: "shop", name: "f", uid: "f")
        facts.sender = Sender(name: "d", nodes: ["n1"], namespaces: nil)
        #expect(judge(facts, Given.acting) == .allow)
        var elsewhere = facts
        elsewhere.found?.node = "n2"
        #expect(refusal(judge(elsewhere, Given.acting))?.guardrail == .sender)
        var other = facts
        other.found?.uid = "uid-2"
        #expect(refusal(judge(other, Given.acting))?.guardrail == .identity)
        facts.found = nil
        let refused = refusal(judge(facts, Given.acting))
        #expect(refused?.guardrail == .sender && refused?.sentence.contains("nobody can tell its node") == true)
        facts.sender?.nodes = nil
        #expect(judge(facts, Given.acting) == .allow)
        facts.sender = nil
        #expect(judge(facts, Given.acting) == .allow)
    }

    @Test("A sender is held to the node that the API server names, with both names in the refusal, and to their namespaces")
    func senders() {
        var facts = Given.facts()
        facts.sender = Sender(name: "falco", nodes: ["n1", "n3"], namespaces: ["shop"])
        #expect(judge(facts, Given.acting) == .allow)
        facts.sender?.nodes = ["n2"]
        #expect(
            refusal(judge(facts, Given.acting))?.sentence == "sender falco may speak about node n2, and pod shop/web-1 is on node n1")
        facts.found?.node = nil
        #expect(refusal(judge(facts, Given.acting))?.sentence.hasSuffix("is bound to no node") == true)
        facts.sender = Sender(name: "falco", nodes: nil, namespaces: ["bank"])
        #expect(
            refusal(judge(facts, Given.acting))?.sentence
                == "sender falco may speak about namespace bank, and the alert is about namespace shop")
        facts.found = nil
        facts.subject.namespace = nil
        facts.act.intention.target.namespace = nil
        #expect(refusal(judge(facts, Given.acting))?.sentence.hasSuffix("the alert names no namespace") == true)
    }
}
