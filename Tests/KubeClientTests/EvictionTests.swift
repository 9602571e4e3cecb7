// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import KubeClient

@Suite struct RehearsedEvictionTests {
    private func pod(_ name: String, app: String = "web", ready: String? = nil) -> JSONValue {
        var pod: [String: JSONValue] = ["metadata": ["name": .string(name), "namespace": "shop", "labels": ["app": .string(app)]]]
        if let ready { pod["status"] = ["conditions": [["type": "Ready", "status": .string(ready)]]] }
        return .object(pod)
    }

    private func budget(allowing count: Int64) -> JSONValue {
        [
            "metadata": ["name": "budget", "namespace": "shop"], "spec": ["selector": ["matchLabels": ["app": "web"]]],
            "status": ["disruptionsAllowed": .int(count)],
        ]
    }

    @Test("A budget is spent by the evictions that were rehearsed before, and only by those of pods that it covers")
    func spent() {
        var evictions = RehearsedEvictions()
        #expect(evictions.spent([budget(allowing: 1)], for: pod("a")) == nil)
        evictions.add(pod("other", app: "db"))
        #expect(evictions.spent([budget(allowing: 1)], for: pod("a")) == nil)
        evictions.add(pod("unready", ready: "False"))
        #expect(evictions.spent([budget(allowing: 1)], for: pod("a")) == nil)
        evictions.add(pod("a"))
        #expect(evictions.spent([budget(allowing: 1)], for: pod("b")) == "budget")
        #expect(evictions.spent([budget(allowing: 2)], for: pod("b")) == nil)
        #expect(evictions.spent([budget(allowing: 1)], for: pod("b", ready: "False")) == nil)
        #expect(evictions.isAny(in: "shop") && !evictions.isAny(in: "other"))
    }

    @Test("A part of an object has a path, a right and a sentence of its own")
    func part() {
        let scale = ObjectReference(.deployments, "web", in: "shop", subresource: "scale")
        #expect(scale.path == "/apis/apps/v1/namespaces/shop/deployments/web/scale")
        #expect(scale.description == "deployments.apps/scale shop/web")
        #expect(KubeCall(.patch, scale).description == "patch deployments.apps/scale shop/web")
        #expect(KubeCall(.patch, scale).accessQuestion["spec"]?["resourceAttributes"]?["subresource"] == "scale")
        #expect(ObjectReference(.nodes, "n", in: "shop").path == "/api/v1/nodes/n")
    }
}
