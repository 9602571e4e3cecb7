// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// A run's own part of the cgroup hierarchies: on a pure v2 machine one tree, on a hybrid one a tree in v2 and in each v1 controller
/// that readers of cgroups look at.
struct CgroupTree {
    /// Mount points such as /sys/fs/cgroup/unified.
    let mounts: [String]
    /// The directory's name below each mount point.
    let name: String

    /// Finds the hierarchies; throws when there is no v2 one.
    init(name: String, mountTable: String = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? "") throws(DemoError) {
        // A v1 cpuset has no processors at first and so takes no process; the other controllers say nothing that these do not.
        let wanted: Set<Substring> = ["memory", "pids", "name=systemd"]
        let lines = mountTable.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.count > 3 }
        let unified = lines.filter { $0[2] == "cgroup2" }.prefix(1)
        let controllers = lines.filter { $0[2] == "cgroup" && !wanted.isDisjoint(with: $0[3].split(separator: ",")) }
        guard !unified.isEmpty else {
            throw DemoError(code: .notPossible, message: "no cgroup2 file system is mounted (looked in /proc/self/mounts)")
        }
        mounts = (unified + controllers).map { String($0[1]) }
        self.name = name
    }

    /// The run's directory in each hierarchy.
    var roots: [String] { mounts.map { "\($0)/\(name)" } }

    /// Makes a container's cgroup in the form that the kubelet gives a burstable pod under the systemd driver; its directories.
    func makeContainer(podUID: String, containerID: String) throws(DemoError) -> [String] {
        let pod = "kubepods-burstable-pod\(podUID.replacingOccurrences(of: "-", with: "_")).slice"
        let path = "kubepods.slice/kubepods-burstable.slice/\(pod)/cri-containerd-\(containerID).scope"
        let directories = roots.map { "\($0)/\(path)" }
        do {
            for directory in directories {
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            }
        } catch {
            throw DemoError(code: .notPossible, message: "cannot make a cgroup: \(error)")
        }
        return directories
    }

    /// Ends every process below a run's cgroup directory and removes it; false when something stays.
    static func remove(_ root: String) -> Bool {
        guard let all = FileManager.default.enumerator(atPath: root) else { return true }
        let below = all.compactMap { $0 as? String }.map { "\(root)/\($0)" }
        let directories = ([root] + below.filter { $0.isDirectory }).sorted { $0.count > $1.count }
        return waitFor(seconds: 3) {
            for process in directories.flatMap({ members(of: $0) }) { kill(process, SIGKILL) }
            for directory in directories { rmdir(directory) }
            return access(root, F_OK) != 0
        }
    }

    private static func members(of directory: String) -> [Int32] {
        let text = (try? String(contentsOfFile: directory + "/cgroup.procs", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { Int32($0) }
    }
}

extension String {
    fileprivate var isDirectory: Bool {
        var found: ObjCBool = false
        return FileManager.default.fileExists(atPath: self, isDirectory: &found) && found.boolValue
    }
}
