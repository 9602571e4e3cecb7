// SPDX-License-Identifier: Apache-2.0
import EventModel
import Testing

@testable import Enrichment

private let a = String(repeating: "a1", count: 32)
private let b = String(repeating: "b2", count: 32)
private let uid = "0c6a1b7e-53b5-4c1d-9c0f-2f3d4e5a6b7c"
private let victim = "11111111-2222-3333-4444-555555555555"
private let hash = "0123456789abcdef0123456789abcdef"

private func underscored(_ uid: String) -> String { String(uid.map { $0 == "-" ? "_" : $0 }) }

private func read(_ path: String) -> CgroupMembership? {
    let owned = ByteString(path)
    return withExtendedLifetime(owned) { CgroupPath.membership(of: owned.view) }
}

@Suite("What a cgroup path says")
struct CgroupPathTests {
    struct Form: CustomTestStringConvertible, Sendable {
        let path: String, id: String?, uid: String?, runtime: String
        var testDescription: String { path }
        init(_ path: String, _ id: String?, _ uid: String? = nil, _ runtime: String = "") {
            (self.path, self.id, self.uid, self.runtime) = (path, id, uid, runtime)
        }
    }

    @Test(
        "Every form that a runtime gives is read",
        arguments: [
            Form(
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(underscored(uid)).slice/cri-containerd-\(a).scope",
                a, uid, "cri-containerd"),
            Form("/kubepods.slice/kubepods-pod\(underscored(uid)).slice/crio-\(a).scope", a, uid, "crio"),
            Form("/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod\(hash).slice/docker-\(a).scope", a, hash, "docker"),
            Form("/kubepods/burstable/pod\(uid)/\(a)", a, uid),
            Form("/kubepods/pod\(uid)/\(a)", a, uid),
            Form("/kubepods/besteffort/pod\(uid)/crio-\(a)", a, uid, "crio"),
            Form("/kubelet/kubepods/burstable/pod\(uid)/\(a)", a, uid),
            Form(
                "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
                    + "kubelet-kubepods-burstable-pod\(underscored(uid)).slice/cri-containerd-\(a).scope", a, uid, "cri-containerd"),
            Form(
                "/system.slice/containerd.service/kubepods-burstable-pod\(underscored(uid)).slice:cri-containerd:\(a)", a, uid,
                "cri-containerd"),
            Form("/kubepods-pod\(underscored(uid)).slice:cri-containerd:\(a)", a, uid, "cri-containerd"),
            Form("/docker/\(a)", a), Form("/system.slice/docker-\(a).scope", a, nil, "docker"),
            Form("/system.slice/nerdctl-\(a).scope", a, nil, "nerdctl"), Form("/default/\(a)", a), Form("/k8s.io/\(a)", a),
            Form("/machine.slice/libpod-\(a).scope/container", a, nil, "libpod"),
            Form("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(a).scope", a, nil, "libpod"),
            Form("/../../kubepods/burstable/pod\(uid)/\(a)", a, uid),
        ])
    func forms(form: Form) {
        let found = read(form.path)
        #expect(found?.container.text == form.id)
        #expect(found?.podUID?.text == form.uid)
        #expect(found?.runtime == form.runtime)
    }

    @Test(
        "A path without a container is the host's",
        arguments: [
            "", "/", "/system.slice/sshd.service", "/user.slice/user-0.slice/session-1.scope",
            "/kubepods.slice/kubepods-pod\(underscored(uid)).slice", "/process_api/5614439fd1bc770dec46fd667012ab3a",
            "/kubepods.slice/kubepods-pod\(underscored(uid)).slice/crio-conmon-\(a).scope",
            "/machine.slice/libpod-conmon-\(a).scope", "/x/\(a.uppercased())", "/x/\(a.dropLast())", "/x/\(a)0",
            "/x/unknown-\(a).scope", "/x/\(a.dropLast())g",
        ])
    func host(path: String) { #expect(read(path) == nil) }

    @Test(
        "A cgroup nested in a container does not change whose it is",
        arguments: [
            "/kubepods/burstable/pod\(uid)/\(a)/kubepods/burstable/pod\(victim)/\(b)",
            "/kubepods/burstable/pod\(uid)/\(a)/\(b)",
            "/kubepods/burstable/pod\(uid)/\(a)/docker-\(b).scope",
            "/kubepods/burstable/pod\(uid)/\(a)/kubepods-pod\(underscored(victim)).slice:cri-containerd:\(b)",
            "/kubepods/burstable/pod\(uid)/\(a)/../../pod\(victim)/\(b)",
        ])
    func nested(path: String) {
        #expect(read(path)?.container.text == a)
        #expect(read(path)?.podUID?.text == uid)
    }

    @Test(
        "A name in the form of a pod's counts only in the kubelet's own place",
        arguments: [
            "/pod\(victim)/\(b)", "/burstable/pod\(victim)/\(b)", "/system.slice/pod\(victim)/\(b)",
            "/kubepods/x/pod\(victim)/\(b)", "/kubepods/pod\(victim)/x/\(b)", "/kubepods/pod\(uid)/x/kubepods/pod\(victim)/\(b)",
            "/kubepods.slice/other-pod\(underscored(victim)).slice/docker-\(b).scope",
            "/kubepods.slice/evil-kubepods-burstable.slice/kubepods-burstable-pod\(underscored(victim)).slice/\(b)",
            "/kubepods/pod\(victim.dropLast())/\(b)", "/kubepods/podzzzzzzzz-2222-3333-4444-555555555555/\(b)",
            "/x.slice/kubepods-pod\(underscored(victim)).slice/docker-\(b).scope",
        ])
    func falsePod(path: String) {
        #expect(read(path)?.container.text == b)
        #expect(read(path)?.podUID == nil)
    }

    @Test(
        "Where users or other engines name cgroups, no container is taken for a pod's",
        arguments: [
            "/user.slice/user-1000.slice/user@1000.service/kubepods/pod\(victim)/\(b)",
            "/user.slice/user-1000.slice/user@1000.service/docker-\(b).scope",
            "/user.slice/user-1000.slice/user@1000.service/kubepods-pod\(underscored(victim)).slice:cri-containerd:\(b)",
            "/machine.slice/machine-guest.scope/kubepods/pod\(victim)/\(b)", "/lxc.payload.guest/kubepods/pod\(victim)/\(b)",
            "/system.slice/someone.service/kubepods/pod\(victim)/\(b)",
            "/system.slice/someone.service/kubepods-pod\(underscored(victim)).slice:cri-containerd:\(b)",
        ])
    func foreign(path: String) {
        #expect(read(path)?.podUID == nil)
        #expect(read(path)?.mayBelongToPod == false)
    }

    @Test(
        "A runtime is asked about no container that a login's user or a guest named, and about all others",
        arguments: [
            ("/user.slice/user-1000.slice/user@1000.service/docker-\(b).scope", false), ("/lxc.payload.guest/docker/\(b)", false),
            ("/machine.slice/libpod-\(b).scope", true), ("/system.slice/docker-\(b).scope", true),
            ("/kubepods/burstable/pod\(victim)/\(b)", true),
        ])
    func asked(path: String, isAsked: Bool) { #expect(read(path)?.mayBeAsked == isAsked) }

    @Test("Of both hierarchies the kubelet's form counts more; else v1 does")
    func hierarchies() {
        let kubelet = ByteString("/kubepods/pod\(uid)/\(a)"), other = ByteString("/docker/\(b)"), root = ByteString("/")
        withExtendedLifetime((kubelet, other, root)) {
            #expect(CgroupPath.membership(v2: kubelet.view, v1: other.view)?.container.text == a)
            #expect(CgroupPath.membership(v2: other.view, v1: kubelet.view)?.container.text == a)
            #expect(CgroupPath.membership(v2: other.view, v1: root.view)?.container.text == b)
            #expect(CgroupPath.membership(v2: root.view, v1: other.view)?.container.text == b)
            #expect(CgroupPath.membership(v2: root.view, v1: root.view) == nil)
        }
    }
}
