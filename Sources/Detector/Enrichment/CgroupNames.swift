// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// A cgroup's name, when it is one that a container runtime gives.
///
/// Known are `<id>`, `<runtime>-<id>`, `<runtime>-<id>.scope` and `<slice>:<runtime>:<id>`, where the id is 64 hex digits. The
/// monitors that CRI-O and Podman put beside their containers (`crio-conmon-<id>.scope`) are none.
struct ContainerName {
    let id: ByteView
    let runtime: ByteView
    /// What stands before the first colon of the form with colons.
    let slice: ByteView?

    init?(_ component: ByteView) {
        let name = component.withoutSuffix(".scope")
        guard name.count >= 64 else { return nil }
        let id = name.slice(name.count - 64, name.count)
        guard id.isLowerHex else { return nil }
        self.id = id
        guard name.count > 64 else {
            runtime = .empty
            slice = nil
            return
        }
        let head = name.slice(0, name.count - 65)
        let colon = head.raw.lastIndex(of: UInt8(ascii: ":"))
        if name[head.count] == UInt8(ascii: ":"), let colon {
            runtime = head.slice(colon + 1, head.count)
            slice = head.slice(0, colon)
        } else if name[head.count] == UInt8(ascii: "-") {
            runtime = head
            slice = nil
        } else {
            return nil
        }
        guard Self.isRuntime(runtime) else { return nil }
    }

    private static func isRuntime(_ name: ByteView) -> Bool {
        name.equals(StaticBytes.view("cri-containerd")) || name.equals(StaticBytes.view("docker"))
            || name.equals(StaticBytes.view("crio")) || name.equals(StaticBytes.view("libpod"))
            || name.equals(StaticBytes.view("nerdctl")) || name.equals(StaticBytes.view("containerd"))
    }
}

/// A cgroup's name without `.slice`, when it is one that a kubelet gives to a pod: `pod<uid>`, or `<parent>-pod<uid>` with systemd.
struct PodName {
    let uid: ByteView
    /// The name of the slice above, as systemd repeats it; empty with the cgroupfs driver.
    let prefix: ByteView

    init?(_ name: ByteView) {
        let word = StaticBytes.view("pod")
        // The UID of a pod from the API has 36 characters, that of a static pod (a hash of its file) 32.
        for length in [36, 32] where name.count >= word.count + length {
            let uid = name.slice(name.count - length, name.count)
            let head = name.slice(0, name.count - length)
            guard uid.isPodUID, head.ends(with: word) else { continue }
            let before = head.slice(0, head.count - word.count)
            guard before.isEmpty || before[before.count - 1] == UInt8(ascii: "-") else { return nil }
            self.uid = uid
            prefix = before.slice(0, max(0, before.count - 1))
            return
        }
        return nil
    }
}

/// Views of texts in the program itself, which live for ever.
enum StaticBytes {
    static func view(_ text: StaticString) -> ByteView {
        ByteView(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

extension ByteView {
    /// The bytes before that ending; all of them when they do not end so.
    func withoutSuffix(_ suffix: StaticString) -> ByteView {
        let ending = StaticBytes.view(suffix)
        return ends(with: ending) ? slice(0, count - ending.count) : self
    }

    /// True for lower-case hex digits only.
    var isLowerHex: Bool { raw.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) } }

    /// True for 32 hex digits, or 36 with `-` (systemd: `_`) in a UUID's four places.
    var isPodUID: Bool {
        guard count == 36 else { return count == 32 && isLowerHex }
        let separator = self[8]
        guard separator == UInt8(ascii: "-") || separator == UInt8(ascii: "_") else { return false }
        return raw.indices.allSatisfy { index in
            [8, 13, 18, 23].contains(index) ? raw[index] == separator : slice(index, index + 1).isLowerHex
        }
    }

    /// A pod UID as the API spells it.
    var dashed: String { String(decoding: raw.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }, as: UTF8.self) }

    /// True for the kubelet's top cgroup without `.slice`: `kubepods`, or `<root>-kubepods` below a `--cgroup-root`.
    var isKubepods: Bool { equals(StaticBytes.view("kubepods")) || ends(with: StaticBytes.view("-kubepods")) }

    /// True for the kubelet's level of service below that, without `.slice`.
    var isQualityOfService: Bool {
        equals(StaticBytes.view("burstable")) || equals(StaticBytes.view("besteffort"))
            || ends(with: StaticBytes.view("kubepods-burstable")) || ends(with: StaticBytes.view("kubepods-besteffort"))
    }
}
