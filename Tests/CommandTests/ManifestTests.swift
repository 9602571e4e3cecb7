// SPDX-License-Identifier: Apache-2.0
import Actions
import Foundation
import Guardrails
import ResponseLanguage
import SourceText
import Testing
import Yams

@testable import saker

@Suite("manifests/")
struct ManifestTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let needsTools = Tool.isThere("kubectl") && Tool.isThere("kubernetes-validate")

    private static func built(_ directory: String) throws -> String {
        let (code, text) = try Tool.run("kubectl", "kustomize", directory)
        try #require(code == 0, "\(text)")
        return text
    }

    /// The objects that the base comes to.
    private static func objects() throws -> [[String: Any]] {
        try Yams.load_all(yaml: try built("manifests/base")).compactMap { $0 as? [String: Any] }
    }

    private static func object(_ kind: String, _ name: String) throws -> [String: Any] {
        let found = try objects().first { $0["kind"] as? String == kind && ($0["metadata"] as? [String: Any])?["name"] as? String == name }
        return try #require(found, "there is no \(kind) \(name)")
    }

    private static func podSpec(_ kind: String, _ name: String) throws -> [String: Any] {
        let spec = try object(kind, name)["spec"] as? [String: Any]
        return try #require((spec?["template"] as? [String: Any])?["spec"] as? [String: Any])
    }

    @Test(
        "Base and overlay are valid by the schemas of the API, strictly",
        .enabled(if: needsTools, "kubectl or kubernetes-validate is missing"),
        arguments: ["manifests/base", "manifests/overlays/act"])
    func valid(directory: String) throws {
        let text = try Self.built(directory)
        let file = try folder.write("all.yaml", text)
        let (code, says) = try Tool.run("kubernetes-validate", "--strict", "--quiet", file)
        #expect(code == 0, "\(says)")
        // The same call must see a key that is not there.
        let wrong = try folder.write("wrong.yaml", text.replacing("hostPID: true", with: "hostPid: true"))
        #expect(try Tool.run("kubernetes-validate", "--strict", "--quiet", wrong).code != 0)
    }

    @Test("The overlay acts, with an image of its own; the base only rehearses", .enabled(if: needsTools, "kubectl is missing"))
    func overlay() throws {
        let text = try Self.built("manifests/overlays/act")
        #expect(text.contains("name: SAKER_MODE\n          value: act") && text.contains("image: registry.example.com/saker:0.1.0"))
        #expect(try !Self.built("manifests/base").contains("SAKER_MODE"))
        let configuration = try Self.configuration("respond-config.yaml")
        #expect(configuration.mode == .rehearse)
    }

    @Test("The checked-in rights are those that saker rbac prints for responses/", arguments: ["detect", "respond"])
    func rights(part: String) throws {
        let path = "manifests/base/\(part)-rights.yaml"
        let arguments = ["rbac", part, "--responses", "responses", "--senders", "manifests/base/senders.yaml"]
        let saker = try SakerProcess(arguments, in: folder, directory: ConfigurationTests.root)
        try #require(saker.end(within: 60) == 0, "\(saker.text)")
        let stored = try String(contentsOf: ConfigurationTests.root.appending(path: path), encoding: .utf8)
        #expect(stored == saker.text, "write it anew: saker \(arguments.joined(separator: " ")) > \(path)")
    }

    @Test("The detector's account can change nothing in the cluster", .enabled(if: needsTools, "kubectl is missing"))
    func detectorReads() throws {
        let rules = try #require(try Self.object("ClusterRole", "saker-detect")["rules"] as? [[String: Any]])
        let verbs = Set(rules.flatMap { $0["verbs"] as? [String] ?? [] })
        #expect(!verbs.isEmpty && verbs.subtracting(["get", "list", "watch"]) == [])
    }

    @Test("The pods have the privileges that SECURITY.md says, and no others", .enabled(if: needsTools, "kubectl is missing"))
    func privileges() throws {
        let detect = try Self.podSpec("DaemonSet", "saker-detect"), respond = try Self.podSpec("StatefulSet", "saker-respond")
        let security = try String(contentsOf: ConfigurationTests.root.appending(path: "SECURITY.md"), encoding: .utf8)
        for (pod, given) in [(detect, ["BPF", "PERFMON", "SYS_PTRACE", "DAC_READ_SEARCH"]), (respond, [])] {
            let container = try #require((pod["containers"] as? [[String: Any]])?.first)
            let context = try #require(container["securityContext"] as? [String: Any])
            let capabilities = try #require(context["capabilities"] as? [String: [String]])
            #expect(capabilities["drop"] == ["ALL"] && capabilities["add"] ?? [] == given)
            #expect(given.filter { !security.contains("CAP_\($0)") } == [])
            #expect(context["readOnlyRootFilesystem"] as? Bool == true && context["allowPrivilegeEscalation"] as? Bool == false)
            #expect(context["privileged"] == nil)
            // A variable of a service link would be an unknown key of the configuration.
            #expect(pod["enableServiceLinks"] as? Bool == false)
        }
        #expect(detect["hostPID"] as? Bool == true && detect["hostNetwork"] == nil)
        #expect(respond["hostPID"] == nil && (respond["securityContext"] as? [String: Any])?["runAsNonRoot"] as? Bool == true)
        let volumes = respond["volumes"] as? [[String: Any]] ?? []
        #expect(!volumes.isEmpty && volumes.allSatisfy { $0["hostPath"] == nil })
    }

    @Test(
        "The ConfigMaps hold every file of rules/ and responses/", .enabled(if: needsTools, "kubectl is missing"),
        arguments: ["rules", "responses"])
    func files(of directory: String) throws {
        let data = try #require(try Self.object("ConfigMap", "saker-\(directory)")["data"] as? [String: String])
        let url = ConfigurationTests.root.appending(path: directory)
        let names = try FileManager.default.contentsOfDirectory(atPath: url.path).filter { $0.hasSuffix(".yaml") }
        #expect(Set(data.keys) == Set(names))
    }

    @Test("The mounted configurations are read without a finding", arguments: ["detect-config.yaml", "respond-config.yaml"])
    func configurations(name: String) throws {
        let configuration = try Self.configuration(name)
        #expect(configuration != Configuration())
    }

    private static func configuration(_ name: String) throws -> Configuration {
        let url = ConfigurationTests.root.appending(path: "manifests/base/\(name)")
        let file = SourceFile(name: name, text: try String(contentsOf: url, encoding: .utf8))
        var reader = ConfigReader()
        reader.read(file)
        #expect(reader.diagnostics.rendered(from: [file]) == "")
        return reader.configuration
    }
}

@Suite("Hosts and images")
struct PackagingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let unit = ConfigurationTests.root.appending(path: "manifests/systemd/saker.service")

    @Test(
        "The systemd unit is right, and leaves a service little to harm",
        .enabled(if: Tool.isThere("systemd-analyze"), "systemd-analyze is missing"))
    func unit() throws {
        // The program must be there to be verified.
        let text = try String(contentsOf: Self.unit, encoding: .utf8).replacing("/usr/bin/saker", with: "/bin/true")
        let file = try folder.write("saker.service", text)
        let (code, says) = try Tool.run("systemd-analyze", "verify", file)
        #expect(code == 0 && !says.contains("saker.service"), "\(says)")
        // In tenths: 30 is 3.0 of 10, where 9.6 is a service without any restriction.
        let exposure = try Tool.run("systemd-analyze", "security", "--offline=true", "--threshold=30", file)
        #expect(exposure.code == 0, "\(exposure.text)")
    }

    @Test("The unit gives the capabilities that the detector's pod has")
    func capabilities() throws {
        let unit = try String(contentsOf: Self.unit, encoding: .utf8)
        let pod = try String(contentsOf: ConfigurationTests.root.appending(path: "manifests/base/detect.yaml"), encoding: .utf8)
        let held = try #require(unit.firstMatch(of: /CapabilityBoundingSet=(.*)/)?.1)
        let added = try #require(pod.firstMatch(of: /add: \[(.*)\]/)?.1)
        #expect(held.split(separator: " ").map { $0.dropFirst(4) } == added.split(separator: ", "))
    }

    private static let canTry = geteuid() == 0 && access("/sys/kernel/btf/vmlinux", R_OK) == 0 && Tool.isThere("setpriv")

    @Test(
        "An image holds all that the program needs: saker doctor finds in it, with the pod's rights, what the kernel allows",
        .enabled(if: canTry || ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1", "needs root, BTF and setpriv"))
    func image() throws {
        let (code, says) = try Tool.run("scripts/image", SakerProcess.program.path, folder.url.path + "/image", within: 120)
        #expect(code == 0, "\(says)")
        #expect(says.contains("everything that the probe needs is there") && says.contains("MiB"), "\(says)")
        #expect(FileManager.default.fileExists(atPath: folder.url.path + "/image/saker.tar"))
    }
}
