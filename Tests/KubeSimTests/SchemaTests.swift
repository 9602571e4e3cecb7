// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
@testable import KubeSim

@Suite struct SchemaTests {
    @Test("every type that a field names is there, and every kind has its type")
    func isWhole() {
        func names(_ shape: Schema.Shape) -> [String] {
            switch shape {
            case .message(let name): [name]
            case .list(let element, _), .map(let element, _): names(element)
            case .string, .integer, .boolean, .double, .quantity, .integerOrString, .time, .microTime, .bytes, .anything: []
            }
        }
        let schema = Schema.kubernetes
        let fields = schema.messages.values.flatMap(\.fields)
        #expect(fields.count > 1000)
        #expect(Set(fields.flatMap { names($0.shape) }.filter { schema[$0] == nil }) == [])
        #expect(Resource.allCases.filter { schema.message(of: $0)?.members["metadata"] == nil } == [])
        #expect(schema.messages.values.filter { Set($0.fields.map(\.number)).count != $0.fields.count }.map(\.name) == [])
        #expect(schema["Volume"]?.members["emptyDir"]?.shape == .message("EmptyDirVolumeSource"))
        #expect(schema["Container"]?.members["ports"]?.shape == .list(.message("ContainerPort"), .keyed(["containerPort", "protocol"])))
    }

    private func pod(_ container: JSON) -> JSON { ["kind": "Pod", "apiVersion": "v1", "spec": ["containers": [container]]] }

    @Test("unknown fields are found wherever they are, and left out")
    func findsUnknownFields() throws {
        var object = pod(["name": "a", "imagee": "b", "env": [["name": "X", "valu": "1"]]])
        object["colour"] = "red"
        object["metadata"] = ["labels": ["any": "thing"], "nam": "x"]
        let check = try FieldCheck(object, .message("Pod"))
        #expect(check.unknown == ["colour", "metadata.nam", "spec.containers[0].env[0].valu", "spec.containers[0].imagee"])
        #expect(check.value["spec", "containers"] == [["name": "a", "env": [["name": "X"]]]])
        #expect(check.value["metadata"] == ["labels": ["any": "thing"]])
    }

    @Test(
        "a value of the wrong type is refused in the words of the API server",
        arguments: [
            (["replicas": "two"], "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"),
            (["paused": 1], "json: cannot unmarshal number into Go struct field DeploymentSpec.spec.paused of type bool"),
            (["template": []], "json: cannot unmarshal array into Go struct field DeploymentSpec.spec.template of type v1.PodTemplateSpec"),
        ] as [(JSON, String)])
    func refusesTypes(spec: JSON, message: String) {
        let error = #expect(throws: FieldCheck.Mismatch.self) { try FieldCheck(["spec": spec], .message("Deployment")) }
        #expect(error?.message == message)
    }

    @Test("fieldValidation decides whether an unknown field is refused, told or passed over", arguments: ["POST", "PUT", "PATCH"])
    func validates(method: String) async throws {
        try await TestCluster.run { cluster in
            if method != "POST" { try await cluster.seed(KubeSimTests.pod("web-1")) }
            let path = method == "POST" ? pods : pods + "/web-1"
            let body: JSON = ["metadata": ["name": "web-1"], "spec": ["containers": [["name": "main", "image": "b", "colour": "red"]]]]
            let type = method == "PATCH" ? PatchKind.strategic.rawValue : "application/json"
            func send(_ validation: String) async throws -> Reply {
                try await cluster.request(method, path + "?dryRun=All" + validation, body, contentType: type)
            }
            let strict = try await send("&fieldValidation=Strict")
            #expect(strict.status == (method == "PATCH" ? 422 : 400))
            #expect(strict.json["message"]?.string?.hasSuffix(
                #"strict decoding error: unknown field "spec.containers[0].colour""#) == true)
            for (validation, warns) in [("", true), ("&fieldValidation=Warn", true), ("&fieldValidation=Ignore", false)] {
                let reply = try await send(validation)
                #expect(reply.status == (method == "POST" ? 201 : 200))
                #expect(reply.headers.contains(#"299 - "unknown field \"spec.containers[0].colour\"""#) == warns)
                #expect(reply.json["spec", "containers"]?.elements.first?["colour"] == nil)
            }
            #expect(try await send("&fieldValidation=Loud").status == 400)
        }
    }

    @Test("protobuf that ends early, nests without end or names no known kind is refused")
    func refusesProtobuf() {
        let magic: [UInt8] = [0x6B, 0x38, 0x73, 0]
        let kind = Array("\u{0A}\u{09}\u{0A}\u{02}v1\u{12}\u{03}Pod".utf8)
        #expect((try? ProtobufReader.json(magic + kind))?["kind"] == "Pod")
        for bytes in [[], magic, magic + kind.dropLast(), magic + kind + [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], Array("{}".utf8)] {
            #expect(throws: ProtobufReader.Malformed.self) { try ProtobufReader.json(Array(bytes)) }
        }
    }

    @Test("a strategic patch carries out its directives")
    func directs() {
        let old: JSON = ["containers": [["name": "a"], ["name": "b"]], "nodeSelector": ["x": "y"]]
        let order: JSON = [
            "$setElementOrder/containers": [["name": "c"], ["name": "b"], ["name": "a"]],
            "containers": [["name": "c", "ports": [["containerPort": 1]]]], "nodeSelector": ["$patch": "replace", "z": "1"],
        ]
        let new = StrategicMergePatch.merge(order, into: old, .message("PodSpec"))
        #expect(new["containers"] == [["name": "c", "ports": [["containerPort": 1]]], ["name": "b"], ["name": "a"]])
        #expect(new["nodeSelector"] == ["z": "1"])
        let finalizers: JSON = ["$deleteFromPrimitiveList/finalizers": ["a"], "finalizers": ["c"]]
        let merged = StrategicMergePatch.merge(finalizers, into: ["finalizers": ["a", "b"]], .message("ObjectMeta"))
        #expect(merged == ["finalizers": ["b", "c"]])
    }
}
