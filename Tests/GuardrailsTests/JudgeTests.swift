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
        facts.stopFilePresent = true
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
                == "the event is 500 s old and is acted on within 30 s; look yourself before acting")
        facts = Given.facts()
        facts.minimumHealthy = .percent(50)
        facts.found?.replicas = LivePod.Replicas(ready: 1, desired: 3)
        #expect(refusal(judge(facts, settings))?.sentence == "1 of 3 replicas are ready and at least 50 % must be")
    }
}
